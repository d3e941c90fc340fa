import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { Browser, BrowserContext } from 'playwright-core'
import { launchChromium } from '../helpers/browser.ts'
import { FakeSip } from '../lib/support/sip.ts'
import { strategyFor } from './support/drive.ts'
import { serve, type Listening } from './support/server.ts'
import { createSite } from './support/site.ts'
import { count } from './support/tally.ts'

const AREA = 'Login CSRF: real browser'

describe('a page of a second origin, in a browser', function () {
  this.timeout(60_000)
  const sip = new FakeSip()
  let browser: Browser
  let context: BrowserContext
  let site: Listening
  let evil: Listening
  let page = ''
  let policy = 'unsafe-url'
  /** Tells the status of each login that reached the site. */
  const logins = new EventEmitter()

  before(async function () {
    browser = await launchChromium(this)
    await sip.start()
    evil = await serve((_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/html', 'Referrer-Policy': policy }).end(page)
    })
    const app = createSite(strategyFor(sip))
    site = await serve((req, res) => {
      if (req.url === '/page') {
        res.writeHead(200, { 'Content-Type': 'text/html', 'Referrer-Policy': policy }).end(page)
        return
      }
      if (req.url?.startsWith('/auth/civic')) res.once('finish', () => logins.emit('login', res.statusCode))
      ;(app as (request: typeof req, response: typeof res) => void)(req, res)
    })
  })
  after(async () => {
    await Promise.all([browser.close(), sip.stop(), evil.close(), site.close()])
  })
  beforeEach(async () => {
    policy = 'unsafe-url'
    context = await browser.newContext()
  })
  afterEach(() => context.close())

  const action = (): string => `${site.origin}/auth/civic`
  const form = (target = ''): string => `
    <form method="post" action="${action()}" ${target}><input name="authToken" value="${sip.token()}"></form>
    <script>document.forms[0].submit()</script>`
  const script = (code: string): string => `<script>${code}</script>`
  const body = (): string => `new URLSearchParams({ authToken: ${JSON.stringify(sip.token())} })`

  /** Every way a page has to make a browser post. */
  const attacks: Record<string, () => string> = {
    'a form': () => form(),
    'a form in a frame of its own': () => `<iframe name="f"></iframe>${form('target="f"')}`,
    'a form that opens a window': () => form('target="_blank"'),
    'a form in a sandboxed frame': () =>
      `<iframe sandbox="allow-scripts allow-forms" srcdoc='${form().replaceAll("'", '&#39;')}'></iframe>`,
    'a form in a data URL': () => {
      const source = Buffer.from(form()).toString('base64')
      return `<iframe src="data:text/html;base64,${source}"></iframe>`
    },
    'a form of plain text that is JSON': () => `
      <form method="post" enctype="text/plain" action="${action()}">
      <input name='{"authToken":"${sip.token()}","x":"' value='"}'></form><script>document.forms[0].submit()</script>`,
    'fetch, no-cors': () =>
      script(
        `fetch('${action()}', { method: 'POST', mode: 'no-cors', credentials: 'include', body: ${body()} })`,
      ),
    'fetch, keepalive': () =>
      script(`fetch('${action()}', { method: 'POST', mode: 'no-cors', keepalive: true, body: ${body()} })`),
    'a beacon': () => script(`navigator.sendBeacon('${action()}', ${body()})`),
    XMLHttpRequest: () =>
      script(
        `const x = new XMLHttpRequest(); x.open('POST', '${action()}'); x.withCredentials = true; x.send(${body()})`,
      ),
  }

  const me = async (): Promise<unknown> => {
    const response = await context.request.get(`${site.origin}/me`)
    return ((await response.json()) as { user?: unknown }).user
  }

  /** Opens a page, and gives the status of the login that it makes. */
  async function visit(url: string): Promise<number> {
    const login = once(logins, 'login', { signal: AbortSignal.timeout(20_000) })
    const tab = await context.newPage()
    await tab.goto(url)
    const [status] = (await login) as [number]
    return status
  }

  for (const [name, make] of Object.entries(attacks)) {
    for (const referrer of ['unsafe-url', 'no-referrer']) {
      it(`logs nobody in by ${name} (${referrer})`, async () => {
        for (const host of ['127.0.0.1', 'localhost']) {
          policy = referrer
          page = make()
          const status = await visit(`${evil.origin.replace('127.0.0.1', host)}/`)
          count(AREA, 'refused', status === 200 ? 'accepted' : 'refused')
          assert.equal(status, 403)
          assert.equal(await me(), undefined)
        }
      })
    }
  }

  it('does not follow a link into an account', async () => {
    page =
      `<a href="${action()}?authToken=${sip.token()}">x</a>` + script('document.querySelector("a").click()')
    const status = await visit(`${evil.origin}/`)
    count(AREA, 'refused', status === 200 ? 'accepted' : 'refused')
    assert.equal(status, 403)
    assert.equal(await me(), undefined)
  })

  it('but the site’s own page logs in, by a form and by fetch, whatever its referrer policy', async () => {
    for (const make of [form, () => script(`fetch('/auth/civic', { method: 'POST', body: ${body()} })`)]) {
      for (const referrer of ['no-referrer', 'same-origin', 'unsafe-url']) {
        policy = referrer
        page = make()
        await context.clearCookies()
        const status = await visit(`${site.origin}/page`)
        count(AREA, 'accepted', status === 200 ? 'accepted' : 'refused')
        assert.equal(status, 200)
        assert.notEqual(await me(), undefined)
      }
    }
  })
})
