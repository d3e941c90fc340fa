import type { Attestation, Issuer, Subject } from './forms.ts'
import { ISSUER_RULE, issuerKeys } from './script.ts'
import { signSubject } from './subject.ts'
import { isLabel, merkleTree } from './tree.ts'
import type { Tree } from './tree.ts'
import { VerificationCache } from './verification-cache.ts'
import { verifyOffline } from './verify.ts'
import { verifyTree } from './whole-tree.ts'

/** What `issue` needs. */
export interface IssueOptions extends Issuer {
  /** The name of the set of labels, such as `attCivicBasic`. */
  label: string
  /**
   * Label to value; or, if the wallet has already signed its root, the tree that `merkleTree` made of them. Pass only a
   * tree that the issuer made: its contents are attested.
   */
  claims: Readonly<Record<string, string>> | Tree
  /** The user's extended private key; or, if wallet and issuer are separate programs, what `signSubject` returned. */
  subject: string | Subject
}

/** A tree has an array of leaves; a claim labelled `leaves` would be a string. */
function isTree(claims: IssueOptions['claims']): claims is Tree {
  return typeof claims.leaves === 'object'
}

/**
 * Issues a set of labels: one Merkle tree that the user signed, with its issuer. Nobody accepts it before `anchor` has
 * put it on a ledger.
 *
 * @returns one attestation of the first form for each label; they share tree, subject and issuer. Each contains only
 *   its leaf and proof, so that a wallet can share one without the others.
 * @throws TypeError if a key, the path, a label or a value is invalid
 * @throws AttestationError if a given tree is not exactly its leaves (see `verifyTree`), or a given `subject` is not a
 *   signature over this tree and label
 *
 * @example
 * ```ts
 * import { issue } from 'civic-attestations'
 *
 * const attestations = issue({
 *   authority: { xpub: authority.publicExtendedKey, path: '/0/0' },
 *   cosigners: [{ xpub: cosigner.publicExtendedKey }, { xpub: backup.publicExtendedKey }],
 *   label: 'attCivicBasic',
 *   claims: { 'contact.personal.email': 'ada@example.org' },
 *   subject: user.privateExtendedKey,
 * })
 * console.log(attestations[0]?.data.value) // 'ada@example.org'
 * ```
 */
export function issue(options: IssueOptions): Attestation[] {
  const { label, authority, cosigners } = options
  if (!isLabel(label)) throw new TypeError('label must be well-formed text of 1 to 256 characters')
  if (issuerKeys({ authority, cosigners }) === undefined) throw new TypeError(ISSUER_RULE)
  const tree = isTree(options.claims) ? verifyTree(options.claims) : merkleTree(options.claims)
  const subject =
    typeof options.subject === 'string'
      ? signSubject({ label, data: tree.root }, options.subject)
      : options.subject
  const attestations = tree.leaves.map((leaf): Attestation => ({
    label: leaf.label,
    data: leaf,
    attnData: tree.root,
    attnLabel: label,
    attn: { attestation: { attestation: { subject, authority, cosigners, type: 'temporary' } } },
  }))
  const cache = new VerificationCache()
  for (const attestation of attestations) verifyOffline(attestation, {}, cache)
  return attestations
}
