import type { Ledger } from 'civic-attestations'
import type { KeptAttestations } from './attester.ts'
import type { Fetch, Lookup } from './connect.ts'
import type { TrustedSip } from './sips.ts'

export interface WalletOptions {
  /** 12 to 24 words of BIP-39; or give `seed`. */
  mnemonic?: string
  /** 16 to 64 bytes, or their hex; or give `mnemonic`. */
  seed?: Uint8Array | string
  /** The SIPs that may ask on behalf of others. For a bare origin the first `sipId` seen is kept. Default none. */
  trustedSips?: readonly TrustedSip[]
  /** Where to verify an attester's attestations. */
  ledger?: Ledger
  /** What `kept()` of an earlier wallet of the same seed returned. Default: nothing. */
  kept?: WalletKept
  /** Allow http, loopback and private networks. Only for tests. Default false. */
  allowPrivate?: boolean
  /** Returns milliseconds since the epoch, for tests that move the clock. Default: Date.now. */
  clock?: () => number
  /** Any `fetch` with the standard's signature. Default: the platform's; in Node one that checks addresses. */
  fetch?: Fetch
  /** In Node: resolves names, as `dns.lookup` does. */
  lookup?: Lookup
}

export const KNOWN: readonly string[] = [
  'mnemonic',
  'seed',
  'trustedSips',
  'ledger',
  'kept',
  'allowPrivate',
  'clock',
  'fetch',
  'lookup',
] satisfies (keyof WalletOptions)[]

/** A wallet's data that its seed does not restore, as JSON. It contains no key. */
export interface WalletKept extends KeptAttestations {
  /** The ids of known SIPs, by origin. */
  readonly sipIds: Readonly<Record<string, string>>
}
