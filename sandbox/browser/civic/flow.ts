import {
  fieldsOf,
  qrCodeOf,
  textOf,
  type Failure,
  type Fields,
  type MobileRequest,
  type QrCode,
  type ScopeOptions,
  type ToFrame,
} from './messages.ts'
import { Modal } from './modal.ts'
import { originOf } from './origin.ts'
import { postForm } from './request.ts'
import { scopeOf } from './scope-requests.ts'
import { forgetStarted, rememberStarted } from './started.ts'

/** What a CivicJS instance was made with, complete. */
export interface Settings {
  appId: string
  /** `{api}{stage}/{version}/scopeRequest` */
  requestUrl: string
  /** The iframe page, absolute. */
  frameUrl: string
  hideIntro: boolean
}

/** What the site hears of a flow. */
export interface Reports {
  token: (event: string, response: string) => void
  cancelled: (event: { event: 'scoperequest:user-cancelled' }) => void
  read: (event: { event: 'scoperequest:read' }) => void
  error: (event: { type: string; message: string }) => void
}

const successShownMs = 900
const loadLimitMs = 30_000
/** An iframe page that has loaded speaks at once; one that is blocked loads too, but as the browser's own page. */
const silenceAfterLoadMs = 2_000
const unreachable =
  'The Civic window could not be opened on this site. Check your connection, then try again.'

/** One login or sign-up, from the click to the token: the dialog, its iframe page, and what they say. */
export class Flow {
  private readonly modal: Modal
  private readonly frameOrigin: string
  private over = false
  private settled = false
  private readReported = false
  private uuid: string | undefined
  /** Whether the iframe page that is there now has spoken. */
  private heard = false
  private silence: number | undefined
  private callOff = (): void => undefined

  constructor(
    private readonly settings: Settings,
    readonly scopeRequest: string,
    private readonly reports: Reports,
    resumed?: string,
  ) {
    this.uuid = resumed
    this.frameOrigin = originOf(settings.frameUrl)
    this.modal = new Modal({
      // the server looks the app up to allow its sites, and no others, to frame the page
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

  /** Whether the site still waits for how it ends. */
  get pending(): boolean {
    return !this.over && !this.settled
  }

  focus(): void {
    this.modal.focus()
  }

  /** Ends the flow, if it has not ended, without a word to the site, to make room for another. */
  replace(): void {
    this.end(true)
  }

  private dismiss(): void {
    this.end()
    if (!this.settled) this.cancel()
  }

  private end(atOnce = false): void {
    if (this.over) return
    this.over = true
    this.callOff()
    clearTimeout(this.silence)
    window.removeEventListener('message', this.onMessage)
    this.modal.close(atOnce)
  }

  private cancel(): void {
    this.settle()
    this.reports.cancelled({ event: 'scoperequest:user-cancelled' })
  }

  /** The site has been told how this request ended. */
  private settle(): void {
    this.settled = true
    if (this.uuid !== undefined) forgetStarted(this.uuid)
    this.uuid = undefined
  }

  private expectWord(limitMs: number): void {
    clearTimeout(this.silence)
    if (!this.heard) this.silence = setTimeout(() => this.failToLoad(), limitMs)
  }

  private failToLoad(): void {
    this.modal.showFailure(unreachable, () => {
      this.modal.reload()
      this.expectWord(loadLimitMs)
    })
    this.reports.error({
      type: 'frame-unavailable',
      message:
        `The iframe page ${this.settings.frameUrl} did not load. Is Civic's side running, ` +
        `and is ${window.location.protocol}//${window.location.host} on the domain white list of the app?`,
    })
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
      case 'hostedscoperequest:close':
        this.dismiss()
        break
      case 'qrcode:fetch':
        this.request(
          message,
          (code) => this.send({ event: 'qrCode:response', qrCodeResponseData: code, sourceType: 'sip' }),
          (data) => this.send({ event: 'qrCode:error', data, sourceType: 'sip' }),
        )
        break
      case 'mobile:fetchScopeRequest':
        this.request(
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
      case 'scoperequest:read':
        if (!this.readReported) this.reports.read({ event: 'scoperequest:read' })
        this.readReported = true
        break
      case 'scoperequest:data-received':
      case 'scoperequest:data-dispatched':
        this.succeed(message.event, textOf(message.response))
        break
      case 'scoperequest:user-cancelled':
        if (!this.settled) this.cancel()
        break
      case 'scoperequest:verify-error':
      case 'scoperequest:mobile-upgrade':
        this.reports.error({
          type: message.event.slice('scoperequest:'.length),
          message: textOf(message.message),
        })
        break
    }
  }

  private succeed(event: string, response: string): void {
    if (this.settled) return
    this.settle()
    setTimeout(() => this.end(), successShownMs)
    this.reports.token(event, response)
  }

  /** Makes the QR request that the iframe page asks for: the page makes it, so that the server sees its origin. */
  private request(
    message: Fields,
    done: (code: QrCode, answer: Fields) => void,
    failed: (failure: Failure) => void,
  ): void {
    this.callOff()
    this.settled = false
    this.readReported = false
    const fail = (failure: Failure): void => {
      failed(failure)
      this.reports.error({ type: 'qr-code-error', message: failure.message })
    }
    this.callOff = postForm(
      `${this.settings.requestUrl}/qrcode`,
      fieldsOf(message.data),
      (answer) => {
        const code = qrCodeOf(answer)
        if (code === undefined) {
          fail({ message: 'Civic gave an answer that makes no sense. Please try again.' })
          return
        }
        this.uuid = code.uuid
        rememberStarted(code.uuid, { appId: this.settings.appId, scopeRequest: this.scopeRequest })
        done(code, fieldsOf(answer))
      },
      fail,
    )
  }

  private options(): ScopeOptions {
    const { appId, requestUrl, hideIntro } = this.settings
    const options: ScopeOptions = { appId, isMobile: isMobile(), api: requestUrl, hideIntro }
    const { verificationLevel, attributes } = scopeOf(this.scopeRequest)
    if (verificationLevel !== undefined) options.verificationLevel = verificationLevel
    if (attributes !== undefined) options.attributes = attributes
    if (this.uuid !== undefined) options.uuid = this.uuid
    return options
  }

  private send(message: ToFrame): void {
    this.modal.frame.contentWindow?.postMessage(message, this.frameOrigin)
  }
}

function withAppId(url: string, appId: string): string {
  const [address = '', hash] = url.split('#')
  const query = `${address.indexOf('?') < 0 ? '?' : '&'}appId=${encodeURIComponent(appId)}`
  return address + query + (hash === undefined ? '' : `#${hash}`)
}

function isMobile(): boolean {
  // an iPad says that it is a Mac, but no Mac has a touch screen
  const { userAgent, maxTouchPoints } = window.navigator
  return (
    /Android|iP(?:hone|ad|od)|Mobile/i.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)
  )
}
