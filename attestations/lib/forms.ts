/**
 * The two recorded forms in which wallets shared attestations (docs/protocol.md#attestations). Civic's had every field
 * but `nonce`.
 */

/** One step up the Merkle tree: the sibling's hash, under the key of its side. Exactly one of the two keys. */
export type ProofStep = { left: string } | { right: string }

/** What a user signed when the attestation was made. */
export interface Subject {
  /** Name of the set of labels that the tree covers, such as `attCivicBasic`. */
  label: string
  /** The Merkle root, 64 hex digits. */
  data: string
  /** The user's BIP-32 extended public key. */
  xpub: string
  /** DER ECDSA as hex, by the xpub's own key, SHA-256 over `JSON.stringify({ xpub, label, data })`. */
  signature: string
}

/** A key of an attestation's 2-of-3. */
export interface Cosigner {
  xpub: string
}

/** The attester. `path` leads from each of the three xpubs to the key in the scripts. */
export interface Authority {
  xpub: string
  /** Such as `/0/0/11/1221`: non-hardened steps below the xpub. */
  path: string
}

/** Who attests: the authority and the two cosigners of its 2-of-3. */
export interface Issuer {
  authority: Authority
  cosigners: [Cosigner, Cosigner]
}

/** What the authority attested, and where it is anchored. */
export interface AttestedSubject extends Issuer {
  subject: Subject
  /** `temporary` until a block holds the anchor. Informative: verification ignores it. */
  type: 'temporary' | 'permanent'
  /** Informative: verification asks the ledger that it is given. */
  network?: string
  /** The raw anchoring transaction as hex; absent before it is anchored. */
  tx?: string
}

/** The user's response to one request of one app. */
export interface Grant {
  /** The app's id. */
  clientId: string
  /** The app's callback; not signed. */
  url: string
  /** The subject's label. */
  label: string
  /** DER ECDSA as hex, by the subject's key, SHA-256 over the text label ‖ data ‖ app id ‖ request id. */
  signature: string
}

/** One leaf of the tree. All hashes are 64 lower-case hex digits. */
export interface Leaf {
  label: string
  value: string
  /** SHA-256 of nonce ‖ label; any 32 bytes in attestations without a nonce. */
  salt: string
  /** 32 random bytes that bind the label to the leaf through the salt. */
  nonce?: string
  /** SHA-256 of the text salt ‖ value. */
  hash: string
  proof: ProofStep[]
}

/** A subject, with the authority's attestation and the user's grant. */
export interface GrantedSubject {
  request?: Grant
  attestation: AttestedSubject
}

/** The first form: one label. */
export interface Attestation {
  label: string
  data: Leaf
  /** The Merkle root; equals `attn.attestation.attestation.subject.data`. */
  attnData: string
  /** Equals `attn.attestation.attestation.subject.label`. */
  attnLabel: string
  attn: { attestation: GrantedSubject }
}

/** A leaf in the second form. */
export interface Claim {
  identifier: string
  value: string
  salt: string
  nonce?: string
  hash: string
  proof: { merkleTree: { nodes: ProofStep[] } }
}

/** One credential of the second form, with one claim. */
export interface Credential {
  /** The subject's label. */
  attestationName: string
  grantedAttestation: GrantedSubject
  /** The Merkle root. */
  attestationData: string
  verificationLevel?: string
  issuer?: string
  claims: [Claim]
}
