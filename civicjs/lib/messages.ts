/** The messages between a site's page and Civic's iframe page (docs/protocol.md#civicjs-messages). */

/** The page's message to the iframe about the request. */
export interface ScopeOptions {
  appId: string
  isMobile: boolean
  /** `{api}{stage}/{version}/scopeRequest`, for information: our iframe page only calls its own origin. */
  api: string
  verificationLevel?: string
  attributes?: readonly string[]
  /** A request that this browser made earlier and now resumes. */
  uuid?: string
  /** The secret of that request; see `frame/verifier.ts`. */
  verifier?: string
  hideIntro?: boolean
  /** Set if the site's own server makes the requests: whether the person types the code that the wallet shows. */
  direct?: { confirm: boolean }
  /** The page has a button that closes the dialog; the original had none. */
  hasClose: true
}

/** The response to a QR request, as the page passes it to the iframe. */
export interface QrCode {
  imageUri: string
  isTest: boolean
  uuid: string
  /** Seconds until the code expires. */
  timeout: number
  /** Direct: the link to the wallet. The iframe page draws its QR code. */
  link?: string
  /** The wallet holds test users: a person without a phone can approve there. */
  testWallet?: boolean
}

export interface MobileRequest extends QrCode {
  parentUrl: string
  scopeRequestString: string
}

export interface Failure {
  message: string
  statusCode?: number
}

export type ToFrame = { sourceType: 'sip' } & (
  | { event: 'qrCode:scopeOptions'; options: ScopeOptions }
  | { event: 'qrCode:response'; qrCodeResponseData: QrCode }
  | { event: 'qrCode:error'; data: Failure }
  | { event: 'mobile:response'; responseData: MobileRequest }
  | { event: 'mobile:error'; data: Failure }
)

export type ToPage =
  | { event: 'hostedscoperequest:loaded' | 'hostedscoperequest:close' }
  /** How high the iframe page is, in pixels, for the dialog around it. */
  | { event: 'hostedscoperequest:size'; height: number }
  /** Direct: approved, and the wallet leads to the site on its own, in another tab. */
  | { event: 'hostedscoperequest:elsewhere' }
  /** For the page to keep, where the iframe's own storage may be forbidden or gone. */
  | { event: 'hostedscoperequest:verifier'; uuid: string; verifier: string }
  | { event: 'qrcode:fetch' | 'mobile:fetchScopeRequest'; data: Readonly<Record<string, unknown>> }
  | { event: 'scoperequest:read' | 'scoperequest:user-cancelled' }
  | { event: 'scoperequest:data-received' | 'scoperequest:data-dispatched'; type: 'code'; response: string }
  | { event: 'scoperequest:verify-error' | 'scoperequest:mobile-upgrade'; message: string }

/** A message or a response as it arrives: any object, with unchecked fields. */
export type Fields = Readonly<Record<string, unknown>>

/** `value` if it is an object, otherwise an empty one. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

/** `event` merged with `message`, whose fields win: the site gets what the iframe page sent, unchanged. */
export function passedOn<T extends object>(message: Fields, event: T): T {
  const passed = event as Record<string, unknown>
  Object.keys(message).forEach((name) => (passed[name] = message[name] ?? passed[name]))
  return event
}

/** `value` if it is a string, otherwise the empty string. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The response to a QR request, validated; undefined if it cannot be used. */
export function qrCodeOf(value: unknown): QrCode | undefined {
  const { imageUri, isTest, uuid, timeout, link, testWallet } = fieldsOf(value)
  const seconds = Number(timeout)
  if (!isUuid(uuid) || !(seconds > 0)) return undefined
  const code: QrCode = { imageUri: textOf(imageUri), isTest: isTest === true, uuid, timeout: seconds }
  if (textOf(link) !== '') code.link = textOf(link)
  if (testWallet === true) code.testWallet = true
  return code
}

export function isUuid(value: unknown): value is string {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(textOf(value))
}
