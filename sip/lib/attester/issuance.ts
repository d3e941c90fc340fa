import type { Attestation } from 'civic-attestations'
import type { Approval } from '../documents/review-text.ts'

/** The attestations of one tree, and the state of their common anchor. */
export interface Issuance {
  readonly id: string
  /** The set's name. */
  readonly set: string
  readonly publicKey: string
  /** `anchoring` until enough blocks hold the anchor, then `attested`; `refused` if none could be made in a week. */
  readonly state: 'anchoring' | 'attested' | 'refused'
  /** One for each label. Without a transaction until the ledger has taken it. */
  readonly attestations: readonly Attestation[]
  /** The reviewer's approval of the document, if it was needed. */
  readonly approval?: Approval
  /** Set after the ledger has accepted it. */
  readonly isSent?: true
  /** Why it is not anchored yet. It is tried again. */
  readonly failure?: string
  /** When it is forgotten, in milliseconds since the epoch: set once nothing is to be done about it. */
  readonly until?: number
}
