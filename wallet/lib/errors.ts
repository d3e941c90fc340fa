/** Why a call of the wallet failed. */
export type WalletErrorCode =
  /** The text is not the link of a request, or a wallet does not open its URL. */
  | 'LINK_REFUSED'
  /** A name leads to this machine or to a private network, and `allowPrivate` is not set. */
  | 'ADDRESS_REFUSED'
  /** The server cannot be reached, is too slow, or redirects. */
  | 'UNREACHABLE'
  /** The server's response is too large, or not of the protocol's form. */
  | 'RESPONSE_REFUSED'
  /** The request token is not one that this requester signed for this URL and this time. */
  | 'REQUEST_REFUSED'
  /** The request is for another party, and the requester is not among the trusted SIPs. */
  | 'SIP_UNTRUSTED'
  /** The request was answered before, and with another answer. */
  | 'ALREADY_ANSWERED'
  /** The wallet holds no attestation of a label that is asked for. */
  | 'NOT_ATTESTED'
  /** The requester refused the response; `status` and `reason` say why. */
  | 'ANSWER_REFUSED'
  /** The attester refused, or what it sent is not what the wallet claimed. */
  | 'ATTESTER_REFUSED'

export interface WalletErrorOptions {
  /** The HTTP status of the response. */
  readonly status?: number | undefined
  /** The other side's code, such as an attestation's. */
  readonly reason?: string | undefined
  /** Seconds after which the same call may succeed. */
  readonly retryAfter?: number | undefined
}

/** The error of every method of `Wallet`. No message contains a key, a token or a person's value. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code: WalletErrorCode
  declare readonly status?: number
  declare readonly reason?: string
  declare readonly retryAfter?: number

  constructor(code: WalletErrorCode, message: string, options: WalletErrorOptions = {}) {
    super(message)
    this.code = code
    const { status, reason, retryAfter } = options
    if (status !== undefined) this.status = status
    if (reason !== undefined) this.reason = reason
    if (retryAfter !== undefined) this.retryAfter = retryAfter
  }
}
