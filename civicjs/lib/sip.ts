import { ScopeRequests } from 'passport-civic-sip/user-data'
import { configError } from './config-error.ts'
import { directScopeOf, directSettings, takeReturned } from './direct.ts'
import { injectButton } from './button.ts'
import { Emitter } from './emitter.ts'
import { Flow, clientVersion } from './flow.ts'
import type { Reports } from './flow.ts'
import type { Settings } from './settings.ts'
import { textOf } from './messages.ts'
import { originOf } from './origin.ts'
import { absolute, linkedStyleSheets, ownSource, placesOf, takeUuidFromAddress, uuidOf } from './places.ts'
import { scopeOf } from './scope.ts'
import type { Scope } from './scope.ts'
import { recallStarted } from './started.ts'
import { linkStyleSheet, styleSheetOf } from './styles.ts'

export interface SipOptions {
  /** The app's id, from the partner dashboard; not with `direct`. */
  appId?: string
  /** The Direct option: the path of the site's `direct.routes`, such as `/civic`. No other server is used. */
  direct?: string
  /** Direct: `false` if the site's `DirectRequests` has `confirm: false`. */
  confirm?: boolean
  /** `prod` by default. */
  stage?: string
  /** Version of the API, `1.0` by default. */
  version?: string
  /** Base of the API; by default that of the server that this script or its style sheet came from. */
  api?: string
  /** The iframe page; by default that of the same server. */
  url?: string
  /** Leaves out the page that explains proof of identity. */
  hideIntro?: boolean
}

export interface SignupOptions {
  /** Only `popup` was ever defined: a dialog on the page. */
  style?: string
  /** One of `ScopeRequests`, or its name; the basic data by default. */
  scopeRequest?: string
  /** Labels, instead of a scope request. */
  scopeRequests?: readonly string[]
}

const script = ownSource()
let returned = takeReturned()

/** The events with the token: name and form. The first version of the library had one more. */
export const tokenEvents: { name: string; form: (event: { response: string }) => object }[] = [
  { name: 'auth-code-received', form: (event) => event },
]

/** A page has one dialog for all instances. */
let current: { flow: Flow; owner: Sip } | undefined

/**
 * Civic's browser library (docs/protocol.md#civicjs-api): `new civic.sip({ appId })`.
 * @throws Error `config-missing-app-id` without an appId or `direct`; `config-invalid-direct` if that is not a path of
 *   the page's site; `config-missing-api`, `config-missing-url` if they are missing and nothing in the page tells which
 *   server the library belongs to; `config-invalid-api`, `config-invalid-url` if they are not http or https URLs
 */
export class Sip extends Emitter {
  static readonly injectButton = injectButton
  /** So that `new civic.sip()` still works on sites that name their instance `civic`, like the library. */
  declare readonly sip: typeof Sip
  readonly ScopeRequests = ScopeRequests
  private readonly settings: Settings

  constructor(options?: SipOptions | null) {
    super()
    // Sites call this from plain JavaScript, so the arguments are unchecked
    this.settings = settingsOf(options ?? {})
    linkStyleSheet(styleSheetOf(this.settings.frameUrl))
    this.resume()
  }

  /**
   * Opens the dialog for a scope request. The result arrives as an event: `auth-code-received`, `user-cancelled`,
   * `read`, `civic-sip-error`.
   */
  signup(options?: SignupOptions): void {
    const scope = this.settings.direct === undefined ? scopeOf(options) : directScopeOf(options)
    whenReady(() => this.start(scope))
  }

  /** The same as `signup`: only the scope request decides what is asked for. */
  login(options?: SignupOptions): void {
    this.signup(options)
  }

  /**
   * Opens the dialog again after the site refused the login. Direct: the person types the wallet's code again, or gets
   * a new request if the site accepts no more tries. With a SIP: makes a new request.
   */
  retry(): void {
    const last = current?.owner === this ? current.flow : undefined
    const uuid = this.settings.direct === undefined ? undefined : last?.request
    const scope = last?.scope ?? (this.settings.direct === undefined ? scopeOf({}) : {})
    whenReady(() => this.start(scope, uuid))
  }

  private start(scope: Scope, resumed?: string): void {
    // A second click on the same button makes no second request
    if (
      current?.flow.open === true &&
      current.owner === this &&
      JSON.stringify(current.flow.scope) === JSON.stringify(scope)
    ) {
      current.flow.focus()
      return
    }
    current?.flow.replace()
    this.forgetKept()
    const reports = this.reports(resumed !== undefined)
    current = { owner: this, flow: new Flow(this.settings, scope, reports, resumed) }
  }

  /** Resumes the request that this browser started, when the mobile app returns. */
  private resume(): void {
    if (this.settings.direct !== undefined) {
      this.receiveReturned()
      return
    }
    const brought = takeUuidFromAddress()
    const started = brought === undefined ? undefined : recallStarted(uuidOf(brought))
    if (started?.appId === this.settings.appId) whenReady(() => this.start(started.scope, brought))
  }

  /** Passes on what a wallet on this device brought back. The site's server checks the browser by its cookie. */
  private receiveReturned(): void {
    if (returned === undefined) return
    const response = JSON.stringify(returned)
    returned = undefined
    const event = 'scoperequest:data-dispatched'
    this.reports(true).token({ event, type: 'code', response, clientVersion })
  }

  /** @param resumed the site did not start this flow, and may not listen yet when the token arrives */
  private reports(resumed: boolean): Reports {
    return {
      token: (event) =>
        tokenEvents.forEach(({ name, form }) => {
          if (resumed) this.emitOrKeep(name, form(event))
          else this.emit(name, form(event))
        }),
      cancelled: (event) => this.emit('user-cancelled', event),
      read: (event) => this.emit('read', event),
      error: (event) => this.emit('civic-sip-error', event),
    }
  }
}

// Module loaders return the class itself, while a script tag makes it `civic.sip`
;[Sip, Sip.prototype].forEach((owner) =>
  Object.defineProperty(owner, 'sip', { value: Sip, writable: true, configurable: true }),
)

function settingsOf(options: SipOptions): Settings {
  const { appId, direct, confirm, stage, version, api, url, hideIntro } = options
  if (direct !== undefined) return directSettings(textOf(direct), confirm !== false, hideIntro === true)
  if (appId === undefined || textOf(appId) === '') throw configError('config-missing-app-id')
  const stageName = stage ?? 'prod'
  const places = placesOf(script, linkedStyleSheets(), originOf(window.location.href))
  const base = absolute(api ?? places?.api ?? missing('api')).replace(/\/*$/, '/')
  const frameUrl = absolute(url ?? (places ? `${places.frames}${stageName}/index.html` : missing('url')))
  if (originOf(base) === '') throw configError('config-invalid-api')
  if (originOf(frameUrl) === '') throw configError('config-invalid-url')
  return {
    appId,
    requestUrl: `${base}${stageName}/${version ?? '1.0'}/scopeRequest`,
    frameUrl,
    hideIntro: hideIntro === true,
  }
}

function missing(option: 'api' | 'url'): never {
  throw configError(
    `config-missing-${option}`,
    'CivicJS cannot tell which server it belongs to: its script was bundled or copied. Link the style sheet of ' +
      'that server, or give new civic.sip() the options api and url: { appId, ' +
      "api: 'https://sip.example.org/sip/', url: 'https://sip.example.org/scopeRequest/prod/index.html' }",
  )
}

function whenReady(act: () => void): void {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', act)
  else act()
}
