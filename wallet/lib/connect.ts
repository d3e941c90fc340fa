/** One request of the wallet, without credentials, referrer and redirects. */
export interface WalletRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The most bytes of a response. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

export interface WalletResponse {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: string
}

/** Any `fetch` with the standard's signature. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** The used part of Node's `dns.lookup`: every address of a name. */
export type Lookup = (
  hostname: string,
  options: { all: true },
  callback: (error: Error | null, addresses?: readonly { address: string; family: number }[]) => void,
) => void

export interface ConnectOptions {
  readonly allowPrivate: boolean
  /** Replaces the platform's `fetch`. */
  readonly fetch?: Fetch | undefined
  /** In Node without `fetch`: resolves names. */
  readonly lookup?: Lookup | undefined
}

/**
 * Sends one request. In Node, a name's addresses are checked when the connection is made, so that the name cannot
 * change in between.
 *
 * @throws Refusal if the wallet refuses; any other error if the server cannot be reached
 */
export type Connect = (
  url: string,
  request: WalletRequest,
  options: ConnectOptions,
) => Promise<WalletResponse>

/** A refusal by the wallet itself. */
export class Refusal extends Error {
  readonly code: 'ADDRESS_REFUSED' | 'RESPONSE_REFUSED' | 'UNREACHABLE'

  constructor(code: Refusal['code'], message: string) {
    super(message)
    this.code = code
  }
}

export function privateAddress(): Refusal {
  return new Refusal('ADDRESS_REFUSED', 'The name leads to this machine or to a private network')
}

export function tooLarge(): Refusal {
  return new Refusal('RESPONSE_REFUSED', 'The response is too large')
}

export function redirected(): Refusal {
  return new Refusal('UNREACHABLE', 'The server redirects, which is not followed')
}
