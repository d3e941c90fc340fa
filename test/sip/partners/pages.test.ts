import assert from 'node:assert/strict'
import { Wallet } from 'civic-wallet'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from '../../support/browser.ts'
import { assertAccessible } from '../../support/pages-stage.ts'
import { hosts, Server } from './support/server.ts'

/** Whose wallet is on the same device. */
const PHONE: BrowserContextOptions = {
  viewport: { width: 375, height: 720 },
  isMobile: true,
  hasTouch: true,
  userAgent: 'Mozilla/5.0 (Linux; Android 14) Mobile',
}

describe('sip: the dashboard of partners in a browser', () => {
  let server: Server
  let browser: Browser
  before(async function () {
    browser = await launchChromium(this)
    server = await Server.start(undefined, { realPeople: true })
  })
  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  async function visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage()
    page.on('pageerror', (error) => {
      throw error
    })
    page.on('console', (message) => {
      assert.doesNotMatch(message.text(), /Content Security Policy|violates/)
    })
    await page.goto(path.startsWith('http') ? path : server.sip.url + path)
    return page
  }

  /** Approves what the page's dialog asks next. @returns what the wallet showed */
  async function approve(page: Page, wallet: Wallet, press: () => Promise<unknown>): Promise<string> {
    const started = page.waitForResponse((response) => response.url().endsWith('/sip/partners/start'))
    await press()
    const { link } = (await (await started).json()) as { link: string }
    const request = await wallet.read(link)
    const { confirm = '' } = await wallet.approve(request)
    const frame = page.frameLocator('iframe')
    await frame.locator('#digits').fill(confirm)
    await frame.locator('#digits').press('Enter')
    return request.description
  }

  it('goes from the invite to a proved domain, a secret, and a link for the team', async () => {
    const wallet = new Wallet({ seed: 'ee'.repeat(16), allowPrivate: true })
    const page = await visit(await server.sip.invite())
    await page.getByRole('heading', { name: 'Become a partner?' }).waitFor()
    await page.getByLabel('Name of your organisation').fill('Harbour Books')
    await page.getByLabel('Your name').fill('Ada')
    await approve(page, wallet, () => page.getByRole('button', { name: 'Join with your wallet' }).click())

    await page.getByRole('link', { name: 'New app' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Shop')
    await page.getByLabel('Allowed domains').fill('https://shop.example.org')
    await page.getByRole('button', { name: 'Create app' }).click()
    await page.getByText('Not allowed yet: https://shop.example.org').waitFor()
    await page.getByRole('button', { name: 'Check shop.example.org' }).click()
    await page.getByText('Not found at shop.example.org.').waitFor()
    const value = page.locator('.copied', { has: page.locator('dt:text-is("text")') }).locator('code')
    hosts.set('shop.example.org', await value.innerText())
    await page.getByRole('button', { name: 'Check shop.example.org' }).click()
    await page.getByText('found', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove https://shop.example.org' }).waitFor()

    await page.getByText('This server cannot attest: Phone').first().waitFor()
    await page.getByLabel('Paths of your pages').fill('login')
    await page.getByRole('button', { name: 'Save paths' }).click()
    await page.getByText(/An array of paths, such as \/login/i).waitFor()
    await page.getByLabel('Paths of your pages').fill('/login\n/welcome')
    const saved = page.waitForResponse((response) => response.request().method() === 'PATCH')
    await page.getByRole('button', { name: 'Save paths' }).click()
    const app = (await (await saved).json()) as { returnPaths: string[] }
    assert.deepEqual(app.returnPaths, ['/login', '/welcome'])

    await page.getByRole('button', { name: /^Hide secrets of keys/ }).click()
    const shown = await approve(page, wallet, () =>
      page.getByRole('button', { name: /^Show secrets of keys/ }).click(),
    )
    assert.match(shown, /^Show the secret of keys [0-9a-f]{8} of the app Shop \(\w{9}\)$/)
    await page.getByText('appSecret', { exact: true }).waitFor()

    await page.getByRole('link', { name: 'Team' }).click()
    await page.getByLabel('Email address').fill('ada')
    await page.getByRole('button', { name: 'Send a code' }).click()
    await page.getByText(/^An email address/).waitFor()
    await page.getByLabel('Email address').fill('ada@example.org')
    await page.getByRole('button', { name: 'Send a code' }).click()
    await page.getByText('Sent to ada@example.org.').waitFor()
    await page.getByLabel('Code').fill(server.codeTo('ada@example.org'))
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('button', { name: 'Remove email' }).waitFor()
    await page.getByRole('button', { name: 'Make a link' }).click()
    await page.getByText(/#join\//).waitFor()
    await page.context().close()
  })

  it('lets an operator approve a live app', async () => {
    const owner = await server.owner('Bakery')
    const { appId } = await owner.createApp({ name: 'Bread', whitelist: ['https://bread.example.org'] })
    const [domain] = (await owner.send('GET', `apps/${appId}/domains`)).json as { file: { text: string } }[]
    hosts.set('bread.example.org', domain!.file.text)
    await owner.send('POST', `apps/${appId}/domains/check`, { host: 'bread.example.org' })
    await owner.send('PUT', `apps/${appId}/review`, { live: true, scopes: ['PROOF_OF_AGE'] })
    const wallet = new Wallet({ seed: 'dd'.repeat(16), allowPrivate: true })
    const page = await visit(await server.sip.invite({ operator: true }), { bypassCSP: true })
    await page.getByRole('heading', { name: 'Run this server?' }).waitFor()
    await page.getByLabel('Your name').fill('Olga')
    await approve(page, wallet, () => page.getByRole('button', { name: 'Join with your wallet' }).click())
    await page.getByRole('link', { name: 'Operator' }).click()
    await page.getByText('a live app; proofOfAge').waitFor()
    await page.getByRole('button', { name: 'Refuse' }).click()
    const reason = page.getByLabel('Reason, if you refuse')
    await page.locator('[aria-invalid] + .error').waitFor()
    assert.equal(await reason.getAttribute('aria-invalid'), 'true')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('No reviews are waiting.').waitFor()
    const apps = (await owner.send('GET', 'apps')).json as { environment: string }[]
    assert.equal(apps[0]!.environment, 'live')

    await page.getByLabel('Settings of Bread').click()
    for (const label of ['Ask for the digits from the wallet', 'Give the site the attestations']) {
      const saved = page.waitForResponse((response) => response.request().method() === 'PATCH')
      await page.locator('details[open]').getByLabel(label).click()
      assert.equal((await saved).status(), 204)
    }
    await page.getByRole('checkbox', { name: /^Give the site/, checked: true }).waitFor()
    const { confirm, attestations } = (await server.stores.apps.find(appId))!
    assert.deepEqual({ confirm, attestations }, { confirm: false, attestations: true })
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      await assertAccessible(page)
    }
    await page.context().close()
  })

  it('continues in the tab that a wallet on the same phone leads back to', async () => {
    const wallet = new Wallet({ seed: 'cc'.repeat(16), allowPrivate: true })
    const page = await visit(await server.sip.invite(), PHONE)
    await page.getByLabel('Name of your organisation').fill('Corner shop')
    await page.getByLabel('Your name').fill('Bob')
    const ledBack = async (from: Page, button: string): Promise<Page> => {
      const started = from.waitForResponse((response) => response.url().endsWith('/sip/partners/start'))
      await from.getByRole('button', { name: button }).click()
      const { link } = (await (await started).json()) as { link: string }
      const { redirectUri = '' } = await wallet.approve(await wallet.read(link))
      const tab = await from.context().newPage()
      await tab.goto(redirectUri)
      await tab.getByRole('heading', { name: 'Apps' }).waitFor()
      assert.equal(new URL(tab.url()).hash, '')
      assert.equal(await tab.evaluate(() => localStorage.length), 0)
      return tab
    }
    const tab = await ledBack(page, 'Join with your wallet')
    await tab.getByRole('button', { name: 'Log out' }).click()
    await ledBack(tab, 'Log in with your wallet')
    await page.context().close()
  })

  it('says what is wrong with an invite that was used', async () => {
    const link = await server.sip.invite()
    await server.person().join(link, { name: 'One', partnerName: 'First' })
    const page = await visit(link)
    await page.getByRole('heading', { name: 'This invite cannot be used' }).waitFor()
    await page.context().close()
  })
})
