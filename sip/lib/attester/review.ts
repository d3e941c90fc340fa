import { sign, verify } from 'node:crypto'
import { privateKey, publicKey } from 'passport-civic-sip/crypto'
import { reviewText } from '../documents/review-text.ts'
import type { Approval, Reviewed } from '../documents/review-text.ts'

/**
 * Signs an approval, for a program that reviews documents.
 * @param prvKey the reviewer's P-256 private key, as hex
 */
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
    // Not a key
    return false
  }
}
