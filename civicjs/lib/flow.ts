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
 * The events that the site gets: the iframe page's messages with `clientVersion`, and with the token as `response`.
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
  /** Some sites accept a token only from `v3`, Civic's last version. */
  clientVersion: string
}

export const clientVersion = 'v3'
const loadLimitMs = 30_000
/**
 * How long to wait for the first message after the iframe loads: a blocked page loads too, as the browser's error page.
 */
const silenceAfterLoadMs = 2_000

/** One login or sign-up, from the click to the token: the dialog, its iframe page and their messages. */
export class Flow {
  private readonly modal: Modal
  private readonly frameOrigin: string
  private over = false
  /** The request was approved, and the login continues in another tab. */
  private elsewhere = false
  private readReported = false
  private uuid: string | undefined
  /** From the address: the uuid, with a response code if the server requires one. */
  private broughtBack: string | undefined
  /** Whether the current iframe page has sent a message. */
  private heard = false
  private silence: number | undefined
  /** The request's secret, which the iframe page made. */
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
      // The server uses the app id to allow only the app's sites to frame the page
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

  /** Ends the flow, if it has not ended, without an event, to make room for another. */
  replace(): void {
    if (!this.over) this.cancel()
    this.end()
  }

  /** Cancels the request at the server, if there is one. */
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

  /** Ends the flow before the event, so that the site's listeners find the page as it was. */
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
    // Sites seldom listen for errors, and developers look in the console first
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
    // Some sites listen for the token only after this event, which is missing if the approval comes within one poll
    this.read({ clientVersion: message.clientVersion })
    const heard = passedOn(message, { event, type: 'code', response, clientVersion })
    heard.response = response
    this.reports.token(heard)
  }

  /** Makes the QR request for the iframe page, so that the server sees the site's origin. */
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
    // A wallet returns to a Direct site with everything that is needed to continue
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
