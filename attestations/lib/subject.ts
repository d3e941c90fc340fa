import { AttestationError } from './errors.ts'
import type { Subject } from './forms.ts'
import { publicOf, signText, verifyText } from './keys.ts'
import { readSubject } from './read.ts'
import type { VerificationCache } from './verification-cache.ts'

/** The text that a subject signs when an attestation is made; the anchor commits to it (docs/protocol.md#subject). */
export function subjectText({ xpub, label, data }: Omit<Subject, 'signature'>): string {
  return JSON.stringify({ xpub, label, data })
}

/**
 * The wallet's step in issuing: the user's signature over the root of a tree that the issuer made.
 *
 * @param tree `label` names the set of labels, `data` is the tree's root
 * @param key the user's extended private key, `xprv…`
 * @throws TypeError if `key` is not such a key
 */
export function signSubject(tree: { label: string; data: string }, key: string): Subject {
  const signed = { label: tree.label, data: tree.data, xpub: publicOf(key) }
  return { ...signed, signature: signText(subjectText(signed), key) }
}

/** Whether the subject's key signed it. */
export function isSigned(subject: Subject, point: Uint8Array, cache?: VerificationCache): boolean {
  return verifyText(subjectText(subject), subject.signature, point, cache)
}

/**
 * Checks a subject alone: before there is an attestation, or if it signs something else, such as a request to revoke.
 * @param subject not trusted
 * @returns a copy with only these fields
 * @throws AttestationError `MALFORMED`; `SUBJECT_SIGNATURE` if its key did not sign it
 */
export function verifySubject(subject: unknown): Subject {
  const read = readSubject(subject)
  if (!isSigned(read.subject, read.point)) {
    throw new AttestationError('SUBJECT_SIGNATURE', 'the subject was not signed by the key that it names')
  }
  return read.subject
}
