import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import express from 'express'
import type { RequestHandler } from 'express'
import passport from 'passport'
import type { Browser, BrowserContext } from 'playwright-core'
import type { CivicStrategyOptions } from '../../lib/index.ts'
import { launchChromium } from '../support/browser.ts'
import { FakeSip } from '../support/sip.ts'
import { strategyFor } from '../support/drive.ts'
import { serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'
import { createSite } from './support/site.ts'
import { count } from '../support/tally.ts'

const AREA = 'Login CSRF: real browser'

describe('a page of a second origin, in a browser', function () {
  this.timeout(60_000)
  const sip = new FakeSip()
  let browser: Browser
  let context: BrowserContext
  let site: Listening
  let evil: Listening
  let reloading: Record<string, Listening> = {}
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
    reloading = {
      'a replay store': await serve(createReloadingSite({})),
      'replayStore: false': await serve(createReloadingSite({ replayStore: false })),
    }
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
    const servers = [evil, site, ...Object.values(reloading)]
    await Promise.all([browser.close(), sip.stop(), ...servers.map((server) => server.close())])
  })
  beforeEach(async () => {
    policy = 'unsafe-url'
    context = await browser.newContext()
  })
  afterEach(() => context.close())

  /** A site whose refusal is a page at the address of the post, with a button that reloads it. */
  function createReloadingSite(options: Partial<CivicStrategyOptions>): express.Express {
    const auth = new passport.Passport()
    auth.use(strategyFor(sip, options) as passport.Strategy)
    const app = express()
    app.post('/auth/civic', express.urlencoded({ extended: false }), (req, res, next) => {
      const respond = (_error: unknown, user: unknown, _info: unknown, refusal?: number): void => {
        const status = user ? 200 : (refusal ?? 500)
        logins.emit('login', status, req.get('sec-fetch-site'))
        res.status(status).send('<button onclick="location.reload()">Try again</button>')
      }
      ;(auth.authenticate('civic', respond as never) as RequestHandler)(req, res, next)
    })
    return app
  }

  const action = (): string => `${site.origin}/auth/civic`
  const form = (target = '', to = action()): string => `
    <form method="post" action="${to}" ${target}><input name="authToken" value="${sip.token()}"></form>
    <script>document.forms[0].submit()</script>`
  const script = (code: string): string => `<script>${code}</script>`
  const body = (): string => `new URLSearchParams({ authToken: ${JSON.stringify(sip.token())} })`

  /** Every way a page has to make a browser post. */
  const attacks: Record<string, () => string> = {
    'a form': () => form(),
    'a form in a new frame': () => `<iframe name="f"></iframe>${form('target="f"')}`,
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
          // No parser of this site reads plain text, so that it holds no token
          assert.equal(status, name.includes('plain text') ? 400 : 403)
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
    // A query is not where this site's token is
    assert.equal(status, 400)
    assert.equal(await me(), undefined)
  })

  for (const name of ['a replay store', 'replayStore: false']) {
    it(`logs nobody in when the page of the refusal reloads itself, with ${name}`, async () => {
      page = form('', `${reloading[name]!.origin}/auth/civic`)
      const nextLogin = (): Promise<unknown[]> =>
        once(logins, 'login', { signal: AbortSignal.timeout(20_000) }) as Promise<unknown[]>
      const refused = nextLogin()
      const tab = await context.newPage()
      await tab.goto(`${evil.origin.replace('127.0.0.1', 'localhost')}/`)
      assert.deepEqual(await refused, [403, 'cross-site'])
      const again = nextLogin()
      await tab.getByText('Try again').click()
      // The same body, and now from the site's own page: the browser sees nothing wrong
      const [status, from] = await again
      count(AREA, 'refused', status === 200 ? 'accepted' : 'refused')
      assert.deepEqual([status, from], [401, 'same-origin'])
    })
  }

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
