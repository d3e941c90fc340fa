import type { Ledger } from 'civic-attestations'
import type { KeyInput } from '../keys.ts'
import type { RequestLike } from '../origin.ts'
import type { ScopeRequest, ScopeRequestName } from '../user-data.ts'
import type { DirectStore } from './store.ts'

/** What `DirectRequests` takes. */
export interface DirectOptions {
  /** The site's origin, which can never change: the userIds come from it. https, or http on loopback. */
  origin: string
  /** The path of the routes, such as `/civic`. */
  mount: string
  /** What the site calls itself. */
  name: string
  /**
   * The site's private key; or `[current, previous]` while it is being rotated; or a function that returns
   * `[the key that signs, …others that open records]`, called at each use.
   */
  prvKey: KeyInput | readonly [current: KeyInput, previous?: KeyInput] | (() => readonly KeyInput[])
  /** What the site may ask for; the first is what it asks for by default. */
  scopeRequests: readonly (ScopeRequestName | ScopeRequest)[]
  /** The chain that attestations are anchored in. */
  ledger: Ledger
  /** The xpubs of the trusted authorities. If empty, no attestation is accepted. */
  authorities: readonly string[]
  /** Where people open a wallet. */
  walletUrl: string
  /**
   * The confirmations that an attestation's anchor must have.
   *
   * @default `1`
   */
  confirmations?: number
  /**
   * Whether the person types the wallet's 6 digits where the login began. False only with `'same-network'`.
   *
   * @default `true`
   */
  confirm?: boolean
  /**
   * Whether wallet and browser must be in the same network; `'report'` only sets `info.sameNetwork`.
   *
   * @default `'off'`
   */
  proximity?: 'off' | 'report' | 'same-network'
  /**
   * The path of the site to which a wallet on the same device returns.
   *
   * @default `/`
   */
  returnTo?: string
  /**
   * Milliseconds for the response to a request, and then again to finish the login. At most 180,000.
   *
   * @default 120,000
   */
  timeout?: number
  /**
   * The most open requests in this process.
   *
   * @default 10,000
   */
  maxOpen?: number
  /**
   * Keeps the requests.
   *
   * @default this process's memory
   */
  store?: DirectStore
  /** A PNG or JPEG as a `data:` URI of at most 16 KiB. */
  logo?: string
  /** Six hex digits. */
  primaryColor?: string
  /** Six hex digits. */
  secondaryColor?: string
  /**
   * The site's message to the person; `$name` stands for `name`. A function gets the request's id, so that the site can
   * record what it said.
   *
   * @default `$name would like to access the following data on your identity`
   */
  description?: string | ((req: RequestLike, uuid: string) => string)
  /**
   * Exact origins of other sites whose pages may log people in here.
   *
   * @default none
   */
  trustedOrigins?: readonly string[]
  /**
   * Allow http on a private network. Only for tests.
   *
   * @default `false`
   */
  insecureLan?: boolean
  /**
   * Whether the routes serve the well-known document.
   *
   * @default `true`
   */
  wellKnown?: boolean
}

export type Proximity = NonNullable<DirectOptions['proximity']>
