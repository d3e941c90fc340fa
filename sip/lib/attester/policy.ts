import { MAX_TREES_BYTES } from './signers.ts'

/** How an issuer anchors. */
export interface AnchoringPolicy {
  /** The confirmations after which an anchor counts. Default: 1. */
  readonly confirmations?: number
  /** The confirmations after which it is no longer watched. Default: as for `confirmations`. */
  readonly settled?: number
  /** Trees in one transaction. Default: 50. */
  readonly maxTrees?: number
  /** Bytes of JSON of one transaction; a single tree may have more. Default: as many as a cosigner reads. */
  readonly maxBytes?: number
  /** Milliseconds for which a tree waits for others, to share a transaction. Default: 0. */
  readonly groupFor?: number
  /** Satoshi for each byte, at least and at most. Defaults: 1 and 50. */
  readonly minFeeRate?: number
  readonly maxFeeRate?: number
  /** The number of blocks in which a transaction should be confirmed, if the ledger estimates fees. Default: 6. */
  readonly targetBlocks?: number
  /**
   * Milliseconds after which a transaction that no block holds is replaced by one with a higher fee. Then one
   * transaction is on its way at a time, and money counts once a block holds it. Default: never.
   */
  readonly replaceAfter?: number
  /** Milliseconds between checks of the queue and of pending transactions. Default: only when somebody asks. */
  readonly every?: number
  /** Satoshi below which the funds are low. Default: 100,000, which anchor about 15 trees. */
  readonly low?: number
}

/** For a public blockchain, where fees change, and blocks take ten minutes and can be replaced. */
export const PUBLIC_LEDGER: AnchoringPolicy = {
  settled: 6,
  groupFor: 60_000,
  replaceAfter: 60 * 60_000,
  every: 30_000,
}

export type FullPolicy = Required<Omit<AnchoringPolicy, 'replaceAfter' | 'every'>> &
  Pick<AnchoringPolicy, 'replaceAfter' | 'every'>

export function withDefaults(policy: AnchoringPolicy): FullPolicy {
  const { confirmations = 1 } = policy
  return {
    maxTrees: 50,
    maxBytes: MAX_TREES_BYTES,
    groupFor: 0,
    minFeeRate: 1,
    maxFeeRate: 50,
    targetBlocks: 6,
    low: 100_000,
    ...policy,
    confirmations,
    settled: Math.max(policy.settled ?? 0, confirmations),
  }
}
