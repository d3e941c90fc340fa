import { injectButton } from './button.ts'
import { Emitter, type Listener } from './emitter.ts'
import { Flow, type Reports, type Settings } from './flow.ts'
import { textOf } from './messages.ts'
import { originOf } from './origin.ts'
import { absolute, ownPlaces, takeUuidFromAddress } from './places.ts'
import { ScopeRequests } from './scope-requests.ts'
import { recallStarted } from './started.ts'

export interface SipOptions {
  /** The app's id, from the partner dashboard. */
  appId: string
  /** `prod` by default. */
  stage?: string
  /** Version of the API, `1.0` by default. */
  version?: string
  /** Base of the API; by default that of the server this script came from. */
  api?: string
  /** The iframe page; by default that of the server this script came from. */
  url?: string
  /** Leaves out the page that explains proof of identity. */
  hideIntro?: boolean
}

export interface SignupOptions {
  /** Only `popup` was ever defined: a dialog on the page. */
  style?: string
  /** One of `ScopeRequests`, or its name. */
  scopeRequest: string
}

const places = ownPlaces()

/** The events that bring a site the token: name and form. The first version of the library had one more. */
export const tokenEvents: { name: string; form: (event: string, response: string) => object }[] = [
  { name: 'auth-code-received', form: (event, response) => ({ event, response, type: 'code' }) },
]

/** One page has one dialog, whichever instance opened it. */
let current: { flow: Flow; owner: Sip } | undefined

/**
 * Civic's browser library (protocol section 6): `new civic.sip({ appId })`.
 * @throws Error `config-missing-app-id` without an appId; `config-invalid-api`, `config-invalid-url` where
 * those are no http or https URL
 */
export class Sip {
  static readonly injectButton = injectButton
  /** Sites name their instance `civic`, like the library, and may still say `new civic.sip()` after that. */
  declare readonly sip: typeof Sip
  readonly ScopeRequests = ScopeRequests
  private readonly events = new Emitter()
  private readonly settings: Settings

  constructor(options: SipOptions) {
    // sites call this from plain script: nothing has checked what they pass
    const { appId, stage, version, api, url, hideIntro } = (options as SipOptions | undefined) ?? {
      appId: '',
    }
    if (textOf(appId) === '') throw configError('config-missing-app-id')
    const stageName = stage ?? 'prod'
    const base = absolute(api ?? places.api).replace(/\/*$/, '/')
    const frameUrl = absolute(url ?? `${places.frames}${stageName}/index.html`)
    if (originOf(base) === '') throw configError('config-invalid-api')
    if (originOf(frameUrl) === '') throw configError('config-invalid-url')
    this.settings = {
      appId,
      requestUrl: `${base}${stageName}/${version ?? '1.0'}/scopeRequest`,
      frameUrl,
      hideIntro: hideIntro === true,
    }
    this.resume()
  }

  /**
   * Opens the dialog for a scope request. What comes of it arrives as events: `auth-code-received`,
   * `user-cancelled`, `read`, `civic-sip-error`.
   * @throws Error `config-missing-scope-request` without a scope request
   */
  signup(options: SignupOptions): void {
    const scopeRequest = textOf((options as SignupOptions | undefined)?.scopeRequest)
    if (scopeRequest === '') throw configError('config-missing-scope-request')
    whenReady(() => this.start(scopeRequest))
  }

  /** The same as `signup`: what is asked for is the scope request's matter. */
  login(options: SignupOptions): void {
    this.signup(options)
  }

  on(event: string, listener: Listener): this {
    this.events.on(event, listener)
    return this
  }

  once(event: string, listener: Listener): this {
    this.events.on(event, listener, true)
    return this
  }

  off(event: string, listener?: Listener): this {
    this.events.off(event, listener)
    return this
  }

  private start(scopeRequest: string, uuid?: string): void {
    // a second click on the same button is no second request
    if (
      current?.flow.pending === true &&
      current.owner === this &&
      current.flow.scopeRequest === scopeRequest
    ) {
      current.flow.focus()
      return
    }
    current?.flow.replace()
    this.events.forgetWaiting()
    current = { owner: this, flow: new Flow(this.settings, scopeRequest, this.reports, uuid) }
  }

  /** Takes up the request that this browser started and the mobile app now returns from. */
  private resume(): void {
    const uuid = takeUuidFromAddress()
    const started = uuid === undefined ? undefined : recallStarted(uuid)
    if (started?.appId === this.settings.appId) whenReady(() => this.start(started.scopeRequest, uuid))
  }

  private get reports(): Reports {
    const { events } = this
    return {
      token: (event, response) =>
        tokenEvents.forEach(({ name, form }) => events.emit(name, form(event, response))),
      cancelled: (event) => events.emit('user-cancelled', event),
      read: (event) => events.emit('read', event),
      error: (event) => events.emit('civic-sip-error', event),
    }
  }
}

Object.defineProperty(Sip.prototype, 'sip', { value: Sip })

function configError(code: string): Error {
  const error = new Error(code)
  error.name = 'CivicError'
  return error
}

function whenReady(act: () => void): void {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', act)
  else act()
}
