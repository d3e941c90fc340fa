import type { Deadline } from './deadline.ts'
import { CivicError } from './errors.ts'
import type { CivicErrorCode, CivicErrorReason } from './errors.ts'
import { hasDuplicates, parseJsonObject } from './json.ts'
import { isPlainObject } from './objects.ts'
import type { Settings } from './options.ts'
import { openPayload, undecryptable } from './payload.ts'
import { checkPayloadUrl } from './payload-url.ts'
import { verifyToken } from './token.ts'
import { badAnswer } from './transport.ts'
import type { Answer, Send } from './transport.ts'
import type { UserData } from './user-data.ts'

/** The result of an exchange. */
export interface CivicUser {
  /** Stable for this person and this app. */
  userId: string
  data: UserData
}

/** A response's contents, decrypted. */
export interface Opened {
  /** As SIP sent it. */
  readonly userId: string
  /** An array of objects, or an object if attestations are to be verified. Not checked. */
  readonly payload: object
}

type Meaning = readonly [CivicErrorCode, CivicErrorReason, string]

const REJECTED: Meaning = [
  'CIVIC_CODE_REJECTED',
  'rejected',
  'SIP does not accept this authorization code: it is unknown, used or expired',
]

/** A 401 whose cause is most likely the clock. */
const CLOCK_OFF: Meaning = [
  'CIVIC_APP_REJECTED',
  'credentials',
  "SIP does not accept this app's signature, and the clocks of SIP and this host differ by over a minute: check this host's clock first, then appId, prvKey and appSecret",
]

/** What SIP's statuses other than 200 mean (docs/protocol.md#status-codes, and RFC 9110 for the others). */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  400: REJECTED,
  404: REJECTED,
  410: REJECTED,
  401: [
    'CIVIC_APP_REJECTED',
    'credentials',
    'SIP does not accept the signature of this app: check appId, prvKey and appSecret',
  ],
  403: [
    'CIVIC_APP_REJECTED',
    'forbidden',
    'SIP forbids this app the exchange: check its state in the partner portal',
  ],
  405: ['CIVIC_APP_REJECTED', 'endpoint', 'SIP does not allow the exchange here: check api and env'],
  409: ['CIVIC_APP_REJECTED', 'funds', "The partner's account with Civic is out of funds"],
  504: ['CIVIC_TIMEOUT', 'status', 'SIP did not respond in time'],
}

/** The error for a response other than 200. It shows nothing of the body. */
export function refusal({ status, retryAfter, isClockOff }: Answer): CivicError {
  if (status === 429) {
    // Throttled at the gateway, before SIP read the code
    return new CivicError('CIVIC_THROTTLED', 'SIP asks to slow down', { retryable: true, retryAfter })
  }
  const meaning = status === 401 && isClockOff ? CLOCK_OFF : MEANINGS[status]
  if (meaning) {
    const [code, reason, message] = meaning
    return new CivicError(code, message, { reason })
  }
  if (status >= 500 && status <= 599)
    return new CivicError('CIVIC_UNAVAILABLE', `SIP failed (status ${status})`, { reason: 'status' })
  return badAnswer(`its status is ${status}`, 'status')
}

/**
 * Verifies and decrypts SIP's 200 (docs/protocol.md#exchange-response), fetching a large payload first. SIP has
 * used the code by now, so no failure here is retryable.
 *
 * @throws CivicError `CIVIC_BAD_ANSWER`, `CIVIC_UNAVAILABLE` or `CIVIC_TIMEOUT`
 */
export async function openAnswer(
  body: string,
  settings: Settings,
  send: Send,
  deadline: Deadline,
): Promise<Opened> {
  const answer = parseJsonObject(body)
  if (!answer || hasDuplicates(answer)) throw badAnswer('it is not a JSON object', 'json')
  const { userId, data, encrypted, alg, processed = false } = answer.object
  if (!isUserId(userId))
    throw badAnswer('its userId is not a string of 1 to 512 printable characters', 'user')
  if (encrypted !== true && (encrypted !== false || !settings.allowUnencrypted)) {
    throw badAnswer('it is not encrypted', 'encryption')
  }
  if (encrypted && alg !== 'aes') throw badAnswer('its encryption is not AES', 'encryption')
  if (typeof data !== 'string' || typeof processed !== 'boolean')
    throw badAnswer('it contains no data token', 'data')
  const token = processed
    ? await fetchPayload(checkPayloadUrl(data, settings), settings, send, deadline)
    : data
  const claim = readDataToken(token, settings)
  const parse = settings.attestations ? parseEither : parseItems
  const payload = encrypted ? decrypt(claim, settings.secrets, parse) : parse(claim)
  if (!payload) throw badAnswer('its data is not an array of objects', 'items')
  return { userId, payload }
}

/** No signature covers the userId, and its form is SIP's choice. This refuses only what breaks databases. */
function isUserId(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= 512 && value.trim() !== '' && !/[\p{Cc}\p{Cs}]/u.test(value)
  )
}

function readDataToken(token: string, { sipKeys, expected }: Settings): unknown {
  try {
    return verifyToken(token, sipKeys, expected).data
  } catch {
    throw badAnswer('its data token is not signed by SIP for this app and this time', 'token')
  }
}

/** Tries each secret until the JSON parses: a wrong key passes the padding check once in 250. */
function decrypt(data: unknown, secrets: readonly string[], parse: Parse): object {
  for (const secret of secrets) {
    const payload = attempt(() => parse(openPayload(data as string, secret)))
    if (payload) return payload
  }
  throw undecryptable()
}

/** Reads the contents of a data token, or their JSON text; undefined for any other form. */
type Parse = (data: unknown) => object | undefined

function parseItems(data: unknown): object[] | undefined {
  const items = parseJson(data)
  return Array.isArray(items) && items.every(isPlainObject) ? items : undefined
}

/** The form with attestations, or the form without, which is refused later. */
function parseEither(data: unknown): object | undefined {
  const payload = parseJson(data)
  return isPlainObject(payload) ? payload : parseItems(payload)
}

function parseJson(data: unknown): unknown {
  return typeof data === 'string' ? attempt(() => JSON.parse(data) as unknown) : data
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}

/** A plain GET, which may be repeated. Of our headers, the storage gets only `Accept`. */
async function fetchPayload(
  url: string,
  { retries }: Settings,
  send: Send,
  deadline: Deadline,
): Promise<string> {
  const request = { method: 'GET', headers: { Accept: '*/*' } } as const
  for (let left = retries; ; left--) {
    try {
      const { status, body } = await send(url, request, deadline)
      if (status === 200) return body
      if (status !== 429 && status < 500)
        throw badAnswer(`its payload URL responds with status ${status}`, 'payload-url')
      throw new CivicError('CIVIC_UNAVAILABLE', `SIP's storage failed (status ${status})`, {
        reason: 'storage',
      })
    } catch (error) {
      const { code, message } = error as CivicError
      if (code !== 'CIVIC_UNAVAILABLE') throw error
      if (left === 0) throw new CivicError(code, message, { reason: 'storage' })
    }
  }
}
