import type { KeyPair } from '../apps/new-keys.ts'

/** The keys that sign SIP's tokens. They may change at any time, so read them for each token. */
export interface KeyRing {
  /** Signs. */
  readonly current: KeyPair
  /** The public keys that wallets and sites should accept, the current one first; at most four. */
  readonly published: readonly string[]
}

/** A ring with one pair. */
export function ringOf(keys: KeyPair | KeyRing): KeyRing {
  return 'current' in keys ? keys : { current: keys, published: [keys.pubKey] }
}
