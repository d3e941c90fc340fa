import type { Attestation } from 'civic-attestations'
import type { Approval } from '../documents/review-text.ts'

/** What was issued in one go: the attestations of one tree, and where their common anchor stands. */
export interface Issuance {
  readonly id: string
  /** The set's name. */
  readonly set: string
  readonly publicKey: string
  /** `anchoring` until enough blocks hold the anchor, then `attested`; `refused` if none could be made in a week. */
  readonly state: 'anchoring' | 'attested' | 'refused'
  /** One for each label. Without a transaction until the ledger has taken it. */
  readonly attestations: readonly Attestation[]
  /** Of somebody who looked at the document, where one was needed. */
  readonly approval?: Approval
  /** Set once the ledger has taken it. */
  readonly isSent?: true
  /** Why it could not be anchored yet: it is tried again. */
  readonly failure?: string
  /** When it is forgotten, in milliseconds since the epoch: set once nothing is to be done about it. */
  readonly until?: number
}
