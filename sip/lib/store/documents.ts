import type { AttestationSet } from 'passport-civic-sip/user-data'
import type { Claims } from '../attester/claims.ts'
import type { Approval } from '../documents/review-text.ts'

/** Claims that somebody is to look at, with the document that shows them. */
export interface DocumentReview {
  /** By which the wallet asks for it: nobody else knows it. */
  readonly id: string
  readonly set: AttestationSet
  readonly xpub: string
  readonly state: 'waiting' | 'approved' | 'refused'
  /** Forgotten once they are refused. */
  readonly claims?: Claims
  /** A JPEG or PNG in base64, which shows what is claimed and is not attested. Forgotten once it was looked at. */
  readonly picture?: string
  /** Why it is refused. */
  readonly reason?: string
  /** A reviewer's signature, for a cosigner. */
  readonly approval?: Approval
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** What documents are to be looked at. `key` is what reviewers know a review by: the hash of its id. */
export interface DocumentStore {
  /** @returns false if `max` wait already */
  insert(key: string, review: DocumentReview, max: number): Promise<boolean>
  find(key: string): Promise<DocumentReview | undefined>
  /** Those that wait, oldest first. */
  waiting(limit: number): Promise<readonly { readonly key: string; readonly review: DocumentReview }[]>
  /** Puts a decided review in place of one that waits. @returns false if no such one waits */
  decide(key: string, review: DocumentReview): Promise<boolean>
  remove(key: string): Promise<void>
  /** Forgets up to `limit` of that time or before. */
  sweep(since: number, limit: number): Promise<void>
}
