import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { Wallet } from 'civic-wallet'
import type { Browser } from 'playwright-core'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { readConfig } from '../../sip/lib/config.ts'
import { openSip } from '../../sip/lib/open-sip.ts'
import type { OpenSip } from '../../sip/lib/open-sip.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { launchChromium } from '../support/browser.ts'
import { CLIENTS, exchange, needsCivicsClient } from '../support/civics-client.ts'
import { listen, serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'
import { MailServer } from '../support/mail-server.ts'
import { originalPage, pageOf2017 } from '../support/original-pages.ts'
import { freePort } from '../support/servers.ts'
import { sipPublicKeyAt } from '../support/sip-public-key.ts'
import { AskingPage } from '../support/through-proxy.ts'

const EMAIL = 'contact.personal.email'
const ADDRESS = 'gil@example.org'
const SITE = 'https://shop.example.org'

/** Where original CivicJS of 2018, 2019 and 2021 asked for its QR code, under the API's base. */
const GENERATIONS = ['prod/1.0/', 'prod/', '']

describe("civic-sip-server on the embedded database: Civic's clients", function () {
  this.timeout(120_000)
  const undo: (() => Promise<unknown>)[] = []
  let open: OpenSip
  let wallet: Wallet
  let url: string
  let sipPublicKey: string
  let config: { appId: string; appSecret: string; prvKey: string; env: string; api: string }

  before(async function () {
    needsCivicsClient(this)
    const mails = await MailServer.start()
    undo.push(() => mails.stop())
    const server = createServer()
    const listening: Listening = await listen(server)
    undo.push(() => listening.close())
    url = `http://localhost:${listening.port}`
    const { config: settings } = readConfig({
      PUBLIC_URL: url,
      WALLET_URL: `http://127.0.0.1:${await freePort()}`,
      SIP_SECRET: randomBytes(32).toString('hex'),
      SMTP_URL: mails.url,
      MAIL_FROM: 'Civic <login@example.org>',
    })
    open = await openSip(
      { ...settings, database: 'memory://' },
      { log: new ServerLog('silent'), metrics: new Metrics() },
    )
    undo.push(() => open.close())
    server.on('request', open.sip.router)
    open.start()

    const { prvKey, pubKey } = newKeyPair()
    const app = await open.sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey })
    config = { ...app, prvKey, env: 'prod', api: `${url}/sip/` }
    sipPublicKey = await sipPublicKeyAt(url)

    wallet = new Wallet({ seed: randomBytes(32), trustedSips: [url], allowPrivate: true })
    const attester = `${url}/attester`
    const details = { [EMAIL]: ADDRESS }
    assert.equal((await wallet.attest(attester, details)).state, 'code-sent')
    let { state } = await wallet.attest(attester, details, { [EMAIL]: await mails.codeTo(ADDRESS) })
    // A block comes every second
    for (let at = 0; state === 'anchoring' && at < 50; at++)
      ({ state } = await wallet.attest(attester, details))
    assert.equal(state, 'attested')
  })
  after(async () => {
    for (const step of undo.reverse()) await step()
  })

  /** @returns the code that the page of this generation gets once the wallet has approved */
  async function codeBy(requests: string): Promise<string> {
    const page = new AskingPage(fetch, url, SITE, requests)
    const { confirm } = await wallet.approve(await wallet.read(await page.ask(config.appId, [EMAIL])))
    await page.confirm(confirm)
    return (await page.poll()).authResponse ?? assert.fail('there is no code')
  }

  for (const [version, number] of CLIENTS) {
    for (const requests of GENERATIONS) {
      it(`version ${number} exchanges a code that CivicJS asked for at ${requests}scopeRequest`, async () => {
        const authToken = await codeBy(requests)
        const { userData, error } = await exchange({ version, sipPublicKey, config, authToken })
        assert.equal(error, undefined)
        assert.match(userData!.userId, /^[0-9a-f]{64}$/)
        assert.deepEqual(
          userData!.data.map(({ label, value }) => [label, value]),
          [[EMAIL, ADDRESS]],
        )
      })
    }

    it(`version ${number} is refused with the wrong secret, and spends no code`, async () => {
      const authToken = await codeBy('prod/')
      const wrong = { ...config, appSecret: '0'.repeat(32) }
      const { error } = await exchange({ version, sipPublicKey, config: wrong, authToken })
      assert.match(error ?? '', /Unauthorized|401/)
      assert.equal((await exchange({ version, sipPublicKey, config, authToken })).error, undefined)
    })
  }

  describe('in a page with the original CivicJS', () => {
    const asked = 'appId=YOUR_APP_ID&verificationLevel=civicBasic'
    const pages: Readonly<Record<string, string>> = {
      'of 2017': pageOf2017(`/scopeRequest/prod/index.html?${asked}&isMobile=false&uuid=&api=`),
      'of 2017, whose iframe is at the API': pageOf2017(`/sip/prod/scopeRequest?${asked}`),
      'of 2018': originalPage({ requests: 'prod/1.0/' }),
    }
    let site: Listening
    let browser: Browser
    let html = ''
    let app: typeof config

    before(async function () {
      browser = await launchChromium(this)
      site = await serve((_req, res) => {
        const text = html
          .replaceAll('https://hosted-sip.civic.com', url)
          .replaceAll('YOUR_APP_ID', app.appId)
          // This person has an email address, and no phone
          .replaceAll('civicBasic', 'Anonymous_Login')
        res.setHeader('Content-Type', 'text/html').end(text)
      })
      const { prvKey, pubKey } = newKeyPair()
      const whitelist = [site.origin]
      app = { ...config, ...(await open.sip.createApp({ name: 'Old shop', whitelist, pubKey })), prvKey }
    })
    after(async () => {
      await (browser as Browser | undefined)?.close()
      await (site as Listening | undefined)?.close()
    })

    for (const [which, text] of Object.entries(pages)) {
      it(`${which}, log a person in`, async () => {
        html = text
        const context = await browser.newContext()
        try {
          const page = await context.newPage()
          await page.goto(site.origin)
          const frame = page.frameLocator('#civic-sr-frame')
          await frame.locator('#code').waitFor({ state: 'visible' })
          const link =
            (await frame.locator('#wallet').getAttribute('href')) ?? assert.fail('there is no link')
          const { confirm = '' } = await wallet.approve(await wallet.read(link))
          await frame.locator('#digits').fill(confirm)
          await frame.locator('#digits').press('Enter')
          await page.locator('#civic-sr-frame').waitFor({ state: 'detached' })
          const heard = await page.evaluate<{ event: string; response?: string }[]>('heard')
          const { event, response: authToken } = heard.at(-1) ?? assert.fail('the page has heard nothing')
          assert.equal(event, 'scoperequest:data-received')
          const [version] = CLIENTS[0]!
          const { userData, error } = await exchange({ version, sipPublicKey, config: app, authToken })
          assert.equal(error, undefined)
          assert.match(userData!.userId, /^[0-9a-f]{64}$/)
        } finally {
          await context.close()
        }
      })
    }
  })
})
