import { connect } from '#connect'
import { isPrivateHost } from './addresses.ts'
import { Refusal } from './connect.ts'
import type { ConnectOptions } from './connect.ts'
import { WalletError } from './errors.ts'

const TIMEOUT_MS = 10_000

/** A response with its parsed JSON. */
export interface JsonResponse {
  readonly status: number
  readonly retryAfter: number | undefined
  readonly json: Record<string, unknown>
}

/** Exchanges JSON with servers, within the wallet's limits. */
export class Http {
  readonly #options: ConnectOptions

  constructor(options: ConnectOptions) {
    this.#options = options
  }

  /** Whether this wallet opens a URL with this scheme and host. */
  allows({ protocol, hostname }: URL): boolean {
    const isPrivate = isPrivateHost(hostname)
    if (isPrivate && !this.#options.allowPrivate) return false
    return protocol === 'https:' || (protocol === 'http:' && isPrivate)
  }

  /**
   * @param maxBytes the most bytes of a response
   * @throws WalletError `ADDRESS_REFUSED`, `UNREACHABLE` or `RESPONSE_REFUSED`
   */
  async send(
    url: string,
    { method = 'GET', body, maxBytes }: { method?: string; body?: object; maxBytes: number },
  ): Promise<JsonResponse> {
    const text = body && JSON.stringify(body)
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), TIMEOUT_MS)
    const headers = {
      Accept: 'application/json',
      ...(text !== undefined && { 'Content-Type': 'application/json' }),
    }
    const request = {
      method,
      headers,
      ...(text !== undefined && { body: text }),
      maxBytes,
      signal: controller.signal,
    }
    try {
      const { status, retryAfter, body: received } = await connect(url, request, this.#options)
      return { status, retryAfter: seconds(retryAfter), json: parse(received) }
    } catch (error) {
      throw asWalletError(error)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Always an object; anything else becomes an empty one. */
function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function seconds(value: string | null): number | undefined {
  return value !== null && /^\d{1,5}$/.test(value) ? Number(value) : undefined
}

/** The platform's error is not passed on, because its message can contain the URL. */
function asWalletError(error: unknown): WalletError {
  if (error instanceof Refusal) return new WalletError(error.code, error.message)
  return new WalletError('UNREACHABLE', 'The server cannot be reached, or is too slow')
}
