import type { FundingOutput, Signed } from 'civic-attestations'

/** A tree that waits to be anchored. */
export interface WaitingTree {
  /** Of its issuance. */
  readonly id: string
  /** Since when, in milliseconds since the epoch. */
  readonly since: number
  /** It could not be anchored with others: the next time it goes by itself. */
  readonly isAlone: boolean
}

/** A transaction under one fee. Of several that spend the same money the ledger takes one. */
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

/** A transaction that is on its way: it is on record before it is sent, and watched until it is deep enough. */
export interface Sending {
  readonly id: string
  /** Newest first: it is the one that is meant. */
  readonly variants: readonly [Variant, ...Variant[]]
  /** Spends earlier anchors, and is sent before: the others spend what it pays back. */
  readonly before?: Variant
  /** The earlier anchors that it spends. */
  readonly spends: readonly Output[]
  /** The issuances whose trees it anchors, by the number of their output. */
  readonly trees: readonly string[]
  /** The money that it was made of: another variant is made of the same. */
  readonly funds: readonly FundingOutput[]
  /** When the newest variant was made, in milliseconds since the epoch. */
  readonly at: number
  /** The ledger has taken it. */
  readonly isSent?: true
  /** How many blocks held it when it was last looked for; undefined where none does. */
  readonly depth?: number
  /** It was deep enough: its trees are attested. */
  readonly isConfirmed?: true
}

export interface AnchoringCounts {
  /** Trees that wait. */
  readonly waiting: number
  /** Since when the oldest waits. */
  readonly oldest?: number
  /** Transactions on their way. */
  readonly sendings: number
}

/** What is to be anchored, and the transactions that are on their way. */
export interface AnchoringStore {
  /** Puts a tree at the end of the queue, unless it is in it. */
  enqueue(id: string, since: number): Promise<void>
  /** Up to `limit` trees: first those that go with others, the oldest first. */
  waiting(limit: number): Promise<readonly WaitingTree[]>
  /** Has trees go alone from now on. */
  setApart(ids: readonly string[]): Promise<void>
  dequeue(ids: readonly string[]): Promise<void>
  count(): Promise<AnchoringCounts>
  /** Adds a transaction, or puts it in place of the one with its id. */
  put(sending: Sending): Promise<void>
  remove(id: string): Promise<void>
  /** Oldest first. */
  sendings(): Promise<readonly Sending[]>
}
