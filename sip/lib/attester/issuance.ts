import type { Attestation } from 'civic-attestations'
import type { Approval } from './review.ts'

/** What was issued in one go: the attestations of one tree, and where their common anchor stands. */
export interface Issuance {
  readonly id: string
  /** The set's name. */
  readonly set: string
  readonly publicKey: string
  /** `anchoring` until enough blocks hold the anchor, then `attested`. */
  readonly state: 'anchoring' | 'attested'
  /** One for each label. Without a transaction until the ledger has taken it. */
  readonly attestations: readonly Attestation[]
  /** Of somebody who looked at the document, where one was needed. */
  readonly approval?: Approval
  /** Set once the ledger has taken it. */
  readonly isSent?: true
  /** Why it could not be anchored yet: it is tried again. */
  readonly failure?: string
}
