import { Wallet } from 'civic-wallet'
import jsQR from 'jsqr'
import { PNG } from 'pngjs'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { DirectOptions } from '../../lib/direct/index.ts'
import { Site } from '../support/direct-site.ts'
import { BrowserStage, useBrowserStage } from '../support/browser-stage.ts'
import { Popup } from './popup.ts'

/** A phone, whose wallet is on the same device. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 375, height: 720 },
  isMobile: true,
  hasTouch: true,
  userAgent: 'Mozilla/5.0 (Linux; Android 14) Mobile',
}

/** A page of a site with no style sheet but CivicJS's own, which posts what it hears and keeps all events. */
export function directPage(options = "{ direct: '/civic' }", signup = ''): string {
  return `<!doctype html><html lang="en"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/civic/css/civic-modal.min.css">
<main>
  <h1>Shop</h1>
  <button id="login" class="civic-button-a medium" type="button"><span>Log in with Civic</span></button>
  <p id="user"></p>
</main>
<script src="/civic/js/civic.sip.min.js"></script>
<script>
  var events = []
  var address = location.href
  var sip = new civic.sip(${options})
  ;['user-cancelled', 'read', 'civic-sip-error'].forEach(function (name) {
    sip.on(name, function (event) { events.push([name, event]) })
  })
  sip.on('auth-code-received', function (event) {
    events.push(['auth-code-received', event])
    var headers = { 'Content-Type': 'application/json' }
    fetch('/auth/civic-direct', { method: 'POST', headers: headers, body: event.response })
      .then(function (response) {
        if (!response.ok) return sip.retry()
        return response.json().then(function (login) {
          document.getElementById('user').textContent = login.user.id
        })
      })
  })
  document.getElementById('login').onclick = function () { sip.signup(${signup}) }
</script>`
}

/** A Direct site, a wallet and a browser, for the tests of one `describe`. No SIP runs. */
export class DirectStage extends BrowserStage {
  site!: Site
  readonly wallet = new Wallet({ seed: '000102030405060708090a0b0c0d0e0f', allowPrivate: true })
  /** The origin of everything that pages asked for. */
  readonly asked = new Set<string>()
  readonly #html: string
  readonly #direct: Partial<DirectOptions>

  constructor(html: string, direct: Partial<DirectOptions>) {
    super()
    this.#html = html
    this.#direct = direct
  }

  protected set(): Promise<void> {
    return this.startSite(this.#direct)
  }

  protected async startSite(direct: Partial<DirectOptions>): Promise<void> {
    this.site = await Site.start({
      direct: { scopeRequests: ['ANONYMOUS_LOGIN', 'BASIC_SIGNUP'], ...direct },
      before: (req, res, next) => {
        if (req.method !== 'GET' || req.path !== '/') next()
        // The policy of a strict site: CivicJS needs no more
        else res.set('Content-Security-Policy', STRICT).type('html').send(this.#html)
      },
    })
    this.closing(() => this.site.stop())
  }

  /** A person's browser, which polls more often than for people. */
  async person(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.profile(options)
    context.on('request', (request) => this.asked.add(new URL(request.url()).origin))
    await context.route(`${this.site.origin}/civic/frame/index.html`, async (route) => {
      const response = await route.fetch()
      const body = (await response.text()).replace(/data-direct-poll-ms="\d+"/, 'data-direct-poll-ms="50"')
      await route.fulfill({ response, body })
    })
    return context
  }

  async visit(context: BrowserContext, path = '/'): Promise<Popup> {
    const popup = new Popup(await context.newPage())
    await popup.page.goto(this.site.origin + path)
    return popup
  }

  /** Opens the dialog of a new person and waits for its code. */
  async start(options: BrowserContextOptions = {}): Promise<Popup> {
    const popup = await this.visit(await this.person(options))
    await popup.page.click('#login')
    await popup.step('code')
    return popup
  }
}

/** Inline scripts are the page's own, above. */
const STRICT = "default-src 'self'; script-src 'self' 'unsafe-inline'; object-src 'none'"

export function useDirectStage(html = directPage(), direct: Partial<DirectOptions> = {}): DirectStage {
  return useBrowserStage(new DirectStage(html, direct))
}

/** What a QR reader finds on the page once the dialog has faded in. */
export async function scan(page: Page): Promise<string> {
  const give = Date.now() + 10_000
  while (Date.now() < give) {
    const { data, width, height } = PNG.sync.read(await page.screenshot())
    const text = jsQR.default(new Uint8ClampedArray(data), width, height)?.data
    if (text !== undefined) return text
  }
  throw new Error('There is no QR code on the page')
}

/** The link to the wallet on this device. */
export async function walletLink(popup: Popup): Promise<string> {
  await popup.step('code')
  return (await popup.frame.locator('#wallet').getAttribute('href')) ?? ''
}

/** Types the digits that the wallet showed. */
export async function confirm(popup: Popup, digits = ''): Promise<void> {
  await popup.step('confirm')
  await popup.frame.getByLabel('Six digits').fill(digits)
  await popup.press('Log in')
}

/** Waits until the page shows the person who is logged in. */
export async function loggedIn(page: Page): Promise<string> {
  const user = page.locator('#user:not(:empty)')
  await user.waitFor({ state: 'attached' })
  return (await user.textContent()) ?? ''
}
