import type { KeyObject } from 'node:crypto'
import { publicKey, requestExtension, verifyToken } from 'passport-civic-sip/crypto'
import { checkActive, checkStage } from '../apps/apps.ts'
import type { App, Credentials } from '../apps/apps.ts'
import { HttpError } from '../http/http.ts'
import { sameText } from '../same-text.ts'
import { dropOldest } from '../store/drop-oldest.ts'

/** How far a partner's clock may be off: as much as the official client allows for SIP's. */
const CLOCK_TOLERANCE_S = 60

/** `Civic <requestToken>.<extension>` (docs/protocol.md#exchange-request) */
const AUTHORIZATION = /^Civic (\S+)\.([A-Za-z0-9+/]+=*)$/

/** What a partner sends to authenticate as the app. */
export interface PartnerCall {
  /** Empty if the header has another form. */
  readonly token: string
  readonly extension: string
  readonly body: object
  /** The stage in the URL; undefined without one (`includeStageInURL: false`). */
  readonly stage: string | undefined
}

export interface Checking {
  /** The URLs of this server, without a slash at the end. */
  readonly bases: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The two parts of an `Authorization` header, both empty if it has another form. */
export function partsOf(authorization: string | undefined): Pick<PartnerCall, 'token' | 'extension'> {
  const [, token = '', extension = ''] = AUTHORIZATION.exec(authorization ?? '') ?? []
  return { token, extension }
}

/**
 * Authenticates a partner as the app, and returns the credentials that it used (docs/protocol.md#exchange-request).
 *
 * @param app the app whose `appId` is the token's `iss`
 * @throws HttpError 401
 */
export function authenticate(
  { token, extension, body, stage }: PartnerCall,
  app: App | undefined,
  checking: Checking,
): { readonly app: App; readonly credentials: Credentials } {
  if (token === '')
    throw unauthorized('the Authorization header is not of the form Civic <requestToken>.<extension>')
  if (!app) throw unauthorized('iss of the request token is not the appId of an app')
  checkActive(app)
  if (stage !== undefined) checkStage(app, stage)
  const claims = verified(
    token,
    app.credentials.map(({ pubKey }) => pubKey),
  )
  if (!claims) {
    throw unauthorized('the signature of the request token does not fit the app: is prvKey the right one?')
  }
  checkClaims(claims, app, checking)
  const credentials = app.credentials.find(({ appSecret }) =>
    sameText(requestExtension(body, appSecret), extension),
  )
  if (!credentials) throw unauthorized('the HMAC extension does not match: is appSecret the right one?')
  return { app, credentials }
}

/**
 * As lenient as published clients require (docs/protocol.md#published-clients): they leave out the last slash of
 * `aud`, wrap `data` in an array, send `exp` equal to `iat`, and an `nbf` in the future, which is not checked.
 */
function checkClaims(
  { iss, sub, aud, iat, exp, data }: Readonly<Record<string, unknown>>,
  app: App,
  checking: Checking,
): void {
  const audiences = checking.bases.map((base) => `${base}/sip/`)
  const now = checking.now / 1000
  if (iss !== app.appId) throw unauthorized('iss of the request token is not the appId')
  if (sub !== app.appId) throw unauthorized('sub of the request token is not the appId')
  if (!audiences.some((audience) => aud === audience || aud === audience.slice(0, -1))) {
    throw unauthorized(`aud of the request token is not the API base, ${audiences[0]}`)
  }
  if (typeof exp !== 'number' || typeof iat !== 'number' || !(exp >= iat)) {
    throw unauthorized('iat and exp of the request token are not the numbers they must be')
  }
  if (exp + CLOCK_TOLERANCE_S <= now) throw unauthorized('the request token is expired: is the clock right?')
  if (iat - CLOCK_TOLERANCE_S > now)
    throw unauthorized('the request token is from the future: is the clock right?')
  const [method, path] = targetOf(data)
  if (method !== 'POST') throw unauthorized("data.method of the request token is not 'POST'")
  if (path !== 'scopeRequest/authCode') {
    throw unauthorized("data.path of the request token is not 'scopeRequest/authCode'")
  }
}

/** @param data `{ method, path }`, or an array of exactly one such object */
function targetOf(data: unknown): [method: unknown, path: unknown] {
  const [target] = Array.isArray(data) && data.length === 1 ? (data as unknown[]) : [data]
  const { method, path } = (target ?? {}) as { method?: unknown; path?: unknown }
  return [method, path]
}

/** The app that a request token names, the only claim that is read before it is verified. */
export function issuerOf(token: string): unknown {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.', 2)[1] ?? '', 'base64url').toString())
    return (Object(claims) as { iss?: unknown }).iss
  } catch {
    return undefined
  }
}

/** The claims of a token that one of the keys signed; undefined for any other. */
export function verified(token: string, pubKeys: readonly string[]): Record<string, unknown> | undefined {
  try {
    return verifyToken(token, pubKeys.map(keyOf))
  } catch {
    return undefined
  }
}

/** The newest keys of apps and of this server, parsed. To parse one takes as long as to verify with it. */
const PARSED = new Map<string, KeyObject>()
const MAX_PARSED = 1_000

function keyOf(pubKey: string): KeyObject {
  const known = PARSED.get(pubKey)
  if (known) return known
  const parsed = publicKey(pubKey)
  PARSED.set(pubKey, parsed)
  dropOldest(PARSED, MAX_PARSED)
  return parsed
}

function unauthorized(reason: string): HttpError {
  return new HttpError(401, `Unauthorized: ${reason}`)
}
