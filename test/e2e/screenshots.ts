/** Makes the pictures of docs/images, each at desktop and phone width: `npm run screenshots`. */
import { mkdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { startChromium } from '../support/browser.ts'
import { exchange, postCode } from '../support/partner.ts'
import { openHouse } from './house.ts'
import { Person } from './people.ts'
import { shootWallet } from './wallet-screenshots.ts'

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const MAX_BYTES = 200_000
const widths = { desktop: { width: 1280, height: 800 }, phone: { width: 375, height: 812 } }

async function shoot(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(widths)) {
    const path = `${folder}${name}-${size}.png`
    await page.setViewportSize(viewport)
    await page.evaluate(() => scrollTo(0, 0))
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
    const { size: bytes } = await stat(path)
    console.log(`${path}  ${Math.round(bytes / 1000)} kB`)
    if (bytes > MAX_BYTES) throw new Error(`${path} is larger than ${MAX_BYTES / 1000} kB`)
  }
}

await mkdir(folder, { recursive: true })
const browser = await startChromium()
if (browser === undefined) throw new Error('Chromium not found: install it, or set CHROME_PATH to its path')
const house = await openHouse()
try {
  const { sandbox } = house
  const alice = new Person(browser, house, 'Alice Archer')
  await alice.open(house.siteUrl, { colorScheme: 'light', deviceScaleFactor: 1, isMobile: false })
  await shoot(alice.site, 'home')

  const link = await alice.scan('Sign up with Civic')
  await shoot(alice.site, 'modal')
  await alice.follow(link)
  await alice.phone.getByRole('button', { name: 'Approve' }).and(alice.phone.locator(':enabled')).waitFor()
  await shoot(alice.phone, 'wallet')
  await alice.approve()
  await alice.site.waitForURL('**/account?done=signup')
  await alice.enter('Verify your age', 'proof')
  await shoot(alice.site, 'account')

  // What a partner sees of a few days' work
  const partner = sandbox.strategyOptions()
  await exchange(partner, await sandbox.authCode({ user: 'bob' }))
  await postCode({ ...partner, appSecret: '0'.repeat(32) }, await sandbox.authCode({ user: 'carol' }))
  sandbox.createApp({ name: 'Harbour Books', whitelist: ['https://books.example.org'], environment: 'test' })
  await alice.phone.goto(sandbox.url)
  await alice.phone.getByText('Harbour Books').waitFor()
  await alice.phone.getByText('the HMAC extension does not match').waitFor()
  await shoot(alice.phone, 'dashboard')
  await alice.close()
  await shootWallet(sandbox, shoot)
} finally {
  await browser.close()
  await house.close()
}
