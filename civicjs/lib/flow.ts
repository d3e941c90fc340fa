import { startDirect } from './direct.ts'
import { fieldsOf, passedOn, qrCodeOf, textOf } from './messages.ts'
import type { Failure, Fields, MobileRequest, QrCode, ScopeOptions, ToFrame } from './messages.ts'
import { Modal } from './modal.ts'
import { isMobile } from './is-mobile.ts'
import { askWhy } from './not-loaded.ts'
import { originOf } from './origin.ts'
import { uuidOf, withAppId } from './places.ts'
import { cancelRequest } from './cancel.ts'
import { postForm } from './request.ts'
import type { Scope } from './scope.ts'
import type { Settings } from './settings.ts'
import { forgetStarted, recallStarted, rememberStarted } from './started.ts'
import { showToast } from './toast.ts'

/**
 * What the site hears of a flow: what the iframe page sent, with `clientVersion`, and in the token's event
 * `response`, the token.
 */
export interface Reports {
  token: (event: FlowEvent & { response: string }) => void
  cancelled: (event: FlowEvent) => void
  read: (event: FlowEvent) => void
  error: (event: { type: string; message: string; clientVersion: string }) => void
}

export interface FlowEvent {
  event: string
  type?: string
  /** Some sites take a token only from `v3`, Civic's last. */
  clientVersion: string
}

export const clientVersion = 'v3'
const loadLimitMs = 30_000
/** An iframe page that has loaded speaks at once; one that is blocked loads too, but as the browser's own page. */
const silenceAfterLoadMs = 2_000

/** One login or sign-up, from the click to the token: the dialog, its iframe page, and what they say. */
export class Flow {
  private readonly modal: Modal
  private readonly frameOrigin: string
  private over = false
  /** The request was approved, and the login goes on in another tab. */
  private elsewhere = false
  private readReported = false
  private uuid: string | undefined
  /** What the address brought back: the uuid, with a response code where the server wants one. */
  private broughtBack: string | undefined
  /** Whether the iframe page that is there now has spoken. */
  private heard = false
  private silence: number | undefined
  /** The secret of the request, which the iframe page made. */
  private verifier = ''
  private callOff = (): void => undefined

  constructor(
    private readonly settings: Settings,
    readonly scope: Scope,
    private readonly reports: Reports,
    resumed?: string,
  ) {
    this.uuid = resumed === undefined ? undefined : uuidOf(resumed)
    this.broughtBack = resumed
    this.frameOrigin = originOf(settings.frameUrl)
    this.modal = new Modal({
      // The server looks the app up to allow its sites, and no others, to frame the page
      src: withAppId(settings.frameUrl, settings.appId),
      title: 'Civic',
      dismissed: () => this.dismiss(),
    })
    this.modal.frame.addEventListener('load', () => {
      this.expectWord(silenceAfterLoadMs)
    })
    window.addEventListener('message', this.onMessage)
    this.modal.open()
    this.expectWord(loadLimitMs)
  }

  /** Whether the dialog is open. */
  get open(): boolean {
    return !this.over
  }

  /** The newest request's uuid, once there is one. */
  get request(): string | undefined {
    return this.uuid
  }

  focus(): void {
    this.modal.focus()
  }

  /** Ends the flow, if it has not ended, without a word to the site, to make room for another. */
  replace(): void {
    if (!this.over) this.cancel()
    this.end()
  }

  /** Ends the request, if there is one, at the server. */
  private cancel(): void {
    if (this.uuid !== undefined && !this.elsewhere) cancelRequest(this.settings, this.uuid, this.verifier)
  }

  private dismiss(): void {
    if (this.over) return
    this.cancel()
    this.settle()
    if (!this.elsewhere) this.reports.cancelled({ event: 'scoperequest:user-cancelled', clientVersion })
  }

  private end(): void {
    if (this.over) return
    this.over = true
    this.callOff()
    clearTimeout(this.silence)
    window.removeEventListener('message', this.onMessage)
    this.modal.close()
  }

  /** Ends the flow before the site is told how: its listeners find the page as it was. */
  private settle(): void {
    if (this.uuid !== undefined) forgetStarted(this.uuid)
    this.end()
  }

  private expectWord(limitMs: number): void {
    clearTimeout(this.silence)
    if (!this.heard) this.silence = setTimeout(() => this.failToLoad(), limitMs)
  }

  private failToLoad(): void {
    const { frameUrl, appId, direct } = this.settings
    this.callOff = askWhy(
      frameUrl,
      direct === undefined ? appId : undefined,
      ({ heading, text, message }) => {
        if (this.heard) return
        const retry = (): void => {
          this.modal.reload()
          this.expectWord(loadLimitMs)
        }
        this.modal.showFailure({ heading, text, retry })
        this.fail('frame-unavailable', message)
      },
    )
  }

  private fail(type: string, message: string, version = clientVersion): void {
    // Sites seldom listen for errors, and developers look there first
    window.console.error(`Civic: ${message}`)
    this.reports.error({ type, message, clientVersion: version })
  }

  private readonly onMessage = (message: MessageEvent): void => {
    if (message.source !== this.modal.frame.contentWindow || message.origin !== this.frameOrigin) return
    this.receive(fieldsOf(message.data))
  }

  private receive(message: Fields): void {
    switch (message.event) {
      case 'hostedscoperequest:loaded':
        this.heard = true
        clearTimeout(this.silence)
        this.modal.showFrame()
        this.send({ event: 'qrCode:scopeOptions', options: this.options(), sourceType: 'sip' })
        break
      case 'hostedscoperequest:size':
        if (typeof message.height === 'number' && message.height > 0) this.modal.resize(message.height)
        break
      case 'hostedscoperequest:close':
        this.dismiss()
        break
      case 'qrcode:fetch':
        this.fetchCode(
          message,
          (code) => this.send({ event: 'qrCode:response', qrCodeResponseData: code, sourceType: 'sip' }),
          (data) => this.send({ event: 'qrCode:error', data, sourceType: 'sip' }),
        )
        break
      case 'mobile:fetchScopeRequest':
        this.fetchCode(
          message,
          (code, answer) => {
            const responseData: MobileRequest = {
              imageUri: code.imageUri,
              isTest: code.isTest,
              uuid: code.uuid,
              timeout: code.timeout,
              parentUrl: window.location.href,
              scopeRequestString: textOf(answer.scopeRequestString) || code.uuid,
            }
            this.send({ event: 'mobile:response', responseData, sourceType: 'sip' })
          },
          (data) => this.send({ event: 'mobile:error', data, sourceType: 'sip' }),
        )
        break
      case 'hostedscoperequest:elsewhere':
        this.elsewhere = true
        break
      case 'hostedscoperequest:verifier':
        if (message.uuid === this.uuid) this.remember(textOf(message.verifier))
        break
      case 'scoperequest:read':
        this.read(message)
        break
      case 'scoperequest:data-received':
      case 'scoperequest:data-dispatched':
        this.succeed(message, message.event)
        break
      case 'scoperequest:user-cancelled':
        this.settle()
        showToast('You declined this request.', 'civic-declined')
        this.reports.cancelled(passedOn(message, { event: message.event, clientVersion }))
        break
      case 'scoperequest:verify-error':
      case 'scoperequest:mobile-upgrade':
        this.fail(
          message.event.slice('scoperequest:'.length),
          textOf(message.message),
          textOf(message.clientVersion) || clientVersion,
        )
        break
    }
  }

  private read(message: Fields): void {
    if (!this.readReported) {
      this.reports.read(passedOn(message, { event: 'scoperequest:read', clientVersion }))
    }
    this.readReported = true
  }

  private succeed(message: Fields, event: string): void {
    const response = textOf(message.response)
    this.settle()
    showToast('You approved this request.', 'civic-approved')
    // Some sites listen for the token once they have heard this; an approval within one poll goes without it
    this.read({ clientVersion: message.clientVersion })
    const heard = passedOn(message, { event, type: 'code', response, clientVersion })
    heard.response = response
    this.reports.token(heard)
  }

  /** Makes the QR request that the iframe page asks for: the page makes it, so that the server sees its origin. */
  private fetchCode(
    message: Fields,
    done: (code: QrCode, answer: Fields) => void,
    failed: (failure: Failure) => void,
  ): void {
    this.callOff()
    this.cancel()
    this.readReported = false
    const fail = (failure: Failure): void => {
      failed(failure)
      this.fail('qr-code-error', failure.message)
    }
    const { requestUrl, direct } = this.settings
    const answered = (answer: unknown): void => {
      const code = qrCodeOf(answer)
      if (code === undefined) {
        fail({ message: 'Civic sent a response that makes no sense. Please try again.' })
        return
      }
      this.uuid = code.uuid
      this.broughtBack = undefined
      this.remember('')
      done(code, fieldsOf(answer))
    }
    const data = fieldsOf(message.data)
    this.callOff =
      direct === undefined
        ? postForm(`${requestUrl}/qrcode`, data, answered, fail)
        : startDirect(requestUrl, this.scope, data.channel, answered, fail)
  }

  /** For the return from the mobile app. */
  private remember(verifier: string): void {
    this.verifier = verifier
    const { settings, scope } = this
    // A wallet comes back to a Direct site with all that it takes to go on
    if (settings.direct !== undefined) return
    if (this.uuid !== undefined) rememberStarted(this.uuid, { appId: settings.appId, scope, verifier })
  }

  private options(): ScopeOptions {
    const { appId, requestUrl, hideIntro, direct } = this.settings
    const options: ScopeOptions = { appId, isMobile: isMobile(), api: requestUrl, hideIntro, hasClose: true }
    const { verificationLevel, attributes } = this.scope
    if (verificationLevel !== undefined) options.verificationLevel = verificationLevel
    if (attributes !== undefined) options.attributes = attributes
    if (direct !== undefined) options.direct = { confirm: direct.confirm }
    if (this.uuid !== undefined) {
      options.uuid = this.broughtBack ?? this.uuid
      this.verifier = recallStarted(this.uuid)?.verifier ?? ''
      options.verifier = this.verifier
    }
    return options
  }

  private send(message: ToFrame): void {
    this.modal.frame.contentWindow?.postMessage(message, this.frameOrigin)
  }
}
