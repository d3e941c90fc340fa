import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { CivicClient } from 'passport-civic-sip'
import { isThere, launchChromiumEngine, launchFirefox, launchWebKit, until } from '../support/engines.ts'
import type { Engine } from '../support/engines.ts'
import { logPage } from './log-page.ts'
import { startSite } from './site.ts'
import type { Site } from './site.ts'

const engines = [
  { name: 'Chromium', launch: launchChromiumEngine },
  {
    name: 'Firefox',
    launch: (context: Mocha.Context) => launchFirefox(context, { 'network.cookie.cookieBehavior': 1 }),
  },
  { name: 'WebKit, Safari’s engine', launch: launchWebKit },
]

/** A site in the browser of a phone, where the wallet is on the same screen. */
const phonePage = logPage('ANONYMOUS_LOGIN').replace(
  '<script src',
  `<script>Object.defineProperty(navigator, 'userAgent', { value: 'iPhone Mobile' })</script>\n<script src`,
)

for (const { name, launch } of engines) {
  describe(`CivicJS on a phone, there and back, in ${name}`, () => {
    const closing: (() => Promise<void>)[] = []
    const civic = { url: '', appId: '' }
    let engine: Engine, sandbox: Sandbox, site: Site

    before(async function () {
      this.timeout(60_000)
      engine = await launch(this)
      closing.push(() => engine.close())
      sandbox = await createSandbox()
      closing.push(() => sandbox.close())
      // Another host than the site's: to the browser, the iframe is a third party.
      civic.url = sandbox.url
      site = await startSite(civic, { 'site.html': phonePage })
      closing.push(() => site.close())
      civic.appId = sandbox.createApp({ name: 'A site', whitelist: [site.origin] }).appId
    })
    after(() => Promise.all(closing.map((close) => close())))

    const click = async (selector: string): Promise<void> => {
      await isThere(engine, selector)
      await engine.click(selector)
    }
    const text = (expression: string): Promise<string> =>
      until(async () => {
        const found = await engine.evaluate(expression)
        return typeof found === 'string' ? found : ''
      })
    /** Forgets whatever the iframe page could keep, where the browser lets it keep anything. */
    const forget = `(function () { try { localStorage.clear() } catch (error) {} return true })()`

    /** Approves as soon as the wallet has verified what the site asks for; true once it did. */
    const approveOrVerify = `(function () {
      var approve = document.querySelector('.actions .primary:enabled')
      var next = approve || document.querySelector('.narrow .button.primary:enabled')
      if (next) next.click()
      return approve !== null
    })()`

    /** Starts a login at a page of the site, and returns the link to the wallet. */
    async function start(path: string): Promise<string> {
      await engine.goto(site.origin + path)
      await engine.click('#login')
      const link = await until(async () => {
        const found = await engine.evaluateInFrame(`(function () {
          var node = document.querySelector('#code:not([hidden]) #wallet')
          return node ? node.href : ''
        })()`)
        return typeof found === 'string' ? found : ''
      })
      await engine.evaluateInFrame(forget)
      return link
    }

    it('logs in the person who approved in the wallet and went back', async () => {
      await engine.goto(await start('/site.html?next=1#top'))
      await click('.people li:first-child button')
      await until(() => engine.evaluate(approveOrVerify))
      const back = await text("(document.querySelector('.middle a.primary') || {}).href")
      assert.ok(back.startsWith(`${site.origin}/site.html?next=1&uuid=`), back)
      await engine.click('.middle a.primary')
      const token = await text(`(window.events || [])
        .filter(function (entry) { return entry[0] === 'auth-code-received' })
        .map(function (entry) { return entry[1].response })[0]`)
      const client = new CivicClient(sandbox.strategyOptions(civic.appId))
      assert.match((await client.exchangeCode(token)).userId, /^[0-9a-f]{64}$/)
      assert.equal(await engine.evaluate('location.search + location.hash'), '?next=1#top')
    })

    it('does nothing with the uuid of somebody else’s login', async () => {
      const uuid = /[^/]+(?=\/callback$)/.exec(await start('/site.html'))![0]
      await sandbox.wallet().approve(uuid)
      await engine.evaluate('localStorage.clear()')
      await engine.goto(`${site.origin}/site.html?uuid=${uuid}`)
      await isThere(engine, '#login')
      assert.equal(await engine.evaluate("document.querySelector('.civic-modal') === null"), true)
      assert.equal(await engine.evaluate('location.search'), '')
    })
  })
}
