/** Every way a Civic login can end short of success. */
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

interface Row {
  readonly status: number
  readonly expose: boolean
}

/** The caller's doing: a Passport failure, whose message may be shown. */
const refused = (status: number): Row => ({ status, expose: true })
/** SIP's or the site's own doing: an error, whose message is for the operator. */
const failed = (status: number): Row => ({ status, expose: false })

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
}

export interface CivicErrorOptions {
  /** What went wrong underneath. Never a library's error that could carry a token, a key, a URL or a remote body. */
  readonly cause?: Error
  /** Whether the same token may be tried again, because nothing can have used its code. Default: false. */
  readonly retryable?: boolean
  /** Seconds to wait, as SIP's `Retry-After` said. */
  readonly retryAfter?: number | undefined
}

/**
 * The one error class of this package. `code` says what happened, `status` is the HTTP status that fits,
 * `expose` whether the message may be shown to the person (as in http-errors), `retryable` whether the same
 * token may be tried again. No message holds a token, a secret, a key, user data or anything SIP sent.
 */
export class CivicError extends Error {
  override readonly name = 'CivicError'
  readonly code: CivicErrorCode
  readonly status: number
  readonly expose: boolean
  readonly retryable: boolean
  declare readonly retryAfter?: number

  constructor(code: CivicErrorCode, message: string, options: CivicErrorOptions = {}) {
    super(message, options.cause && { cause: options.cause })
    const { status, expose } = TABLE[code]
    this.code = code
    this.status = status
    this.expose = expose
    this.retryable = options.retryable ?? false
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter
  }
}
