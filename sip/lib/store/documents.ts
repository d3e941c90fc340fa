import type { AttestationSet } from 'passport-civic-sip/user-data'
import type { Claims } from '../attester/claims.ts'
import type { Approval } from '../documents/review-text.ts'

/** Claims to review, with the document that proves them. */
export interface DocumentReview {
  /** The id for the wallet. Nobody else knows it. */
  readonly id: string
  readonly set: AttestationSet
  readonly xpub: string
  readonly state: 'waiting' | 'approved' | 'refused'
  /** Deleted after a refusal. */
  readonly claims?: Claims
  /** A JPEG or PNG in base64 that proves the claims. It is not attested, and deleted after the review. */
  readonly picture?: string
  /** Why it is refused. */
  readonly reason?: string
  /** A reviewer's signature, for a cosigner. */
  readonly approval?: Approval
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** Documents to review. `key` is the review's id for reviewers: the hash of its id. */
export interface DocumentStore {
  /** @returns false if `max` wait already */
  insert(key: string, review: DocumentReview, max: number): Promise<boolean>
  find(key: string): Promise<DocumentReview | undefined>
  /** Those that wait, oldest first. */
  waiting(limit: number): Promise<readonly { readonly key: string; readonly review: DocumentReview }[]>
  /** Replaces a waiting review by a decided one. @returns false if it does not wait */
  decide(key: string, review: DocumentReview): Promise<boolean>
  remove(key: string): Promise<void>
  /** Deletes up to `limit` from that time or before. */
  sweep(since: number, limit: number): Promise<void>
}
