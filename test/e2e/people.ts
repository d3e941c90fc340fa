import jsQR from 'jsqr'
import { PNG } from 'pngjs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { House } from './house.ts'

const desktop = { viewport: { width: 1280, height: 800 } } as const
const phone = {
  viewport: { width: 375, height: 812 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
} as const

/** What a QR reader finds in the picture of a page; undefined if there is no QR code. */
export async function readQrCode(page: Page): Promise<string | undefined> {
  const { data, width, height } = PNG.sync.read(await page.screenshot())
  return jsQR.default(new Uint8ClampedArray(data), width, height)?.data
}

/** A person at a desk: the site in one browser, the wallet on a phone, the dashboard's mailbox for their mail. */
export class Person {
  readonly #browser: Browser
  readonly #house: House
  readonly #closing: (() => Promise<void>)[] = []
  readonly name: string
  site!: Page
  phone!: Page

  constructor(browser: Browser, house: House, name: string) {
    this.#browser = browser
    this.#house = house
    this.name = name
  }

  async open(url = this.#house.siteUrl, options: BrowserContextOptions = {}): Promise<void> {
    this.site = await this.#page({ ...desktop, ...options })
    this.phone = await this.#page({ ...phone, ...options })
    await this.site.goto(url)
  }

  /** Presses a button of the site and reads the code that appears, from a screenshot. */
  async scan(button: string): Promise<string> {
    await this.site.getByRole('button', { name: button }).click()
    const frame = this.site.frameLocator('#civic-sr-frame')
    const code = frame.getByRole('img', { name: /QR code/ })
    const goOn = frame.getByRole('button', { name: 'Continue' })
    await code.or(goOn).waitFor()
    if (await goOn.isVisible()) await goOn.click()
    await code.waitFor()
    // It fades in: look until the reader finds it
    for (;;) {
      const link = await readQrCode(this.site)
      if (link !== undefined) return link
    }
  }

  /** Opens the scanned link on the phone, where the wallet is this person's. */
  async follow(link: string): Promise<void> {
    await this.phone.goto('about:blank')
    await this.phone.goto(link)
    const approve = this.phone.getByRole('button', { name: 'Approve' })
    const choice = this.phone.getByRole('button', { name: this.name })
    await approve.or(choice).first().waitFor()
    if (await choice.isVisible()) await choice.click()
    await approve.waitFor()
  }

  /** Approves, and verifies on the phone what the request asks for and is not verified yet. */
  async approve(): Promise<void> {
    await this.phone.getByRole('button', { name: 'Approve' }).click()
    const send = this.phone.getByRole('button', { name: 'Send the code' })
    const picture = this.phone.getByRole('button', { name: 'Take the picture and verify' })
    const approved = this.phone.getByRole('heading', { name: 'Approved' })
    await send.or(picture).or(approved).waitFor()
    if (await send.isVisible()) {
      await send.click()
      await this.phone.getByLabel('Code from the email').fill(await this.#mailedCode())
      await this.phone.getByRole('button', { name: 'Verify email' }).click()
      await picture.or(approved).waitFor()
    }
    if (await picture.isVisible()) await picture.click()
    await approved.waitFor()
  }

  async deny(): Promise<void> {
    await this.phone.getByRole('button', { name: 'Decline' }).click()
    await this.phone.getByRole('heading', { name: 'You declined this request.' }).waitFor()
  }

  /** Goes all the way, from the site's button to what the site then says was `done`. */
  async enter(button: string, done: 'signup' | 'login' | 'proof'): Promise<void> {
    await this.follow(await this.scan(button))
    await this.approve()
    await this.site.waitForURL(`**/account?done=${done}`)
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.map((close) => close()))
  }

  /** Reads the newest mail to this person in the test mailbox. */
  async #mailedCode(): Promise<string> {
    const address = `To ${this.name.toLowerCase().replace(' ', '.')}@example.org`
    const mailbox = await this.#page(desktop)
    await mailbox.goto(`${this.#house.sandbox.url}/sandbox#mail`)
    const mail = mailbox.locator('li', { hasText: address }).first()
    return /Your code is (\d{6})/.exec(await mail.innerText())![1]!
  }

  async #page(options: BrowserContextOptions): Promise<Page> {
    const context = await this.#browser.newContext(options)
    this.#closing.push(() => context.close())
    return context.newPage()
  }
}
