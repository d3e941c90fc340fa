/** One request of the wallet's: no credentials, no referrer, no redirect followed. */
export interface WalletRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Bytes of a response, at most. */
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

/** Node's `dns.lookup`, as far as it is used: every address of a name. */
export type Lookup = (
  hostname: string,
  options: { all: true },
  callback: (error: Error | null, addresses?: readonly { address: string; family: number }[]) => void,
) => void

export interface ConnectOptions {
  readonly allowPrivate: boolean
  /** In place of the platform's own. */
  readonly fetch?: Fetch | undefined
  /** In Node without `fetch`: resolves names. */
  readonly lookup?: Lookup | undefined
}

/**
 * Sends one request. In Node the addresses of a name are checked as the connection is made, so that none that a name
 * changes to afterwards is reached.
 *
 * @throws Refusal for a reason of the wallet's own, anything else where the server cannot be reached
 */
export type Connect = (
  url: string,
  request: WalletRequest,
  options: ConnectOptions,
) => Promise<WalletResponse>

/** Why the wallet itself does not go on. */
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
