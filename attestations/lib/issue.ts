import type { Attestation, Issuer, Subject } from './forms.ts'
import { ISSUER_RULE, issuerKeys } from './script.ts'
import { signSubject } from './subject.ts'
import { isLabel, merkleTree } from './tree.ts'
import type { Tree } from './tree.ts'
import { verifyOffline } from './verify.ts'
import { verifyTree } from './whole-tree.ts'

/** What `issue` needs. */
export interface IssueOptions extends Issuer {
  /** Names the set of labels, such as `attCivicBasic`. */
  label: string
  /**
   * Label to value; or the tree that `merkleTree` made of them, where the wallet has signed its root already. The tree
   * must be the issuer's own: what it holds is attested to.
   */
  claims: Readonly<Record<string, string>> | Tree
  /** The user's extended private key; or, where wallet and issuer are two programs, what `signSubject` gave. */
  subject: string | Subject
}

/** A label is text, so that no record of claims has an object there. */
function isTree(claims: IssueOptions['claims']): claims is Tree {
  return typeof claims.leaves === 'object'
}

/**
 * Issues a set of labels: one Merkle tree, signed by the user, naming who attests to it. It is worth something only
 * once `anchor` has put it on a ledger.
 *
 * @returns one attestation of the first form for each label; they share tree, subject and issuer. Each holds its own
 *   leaf and proof alone, so that a wallet can show one and keep the others to itself.
 * @throws TypeError if a key, the path, a label or a value is not what it should be
 * @throws AttestationError if a tree made before is not exactly its leaves (see `verifyTree`), or a `subject` signed
 *   elsewhere is not a signature over this very tree and label
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
  for (const attestation of attestations) verifyOffline(attestation)
  return attestations
}
