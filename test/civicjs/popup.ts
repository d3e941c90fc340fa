import type { FrameLocator, Locator, Page } from 'playwright-core'

/** The dialog as a person meets it. */
export class Popup {
  readonly dialog: Locator
  readonly frame: FrameLocator
  /** The form of the newest QR request. */
  form: Record<string, string> = {}
  /** The token that the sandbox gave to the iframe page; Stage sees it pass. */
  token = ''

  constructor(readonly page: Page) {
    this.dialog = page.locator('.civic-modal')
    this.frame = page.frameLocator('#civic-sr-frame')
    page.on('request', (request) => {
      if (!request.url().endsWith('/scopeRequest/qrcode')) return
      this.form = Object.fromEntries(new URLSearchParams(request.postData() ?? ''))
    })
  }

  /** Waits for a step of the iframe page: `code`, `read`, `cancelled` and so on. */
  async step(id: string): Promise<Locator> {
    const section = this.frame.locator(`#${id}`)
    await section.waitFor({ state: 'visible' })
    return section
  }

  /** Does what the iframe page's button of that text does. */
  async press(text: string): Promise<void> {
    await this.frame.getByRole('button', { name: text }).click()
  }

  /** What the site has heard so far (log-page.ts). */
  events(): Promise<unknown[]> {
    return this.page.evaluate('events')
  }

  /** How the login ended for the site: its events, but for `read`, which may come before the answer or with it. */
  async outcome(): Promise<unknown[]> {
    const events = (await this.events()) as [string, unknown][]
    return events.filter(([name]) => name !== 'read')
  }

  /** Waits for the QR code and returns the uuid that it carries, as its link for phones has it. */
  async uuid(): Promise<string> {
    await this.step('code')
    const link = await this.frame.locator('#wallet').getAttribute('href')
    return /[^/]+(?=\/callback$)/.exec(link!)![0]
  }

  /** Waits until the dialog has faded. Its empty elements stay in the page. */
  async gone(): Promise<void> {
    await this.frame.owner().waitFor({ state: 'detached' })
    await this.dialog.waitFor({ state: 'hidden' })
  }

  /** Waits for what the page itself tells the person once the dialog is hidden. */
  async toast(text: string): Promise<void> {
    await this.page.getByRole('status').getByText(text, { exact: true }).waitFor()
  }
}
