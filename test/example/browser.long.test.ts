import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../support/browser.ts'
import { startSite } from './site.ts'
import type { TestSite } from './site.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

describe('example: in Chromium', function () {
  this.timeout(120_000)
  let browser: Browser
  let site: TestSite
  let server: Server
  let url: string
  let context: BrowserContext
  let page: Page

  before(async function () {
    browser = await launchChromium(this)
    site = await startSite()
    server = createServer(site.app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://localhost:${(server.address() as AddressInfo).port}`
  })
  after(async () => {
    await (browser as Browser | undefined)?.close()
    ;(server as Server | undefined)?.close()
    await (site as TestSite | undefined)?.close()
  })
  const errors: string[] = []
  const open = async (options: Parameters<Browser['newContext']>[0] = {}) => {
    context = await browser.newContext(options)
    page = await context.newPage()
    errors.length = 0
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    await page.goto(url)
  }
  afterEach(() => context.close())

  /** Presses a button and returns what the QR code says. */
  const press = async (name: string): Promise<string> => {
    await page.getByRole('button', { name }).click()
    const link = page.frameLocator('#civic-sr-frame').locator('#wallet[href]')
    return (await link.getAttribute('href')) ?? ''
  }
  const enter = async (person: string): Promise<void> => {
    await site.sandbox.wallet(person).approve(await press('Sign up with Civic'))
    await page.waitForURL('**/account?done=*')
  }

  it('signs up, logs out, logs in and verifies an age, with no violation of the content security policy', async () => {
    await open()
    await enter('bob')
    assert.match(await page.locator('main').innerText(), /Welcome to Fernhill[^]*bob\.baker@example\.org/)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL(`${url}/`)
    await site.sandbox.wallet('bob').approve(await press('Log in privately'))
    await page.waitForURL('**/account?done=login')
    await site.sandbox.wallet('bob').approve(await press('Verify your age'))
    await page.waitForURL('**/account?done=proof')
    assert.match(await page.locator('main').innerText(), /Over 18/)
    assert.deepEqual(errors, [])
  })

  it('leads to the account that somebody asked for, names them, and knows what is linked already', async () => {
    await open({ permissions: ['clipboard-write', 'clipboard-read'] })
    await page.goto(`${url}/account`)
    await page.getByRole('heading', { name: 'Log in to see your account' }).waitFor()
    await site.sandbox.wallet('erin').approve(await press('Log in with Civic'))
    await page.waitForURL('**/account?done=signup')
    const member = page.getByRole('navigation').getByRole('link')
    const email = await member.textContent()
    assert.match(email ?? '', /@example\.org$/)
    await site.sandbox.wallet('erin').approve(await press('Link an identity'))
    await page.waitForURL('**/account?done=known')
    const notice = page.getByText('This identity is in your account already.')
    assert.equal(await notice.evaluate((node) => node === document.activeElement), true)
    await page.getByRole('button', { name: /^Copy/ }).click()
    await page.getByRole('button', { name: /^Copied/ }).waitFor()
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^[0-9a-f]{64}$/)

    await site.sandbox.wallet('frank').approve(await press('Link an identity'))
    await page.waitForURL('**/account?done=link')
    await page.getByText('Unlink', { exact: false }).first().click()
    await page
      .getByRole('button', { name: /^Yes, unlink it/ })
      .first()
      .click()
    await page.waitForURL('**/account?done=unlink')
    await page.goto(url)
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
    assert.equal(await page.title(), 'Welcome back · Fernhill')
  })

  it('shows the reason of Civic’s refusal, on a phone with one button that is as wide as the screen', async () => {
    await open({ viewport: { width: 375, height: 667 } })
    const { width } = (await page.getByRole('button', { name: 'Sign up with Civic' }).boundingBox())!
    assert.equal(width, 375 - 48)
    await page.getByText('approve in the Civic app on this phone').waitFor()
    await page.route('**/scopeRequest/qrcode', (route) =>
      route.fulfill({
        status: 403,
        headers: { 'Access-Control-Allow-Origin': '*' },
        json: { message: 'Why not.' },
      }),
    )
    await page.getByRole('button', { name: 'Sign up with Civic' }).click()
    await page.locator('#notice').getByText('Why not.').waitFor()
  })

  it('says that nothing was shared when the person declines', async () => {
    await open()
    await site.sandbox.wallet('carol').deny(await press('Sign up with Civic'))
    await page.getByText('You declined this request. Nothing was shared').waitFor()
    assert.deepEqual(await context.cookies(url), [])
  })

  it('says so when Civic’s script does not load', async () => {
    await open()
    await page.route('**/civic.sip.min.js', (route) => route.abort())
    await page.reload()
    await page.getByText('Civic’s script did not load').waitFor()
  })

  it('logs nobody in from another site’s page', async () => {
    await open()
    const authToken = await site.sandbox.authCode({ user: 'alice' })
    const evil = await context.newPage()
    const post = evil.waitForResponse('**/auth/civic')
    const problem = evil.waitForResponse('**/problem?code=CIVIC_CROSS_ORIGIN')
    await evil.goto(
      `data:text/html,<form method="post" action="${url}/auth/civic"><input name="authToken" value="${authToken}">` +
        `</form><script>document.forms[0].submit()</script>`,
    )
    assert.equal((await post).status(), 303)
    assert.equal((await problem).status(), 403)
    assert.deepEqual(await context.cookies(url), [])
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no fault that axe finds, at 375, 768 and 1280 px, ${colorScheme}`, async () => {
      await open({ colorScheme })
      const check = async (what: string) => {
        for (const width of [375, 768, 1280]) {
          await page.setViewportSize({ width, height: 800 })
          await page.evaluate(unfold)
          assert.deepEqual([what, width, await violations(page)], [what, width, []])
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
          assert.ok(overflow <= 0, `${what} is ${overflow} px wider than ${width} px`)
        }
      }
      await check('home')
      await enter('alice')
      await site.sandbox.wallet(`dora ${colorScheme}`).approve(await press('Link an identity'))
      await page.waitForURL('**/account?done=link')
      await check('account')
      await page.goto(`${url}/nowhere`)
      await check('problem')
    })
  }
})

/** Opens what is folded away, so that it is checked too. */
function unfold(): void {
  for (const details of document.querySelectorAll('details')) details.open = true
}

async function violations(page: Page): Promise<string[]> {
  // Added as the browser's own, since the page's policy lets no script in
  await page.evaluate(await readFile(AXE, 'utf8'))
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
