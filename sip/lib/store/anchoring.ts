import type { FundingOutput, Signed } from 'civic-attestations'

/** A tree that waits to be anchored. */
export interface WaitingTree {
  /** The id of its issuance. */
  readonly id: string
  /** Since when, in milliseconds since the epoch. */
  readonly since: number
  /** Whether it could not be anchored with others, and so is tried alone. */
  readonly isAlone: boolean
}

/** A transaction with one fee. The ledger accepts one of several that spend the same money. */
export interface Variant extends Signed {
  /** Satoshi for each byte. */
  readonly feeRate: number
}

/** An output on the ledger. */
export interface Output {
  readonly txid: string
  readonly vout: number
}

export function outputOf({ txid, vout }: Output): Output {
  return { txid, vout }
}

export function isSame(one: Output, other: Output): boolean {
  return one.txid === other.txid && one.vout === other.vout
}

/** A pending transaction. It is stored before it is sent, and watched until it has enough confirmations. */
export interface Sending {
  readonly id: string
  /** Newest first. The newest is the current one. */
  readonly variants: readonly [Variant, ...Variant[]]
  /** The revocation of earlier anchors, which is sent first: the variants spend its change. */
  readonly before?: Variant
  /** The earlier anchors that it spends. */
  readonly spends: readonly Output[]
  /** The issuances whose trees it anchors, by output number. */
  readonly trees: readonly string[]
  /** The money that it spends. Another variant spends the same. */
  readonly funds: readonly FundingOutput[]
  /** When the newest variant was made, in milliseconds since the epoch. */
  readonly at: number
  /** Whether the ledger has accepted it. */
  readonly isSent?: true
  /** Its confirmations at the last check; undefined if it is in no block. */
  readonly depth?: number
  /** Whether it had enough confirmations, so that its trees are attested. */
  readonly isConfirmed?: true
}

export interface AnchoringCounts {
  /** The number of waiting trees. */
  readonly waiting: number
  /** When the oldest began to wait. */
  readonly oldest?: number
  /** The number of pending transactions. */
  readonly sendings: number
}

/** The queue of trees to anchor, and the pending transactions. */
export interface AnchoringStore {
  /** Adds trees to the end of the queue, in this order, except those that are there already. */
  enqueue(ids: readonly string[], since: number): Promise<void>
  /** Up to `limit` trees, oldest first, with those to anchor alone at the end. */
  waiting(limit: number): Promise<readonly WaitingTree[]>
  /** Marks trees to be anchored alone. */
  setApart(ids: readonly string[]): Promise<void>
  dequeue(ids: readonly string[]): Promise<void>
  count(): Promise<AnchoringCounts>
  /** Adds a transaction, or replaces the one with its id. */
  put(sending: Sending): Promise<void>
  remove(id: string): Promise<void>
  /** Oldest first. */
  sendings(): Promise<readonly Sending[]>
}
