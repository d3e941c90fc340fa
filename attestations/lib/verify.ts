import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { AttestationError } from './errors.ts'
import type { Attestation, AttestedSubject } from './forms.ts'
import { checkGrant } from './grant.ts'
import { read } from './read.ts'
import type { Attested, Statement } from './read.ts'
import { isSigned, subjectText } from './subject.ts'
import { climb, leafHash, saltOf } from './tree.ts'
import type { VerificationCache } from './verification-cache.ts'
import { sha256 } from './sha256.ts'

/**
 * A verified attestation, the same for both recorded forms. `verifyOnLedger`, `anchorOf`, `anchor`, `grant` and
 * `revoke` accept the object that `verifyOffline` returned and do not verify it again. They refuse a copy of it.
 */
export interface Verified {
  readonly label: string
  readonly value: string
  /** The Merkle root, 64 hex digits. */
  readonly root: string
  /** The extended public key that the attestation was issued to. */
  readonly subject: string
  /** True if the grant was checked; undefined if no request was given. */
  readonly isOwner: true | undefined
  /**
   * Whether the leaf commits to the label. False for attestations that Civic issued: their wallets could give one leaf
   * the label of another in the tree.
   */
  readonly labelBound: boolean
  /** The name of the set of labels that the subject was signed for, such as `attCivicBasic`. */
  readonly set: string
  /** The subject's compressed public key, 66 hex digits. One key has many extended forms. */
  readonly publicKey: string
  /**
   * Identifies the subject, its issuer and the anchoring transaction, 64 hex digits. Attestations with the same value
   * are revoked together, and one query of the ledger is enough for all of them.
   */
  readonly anchor: string
}

/** The details of each object that `verifyOffline` returned. A copy has none. */
const statements = new WeakMap<object, Statement>()

/**
 * Checks what can be checked without a ledger: leaf, proof, root, the subject's signature and, with `appId` and
 * `requestId`, that the subject's key granted this request.
 *
 * @param attestation of either recorded form (of the second, a credential with one claim), not trusted
 * @param expected the request that it must be granted to: both fields, or neither
 * @param cache verifies once what several attestations of one response share
 * @returns what was verified, frozen: later changes to `attestation` do not affect it
 * @throws AttestationError `MALFORMED`, `LEAF_MISMATCH`, `PROOF_MISMATCH`, `ROOT_MISMATCH`, `SUBJECT_SIGNATURE` or
 *   `GRANT_MISMATCH`, and nothing else, whatever `attestation` is
 * @throws TypeError if only one of `appId` and `requestId` is given, or one is not a string or is empty
 *
 * @example
 * ```ts
 * import { AttestationError, verifyOffline } from 'civic-attestations'
 *
 * const { label, value } = verifyOffline(attestation)
 * console.log([label, value]) // ['contact.personal.email', 'ada@example.org']
 * try {
 *   verifyOffline({ ...attestation, attnData: '00'.repeat(32) })
 * } catch (error) {
 *   if (error instanceof AttestationError) console.log(error.code) // 'ROOT_MISMATCH'
 * }
 * ```
 */
export function verifyOffline(
  attestation: unknown,
  expected: { appId?: string | undefined; requestId?: string | undefined } = {},
  cache?: VerificationCache,
): Verified {
  const request = requestOf(expected)
  const statement = read(attestation)
  verifyStatement(statement, cache)
  const { leaf, attested } = statement
  const { subject, point } = attested
  if (request) checkGrant(statement.request, { ...subject, ...request }, point, cache)
  const verified: Verified = Object.freeze({
    label: leaf.label,
    value: leaf.value,
    root: subject.data,
    subject: subject.xpub,
    isOwner: request ? true : undefined,
    labelBound: leaf.nonce !== undefined,
    set: subject.label,
    publicKey: bytesToHex(point),
    anchor: anchorName(attested),
  })
  statements.set(verified, statement)
  return verified
}

/**
 * The details of a verified attestation, for the steps after verification.
 * @param attestation what `verifyOffline` returned, or an attestation of either form, which is verified now
 * @throws AttestationError as `verifyOffline`
 */
export function statementOf(attestation: unknown): Statement {
  const isObject = typeof attestation === 'object' && attestation !== null
  const known = isObject ? statements.get(attestation) : undefined
  if (known) return known
  const statement = read(attestation)
  verifyStatement(statement)
  return statement
}

/** A copy of a verified attestation in the first form, which shares no object with the original. */
export function attestationOf({ leaf, root, request, attested }: Statement): Attestation {
  return {
    label: leaf.label,
    data: { ...leaf, proof: leaf.proof.map((step) => ({ ...step })) },
    attnData: root,
    attnLabel: attested.subject.label,
    attn: {
      attestation: { ...(request && { request: { ...request } }), attestation: attestedSubject(attested) },
    },
  }
}

function attestedSubject(attested: Attested): AttestedSubject {
  const { subject, authority, cosigners, type, network, tx } = attested
  const [one, two] = cosigners
  return {
    subject: { ...subject },
    authority: { ...authority },
    cosigners: [{ ...one }, { ...two }],
    type,
    ...(network !== undefined && { network }),
    ...(tx !== undefined && { tx }),
  }
}

function anchorName({ subject, authority, cosigners, tx }: Attested): string {
  const parts = [
    subjectText(subject),
    authority.path,
    authority.xpub,
    ...cosigners.map(({ xpub }) => xpub),
    tx,
  ]
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts))))
}

function requestOf({
  appId,
  requestId,
}: {
  appId?: string | undefined
  requestId?: string | undefined
}): { appId: string; requestId: string } | undefined {
  if (appId === undefined && requestId === undefined) return undefined
  if (typeof appId !== 'string' || typeof requestId !== 'string' || appId === '' || requestId === '') {
    throw new TypeError('appId and requestId must both be given, as strings, for the grant to be checked')
  }
  return { appId, requestId }
}

/** Checks leaf, proof, root and the subject's signature. */
function verifyStatement({ leaf, root, attested }: Statement, cache?: VerificationCache): void {
  const { subject, point } = attested
  if (root !== subject.data) {
    throw new AttestationError('ROOT_MISMATCH', 'the root is not the one that the subject signed')
  }
  if (leaf.nonce !== undefined && saltOf(leaf.nonce, leaf.label) !== leaf.salt) {
    throw new AttestationError('LEAF_MISMATCH', 'the salt does not match the nonce and label')
  }
  if (leafHash(leaf.salt, leaf.value) !== leaf.hash) {
    throw new AttestationError('LEAF_MISMATCH', 'the hash does not match the salt and value')
  }
  if (climb(leaf.hash, leaf.proof) !== root) {
    throw new AttestationError('PROOF_MISMATCH', 'the proof does not lead from the leaf to the root')
  }
  if (!isSigned(subject, point, cache)) {
    throw new AttestationError('SUBJECT_SIGNATURE', 'the subject was not signed by the key it was issued to')
  }
}
