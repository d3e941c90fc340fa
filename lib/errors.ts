/**
 * Every way a Civic login can end short of success, and the status of each:
 *
 * - `CIVIC_TOKEN_MISSING`: The request holds no token. 400.
 * - `CIVIC_TOKEN_MALFORMED`: The token is not a string, or too long. 400.
 * - `CIVIC_TOKEN_INVALID`: SIP did not sign this token for this app. 401.
 * - `CIVIC_TOKEN_EXPIRED`: The token has expired. 401.
 * - `CIVIC_TOKEN_REPLAYED`: The token was used before. 401.
 * - `CIVIC_CROSS_ORIGIN`: The request is not from a page of this site. 403.
 * - `CIVIC_CODE_REJECTED`: SIP does not accept the code: it is unknown, used or expired. 401.
 * - `CIVIC_LINK_REFUSED`: Nobody is logged in to link the identity to. 403.
 * - `CIVIC_APP_REJECTED`: SIP does not accept this app, or its account is out of funds. 500.
 * - `CIVIC_THROTTLED`: SIP asks to slow down; `retryAfter` has the seconds. 503.
 * - `CIVIC_UNAVAILABLE`: SIP or the ledger failed, or cannot be reached. 502.
 * - `CIVIC_TIMEOUT`: The exchange was not done within `timeout`. 504.
 * - `CIVIC_BAD_ANSWER`: SIP's response cannot be read, verified or decrypted. 502.
 * - `CIVIC_STORE_UNAVAILABLE`: The replay store fails, is full or is too slow. 503.
 * - `CIVIC_REQUEST_MISSING`: Direct: the body names no request. 400.
 * - `CIVIC_REQUEST_UNBOUND`: Direct: this browser began no such request. 403.
 * - `CIVIC_REQUEST_PENDING`: Direct: nobody has answered the request yet. 409.
 * - `CIVIC_REQUEST_DENIED`: Direct: the person declined. 401.
 * - `CIVIC_REQUEST_EXPIRED`: Direct: the request is over, was taken, or three codes were wrong. 401.
 * - `CIVIC_CONFIRM_WRONG`: Direct: the 6 digits are missing, or not those that the wallet shows. 403.
 * - `CIVIC_RESPONSE_CODE`: Direct: the response code is missing, or not that of the request. 403.
 */
export type CivicErrorCode =
  | 'CIVIC_TOKEN_MISSING'
  | 'CIVIC_TOKEN_MALFORMED'
  | 'CIVIC_TOKEN_INVALID'
  | 'CIVIC_TOKEN_EXPIRED'
  | 'CIVIC_TOKEN_REPLAYED'
  | 'CIVIC_CROSS_ORIGIN'
  | 'CIVIC_CODE_REJECTED'
  | 'CIVIC_LINK_REFUSED'
  | 'CIVIC_APP_REJECTED'
  | 'CIVIC_THROTTLED'
  | 'CIVIC_UNAVAILABLE'
  | 'CIVIC_TIMEOUT'
  | 'CIVIC_BAD_ANSWER'
  | 'CIVIC_STORE_UNAVAILABLE'
  | 'CIVIC_REQUEST_MISSING'
  | 'CIVIC_REQUEST_UNBOUND'
  | 'CIVIC_REQUEST_PENDING'
  | 'CIVIC_REQUEST_DENIED'
  | 'CIVIC_REQUEST_EXPIRED'
  | 'CIVIC_CONFIRM_WRONG'
  | 'CIVIC_RESPONSE_CODE'

/**
 * The values of `reason` for each code: which check failed. The first is the default.
 * docs/outcomes.md explains each.
 */
export const REASONS = {
  CIVIC_TOKEN_MISSING: ['missing'],
  CIVIC_TOKEN_MALFORMED: ['type', 'length'],
  CIVIC_TOKEN_INVALID: [
    'structure',
    'algorithm',
    'type',
    'extension',
    'signature',
    'issuer',
    'audience',
    'app',
    'times',
    'lifetime',
    'iat',
    'nbf',
    'code',
  ],
  CIVIC_TOKEN_EXPIRED: ['expired'],
  CIVIC_TOKEN_REPLAYED: ['replayed'],
  CIVIC_CROSS_ORIGIN: ['site', 'origin', 'unstated', 'method'],
  CIVIC_CODE_REJECTED: ['rejected'],
  CIVIC_LINK_REFUSED: ['user'],
  CIVIC_APP_REJECTED: ['credentials', 'forbidden', 'endpoint', 'funds'],
  CIVIC_THROTTLED: ['throttled'],
  CIVIC_UNAVAILABLE: ['network', 'status', 'storage', 'ledger'],
  CIVIC_TIMEOUT: ['deadline', 'status'],
  CIVIC_BAD_ANSWER: [
    'response',
    'status',
    'json',
    'user',
    'encryption',
    'data',
    'payload-url',
    'token',
    'decryption',
    'items',
    'attestation',
  ],
  CIVIC_STORE_UNAVAILABLE: ['store'],
  CIVIC_REQUEST_MISSING: ['missing'],
  CIVIC_REQUEST_UNBOUND: ['browser'],
  CIVIC_REQUEST_PENDING: ['pending'],
  CIVIC_REQUEST_DENIED: ['denied'],
  CIVIC_REQUEST_EXPIRED: ['over', 'taken', 'tries'],
  CIVIC_CONFIRM_WRONG: ['mismatch', 'missing'],
  CIVIC_RESPONSE_CODE: ['mismatch', 'missing'],
} as const satisfies Record<CivicErrorCode, readonly [string, ...string[]]>

/**
 * Which check of its code failed, such as `audience` of `CIVIC_TOKEN_INVALID`.
 * docs/outcomes.md (Reasons) explains each.
 */
export type CivicErrorReason = (typeof REASONS)[CivicErrorCode][number]

interface Row {
  readonly status: number
  readonly expose: boolean
}

/** Caused by the caller: a Passport failure, whose message people may see. */
function refused(status: number): Row {
  return { status, expose: true }
}

/** Caused by SIP or the site: an error, whose message is for the operator. */
function failed(status: number): Row {
  return { status, expose: false }
}

const TABLE: Readonly<Record<CivicErrorCode, Row>> = {
  CIVIC_TOKEN_MISSING: refused(400),
  CIVIC_TOKEN_MALFORMED: refused(400),
  CIVIC_TOKEN_INVALID: refused(401),
  CIVIC_TOKEN_EXPIRED: refused(401),
  CIVIC_TOKEN_REPLAYED: refused(401),
  CIVIC_CROSS_ORIGIN: refused(403),
  CIVIC_CODE_REJECTED: refused(401),
  CIVIC_LINK_REFUSED: refused(403),
  CIVIC_APP_REJECTED: failed(500),
  CIVIC_THROTTLED: failed(503),
  CIVIC_UNAVAILABLE: failed(502),
  CIVIC_TIMEOUT: failed(504),
  CIVIC_BAD_ANSWER: failed(502),
  CIVIC_STORE_UNAVAILABLE: failed(503),
  CIVIC_REQUEST_MISSING: refused(400),
  CIVIC_REQUEST_UNBOUND: refused(403),
  CIVIC_REQUEST_PENDING: refused(409),
  CIVIC_REQUEST_DENIED: refused(401),
  CIVIC_REQUEST_EXPIRED: refused(401),
  CIVIC_CONFIRM_WRONG: refused(403),
  CIVIC_RESPONSE_CODE: refused(403),
}

export interface CivicErrorOptions {
  /**
   * Which check of the code failed.
   *
   * @default the code's first reason
   */
  readonly reason?: CivicErrorReason | undefined
  /** The underlying error. Never an error that could contain a token, a key, a URL or a remote body. */
  readonly cause?: Error
  /**
   * Whether the same token may be tried again because its code cannot have been used.
   *
   * @default `false`
   */
  readonly retryable?: boolean
  /** Seconds to wait, as SIP's `Retry-After` said. */
  readonly retryAfter?: number | undefined
}

/**
 * The one error class of this package. `code` says what happened, `reason` which of the code's checks failed
 * (docs/outcomes.md lists them), `status` is the HTTP status to respond with, `expose` says whether the message may be
 * shown to the person (as in http-errors), `retryable` whether the same token may be tried again. No message contains a
 * token, a secret, a key, user data or anything that SIP sent.
 */
export class CivicError extends Error {
  override readonly name = 'CivicError'
  /** What happened. {@link CivicErrorCode} explains each code. */
  readonly code: CivicErrorCode
  /** Which check of the code failed. */
  readonly reason: CivicErrorReason
  /** The HTTP status to respond with. */
  readonly status: number
  /** The same as `status`, under the name that NestJS, Fastify and http-errors read. */
  readonly statusCode: number
  readonly expose: boolean
  readonly retryable: boolean
  declare readonly retryAfter?: number

  constructor(code: CivicErrorCode, message: string, options: CivicErrorOptions = {}) {
    super(message, options.cause && { cause: options.cause })
    const { status, expose } = TABLE[code]
    this.code = code
    this.reason = options.reason ?? REASONS[code][0]
    this.status = status
    this.statusCode = status
    this.expose = expose
    this.retryable = options.retryable ?? false
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter
  }
}
