import { WalletError } from './errors.ts'
import type { Http } from './http.ts'
import { pointOf, thumbprint } from './jose.ts'
import type { Point } from './jose.ts'

const PATH = '/.well-known/civic-sip'
const MAX_BYTES = 16 * 1024
const MAX_AGE_MS = 300_000
const MAX_KEYS = 4
const SIP_ID = /^[0-9a-f]{32}$/

/** The parts of W0 (docs/wallet-protocol.md#w0) that a wallet reads. */
export interface Requester {
  readonly role: 'site' | 'sip'
  readonly name: string
  readonly sipId: string | undefined
  /** Every callback URL is below it. */
  readonly callback: string
  /** The keys by `kid`. */
  readonly keys: ReadonlyMap<string, Point>
}

/** Fetches W0 documents, and caches each for five minutes. */
export class WellKnownDocuments {
  readonly #http: Http
  readonly #clock: () => number
  readonly #cache = new Map<string, { requester: Requester; expires: number }>()

  /** @param clock milliseconds since the epoch */
  constructor(http: Http, clock: () => number) {
    this.#http = http
    this.#clock = clock
  }

  /**
   * The requester of an origin, with the key `kid` if it has one. If the cached document lacks the key, it is fetched
   * again.
   *
   * @throws WalletError
   */
  async get(origin: string, kid: string): Promise<Requester> {
    const cached = this.#cache.get(origin)
    if (cached && cached.expires > this.#clock() && cached.requester.keys.has(kid)) return cached.requester
    const { status, json } = await this.#http.send(origin + PATH, { maxBytes: MAX_BYTES })
    if (status !== 200) throw refused(`its status is ${status}`, status)
    const requester = read(json, origin)
    this.#cache.set(origin, { requester, expires: this.#clock() + MAX_AGE_MS })
    return requester
  }
}

function refused(why: string, status?: number): WalletError {
  return new WalletError('RESPONSE_REFUSED', `The requester's well-known document is refused: ${why}`, {
    status,
  })
}

function read(json: Record<string, unknown>, origin: string): Requester {
  const { version, role, clientId, name, sipId, callback, keys } = json
  if (version !== 1) throw refused('its version is not 1')
  if (role !== 'site' && role !== 'sip') throw refused('its role is neither site nor sip')
  if (clientId !== origin) throw refused("its clientId is not the requester's origin")
  if (typeof name !== 'string' || name === '' || name.length > 200) throw refused('it has no name')
  if (sipId !== undefined && (typeof sipId !== 'string' || !SIP_ID.test(sipId))) {
    throw refused('its sipId is not 32 hex digits')
  }
  if (!isCallback(callback, origin))
    throw refused('its callback is no path of the origin that ends in a slash')
  if (!Array.isArray(keys) || keys.length < 1 || keys.length > MAX_KEYS)
    throw refused('it has not 1 to 4 keys')
  return { role, name, sipId, callback, keys: new Map(keys.map(readKey)) }
}

function isCallback(callback: unknown, origin: string): callback is string {
  if (typeof callback !== 'string' || !callback.startsWith(`${origin}/`) || !callback.endsWith('/'))
    return false
  const path = callback.slice(origin.length)
  return isPlainPath(path) && URL.canParse(callback) && new URL(callback).href === callback
}

/** Whether every server and browser reads a path the same way. */
export function isPlainPath(path: string): boolean {
  return !/[%\\?#]|\/\//.test(path)
}

function readKey(key: unknown): [kid: string, point: Point] {
  const { kty, crv, x, y, use, alg, kid } = (key ?? {}) as Record<string, unknown>
  const isKey =
    kty === 'EC' &&
    crv === 'P-256' &&
    use === 'sig' &&
    alg === 'ES256' &&
    typeof x === 'string' &&
    typeof y === 'string' &&
    kid === thumbprint(x, y)
  if (!isKey) throw refused('one of its keys is no P-256 key with its thumbprint')
  try {
    return [kid, pointOf(x, y)]
  } catch {
    throw refused('one of its keys is not on the curve')
  }
}
