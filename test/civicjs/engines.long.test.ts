import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { CivicClient } from 'passport-civic-sip'
import { launchFirefox, launchWebKit, until } from '../support/engines.ts'
import type { Engine } from '../support/engines.ts'
import { startSite } from './site.ts'
import type { Site } from './site.ts'

const engines = [
  { name: 'Firefox', launch: launchFirefox },
  { name: 'WebKit, Safari’s engine', launch: launchWebKit },
]

for (const { name, launch } of engines) {
  describe(`CivicJS in ${name}`, () => {
    const closing: (() => Promise<void>)[] = []
    const civic = { url: '', appId: '' }
    let engine: Engine, sandbox: Sandbox, site: Site

    before(async function () {
      this.timeout(60_000)
      engine = await launch(this)
      closing.push(() => engine.close())
      sandbox = await createSandbox()
      closing.push(() => sandbox.close())
      civic.url = sandbox.url
      site = await startSite(civic)
      closing.push(() => site.close())
      civic.appId = sandbox.createApp({ name: 'A site', whitelist: [site.origin] }).appId
    })
    beforeEach(() => {
      site.logins.length = 0
    })
    after(() => Promise.all(closing.map((close) => close())))

    /** Opens a page of the site, clicks its button, and returns the uuid of the QR code. */
    async function scan(page: string): Promise<string> {
      await engine.goto(`${site.origin}/${page}`)
      await engine.click('#signupButton')
      const link = await until(() => visible('#code:not([hidden]) #wallet'))
      return link.slice(link.indexOf('#') + 1)
    }

    /** The address or the id of the first such element of the iframe page; empty while there is no such element. */
    const visible = async (selector: string): Promise<string> => {
      const found = await engine.evaluateInFrame(`(function () {
        var node = document.querySelector('${selector}')
        return node ? node.getAttribute('href') || node.id : ''
      })()`)
      return typeof found === 'string' ? found : ''
    }

    async function exchange(): Promise<unknown[]> {
      await until(() => engine.evaluate("document.title === 'Logged in'"))
      const client = new CivicClient(sandbox.strategyOptions(civic.appId))
      const answers = site.logins.map(({ token }) => client.exchangeCode(token))
      return (await Promise.all(answers)).map(({ data }) => [...data].map(({ value }) => value))
    }

    it('signs a person up', async () => {
      const wallet = sandbox.wallet()
      await wallet.approve(await scan('one-instance.html'))
      const { email, phoneNumber } = wallet.person
      assert.deepEqual(await exchange(), [[email, phoneNumber]])
    })

    it('says that the person has declined', async () => {
      await sandbox.wallet().deny(await scan('one-instance.html'))
      await until(() =>
        engine.evaluate("/declined/.test((document.querySelector('.civic-toast') || {}).textContent)"),
      )
      assert.equal(await engine.evaluate("document.querySelector('.civic-show')"), null)
      assert.deepEqual(site.logins, [])
    })

    it('logs a person in', async () => {
      await sandbox.wallet().approve(await scan('bare-string.html'))
      assert.deepEqual(await exchange(), [['CIVIC:IAL1']])
    })
  })
}
