import { sign, verify } from 'node:crypto'
import { privateKey, publicKey } from 'passport-civic-sip/crypto'
import type { Claims } from './claims.ts'

/** What a reviewer approved. */
export interface Reviewed {
  /** Of the request for attestations, so that an approval counts once. */
  readonly id: string
  /** The wallet's, 66 hex digits. */
  readonly publicKey: string
  readonly set: string
  readonly claims: Claims
}

/** A reviewer's signature, by which a cosigner that is apart can tell that somebody looked. */
export interface Approval {
  readonly id: string
  /** The reviewer's P-256 public key, as hex. */
  readonly key: string
  /** ECDSA P-256 with SHA-256 over `reviewText`, r ‖ s as hex. */
  readonly signature: string
}

/** The text that a reviewer signs. */
export function reviewText({ id, publicKey: owner, set, claims }: Reviewed): string {
  const sorted = Object.entries(claims).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify(['civic-review', id, owner, set, sorted])
}

/** @param prvKey the reviewer's P-256 private key, as hex */
export function signReview(reviewed: Reviewed, prvKey: string, pubKey: string): Approval {
  const key = { key: privateKey(prvKey), dsaEncoding: 'ieee-p1363' } as const
  const signature = sign('sha256', Buffer.from(reviewText(reviewed)), key).toString('hex')
  return { id: reviewed.id, key: pubKey, signature }
}

/** Whether one of these reviewers approved. @param reviewers P-256 public keys, as hex */
export function isApproved(
  { key, signature, id }: Approval,
  reviewed: Omit<Reviewed, 'id'>,
  reviewers: readonly string[],
): boolean {
  if (!reviewers.includes(key) || !/^[0-9a-f]{128}$/.test(signature)) return false
  const text = Buffer.from(reviewText({ ...reviewed, id }))
  try {
    const signer = { key: publicKey(key), dsaEncoding: 'ieee-p1363' } as const
    return verify('sha256', text, signer, Buffer.from(signature, 'hex'))
  } catch {
    // It is no key
    return false
  }
}
