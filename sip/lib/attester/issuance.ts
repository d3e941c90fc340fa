import type { Attestation, AttestedSubject } from 'civic-attestations'
import type { Approval } from '../documents/review-text.ts'

/** The attestations of one tree, and the state of their common anchor. */
export interface Issuance {
  readonly id: string
  /** The set's name. */
  readonly set: string
  readonly publicKey: string
  /** `anchoring` until the anchor has enough confirmations, then `attested`; `refused` if it fails for a week. */
  readonly state: 'anchoring' | 'attested' | 'refused'
  /** One for each label. Without a transaction until the ledger has accepted it. */
  readonly attestations: readonly Attestation[]
  /** The reviewer's approval of the document, if it was needed. */
  readonly approval?: Approval
  /** Set after the ledger has accepted it. */
  readonly isSent?: true
  /** Why it is not anchored yet. It is tried again. */
  readonly failure?: string
  /** When it is deleted, in milliseconds since the epoch. Set when nothing is left to do. */
  readonly until?: number
}

/** What the attestations have in common: the subject, and the attester's keys. */
export function attestedIn({ attestations: [first] }: Issuance): AttestedSubject {
  if (!first) throw new Error('a tree has at least one label')
  return first.attn.attestation.attestation
}
