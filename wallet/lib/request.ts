import { Labels, ScopeRequests } from 'passport-civic-sip/user-data'
import type { Channel, RequestData, Requester as AskedFrom } from 'passport-civic-sip/direct'
import { WalletError } from './errors.ts'
import type { Http } from './http.ts'
import { hasExactly, isSignedBy, parseObject, pointOfHex, readJws } from './jose.ts'
import type { Jws, Point } from './jose.ts'
import { isPlainPath } from './well-known.ts'
import type { Requester, WellKnownDocuments } from './well-known.ts'

const MAX_BYTES = 64 * 1024
const MAX_URL = 2048
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const CALLBACK_PATH = new RegExp(`/(${UUID})/callback$`)
const TOLERANCE_SECONDS = 60
const MAX_LIFE_SECONDS = 600
const MAX_LOGO = 16 * 1024
const LOGO = /^data:image\/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/
const LEVELS: readonly string[] = Object.values(ScopeRequests)
const LABELS: readonly string[] = Object.values(Labels)
const CHANNELS: readonly unknown[] = ['scan', 'link', 'app'] satisfies Channel[]

/** A request that has passed all checks, with everything that a response needs. */
export interface CheckedRequest {
  /** The requester's origin. */
  readonly origin: string
  readonly requester: Requester
  readonly url: string
  readonly uuid: string
  readonly token: string
  /** Epoch seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly data: RequestData
  /** The response is encrypted to this key. */
  readonly point: Point
}

function refused(why: string): WalletError {
  return new WalletError('REQUEST_REFUSED', `The request is refused: ${why}`)
}

/**
 * The callback URL in the text of a QR code or a link.
 *
 * @param text `{walletUrl}#{callback URL}`, or the callback URL itself
 * @throws WalletError `LINK_REFUSED` for any other text, `ADDRESS_REFUSED` for a URL that this wallet does not open
 */
export function readLink(text: unknown, http: Http): { url: string; uuid: string; origin: string } {
  const refuse = (why: string): WalletError => new WalletError('LINK_REFUSED', `The link is refused: ${why}`)
  if (typeof text !== 'string') throw refuse('it is no text')
  const url = text.slice(text.indexOf('#') + 1)
  if (url.length > MAX_URL || !URL.canParse(url)) throw refuse('it holds no URL')
  const parsed = new URL(url)
  const { href, protocol, username, password, search, hash, origin, pathname } = parsed
  if (protocol !== 'https:' && protocol !== 'http:') throw refuse('its URL is not https')
  if (username + password + search + hash !== '' || /[?#@]/.test(url)) {
    throw refuse('its URL has credentials, a query or a fragment')
  }
  if (href !== url || !isPlainPath(pathname)) throw refuse('its URL is not in its one canonical spelling')
  const uuid = CALLBACK_PATH.exec(pathname)?.[1]
  if (uuid === undefined) throw refuse('its path does not end in a uuid and callback')
  if (!http.allows(parsed)) {
    throw new WalletError(
      'ADDRESS_REFUSED',
      'The URL is plain http, or leads to this machine or a private network',
    )
  }
  return { url, uuid, origin }
}

/**
 * Fetches a request and checks it (docs/wallet-protocol.md#w1-checks). Contacts only the requester.
 *
 * @param now milliseconds since the epoch
 * @throws WalletError
 */
export async function fetchRequest(
  link: { url: string; uuid: string; origin: string },
  http: Http,
  documents: WellKnownDocuments,
  now: number,
): Promise<CheckedRequest> {
  const { url, uuid, origin } = link
  const { status, json, retryAfter } = await http.send(url, { maxBytes: MAX_BYTES })
  if (status !== 200) {
    const reason = typeof json['code'] === 'string' ? json['code'] : undefined
    throw new WalletError('REQUEST_REFUSED', `The requester has no such request (status ${status})`, {
      status,
      reason,
      retryAfter,
    })
  }
  const { token } = json
  if (typeof token !== 'string') throw refused('there is no token')
  const jws = attempt(() => readJws(token), 'the token is no compact JWS')
  const { alg, typ, kid } = jws.header
  const isHeader = hasExactly(jws.header, 'alg', 'typ', 'kid') && alg === 'ES256'
  if (!isHeader || typ !== 'civic-scope-request+jwt' || typeof kid !== 'string') {
    throw refused("the token's header is not that of a request")
  }
  const requester = await documents.get(origin, kid)
  const key = requester.keys.get(kid)
  if (!key || !isSignedBy(jws, key)) throw refused('none of the keys of the requester signed the token')
  const { iat, exp, data } = readClaims(jws, { origin, uuid, now: now / 1000 })
  if (data.callbackUrl !== url) throw refused('it is for another URL')
  if (!url.startsWith(requester.callback)) throw refused("its URL is not below the requester's callback")
  const point = attempt(() => pointOfHex(data.encPubKey), 'its key is not on the curve')
  return { origin, requester, url, uuid, token, issuedAt: iat, expiresAt: exp, data, point }
}

/**
 * Whether the requester sees the attestations: a Direct site does; a SIP passes on only values, unless its app may get
 * more.
 */
export function showsAttestations({ data, origin }: CheckedRequest): boolean {
  return data.clientId === origin || data.attestations === true
}

function attempt<T>(read: () => T, why: string): T {
  try {
    return read()
  } catch {
    throw refused(why)
  }
}

function readClaims(
  { payload }: Jws,
  { origin, uuid, now }: { origin: string; uuid: string; now: number },
): { iat: number; exp: number; data: RequestData } {
  const claims = attempt(() => parseObject(payload), 'the token holds no JSON object')
  const { iss, sub, aud, jti, iat, exp } = claims
  if (iss !== origin) throw refused('its issuer is not the requester')
  if (aud !== 'civic-wallet') throw refused('it is not for wallets')
  if (jti !== uuid) throw refused('its id is not that of its URL')
  const data = readData(claims['data'])
  if (sub !== data.clientId) throw refused('its subject is not its client')
  if (typeof iat !== 'number' || typeof exp !== 'number') throw refused('it has no times')
  if (exp <= iat || exp - iat > MAX_LIFE_SECONDS) throw refused('it lives too long')
  if (iat > now + TOLERANCE_SECONDS) throw refused('it is from the future')
  if (exp + TOLERANCE_SECONDS <= now) throw refused('it has expired')
  return { iat, exp, data }
}

/** Checks the claim `data`. Only checked members are used. */
function readData(data: unknown): RequestData {
  if (typeof data !== 'object' || data === null) throw refused('it holds no data')
  const { clientId, name, verificationLevel, description, callbackUrl, encPubKey, channel, isTest, ...more } =
    data as Record<string, unknown>
  const { primaryColor, secondaryColor, logo, sipId, attestations, requester } = more
  const attributes = readLabels(more['attributes'])
  const optionalAttributes = readLabels(more['optionalAttributes'])
  if (new Set([...attributes, ...optionalAttributes]).size < attributes.length + optionalAttributes.length) {
    throw refused('it asks for a label twice')
  }
  if (typeof verificationLevel !== 'string' || !LEVELS.includes(verificationLevel)) {
    throw refused('its level is not known')
  }
  if (!CHANNELS.includes(channel)) throw refused('its channel is not known')
  if (typeof isTest !== 'boolean') throw refused('it does not say whether it is a test')
  const isLogo = logo === undefined || (isText(logo, MAX_LOGO) && LOGO.test(logo))
  if (!isLogo) throw refused('its logo is no PNG or JPEG of at most 16 KiB')
  return {
    clientId: text(clientId, 'clientId', 300),
    name: text(name, 'name', 200),
    ...optional({ primaryColor, secondaryColor, logo, sipId }, MAX_LOGO),
    verificationLevel,
    description: text(description, 'description', 1000),
    callbackUrl: text(callbackUrl, 'callbackUrl', MAX_URL),
    attributes,
    optionalAttributes,
    encPubKey: text(encPubKey, 'encPubKey', 130),
    channel: channel as Channel,
    isTest,
    ...(attestations === true && { attestations }),
    requester: readRequester(requester),
  }
}

function readRequester(requester: unknown): AskedFrom {
  if (typeof requester !== 'object' || requester === null) throw refused('it does not say where it came from')
  const { origin, address, userAgent } = requester as Record<string, unknown>
  return optional({ origin, address, userAgent }, 300)
}

function readLabels(labels: unknown): string[] {
  if (!Array.isArray(labels) || !labels.every((label) => LABELS.includes(label as string))) {
    throw refused('it asks for a label that is not known')
  }
  return labels as string[]
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most
}

function text(value: unknown, name: string, most: number): string {
  if (!isText(value, most)) throw refused(`its ${name} is no text, or too long`)
  return value
}

/** The members that are present, each a string. */
function optional<Name extends string>(
  members: Readonly<Record<Name, unknown>>,
  most: number,
): Partial<Record<Name, string>> {
  const present = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present.map(([name, value]) => [name, text(value, name, most)])) as Partial<
    Record<Name, string>
  >
}
