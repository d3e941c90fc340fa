import { AttestationError } from './errors.ts'
import { verifyGrant } from './grant.ts'
import { read, type Statement } from './read.ts'
import { isSigned } from './subject.ts'
import { climb, leafHash, saltOf } from './tree.ts'

/** What an attestation proves by itself. */
export interface Verified {
  label: string
  value: string
  /** The Merkle root, 64 hex digits. */
  root: string
  /** The extended public key that it was issued to. */
  subject: string
  /** True once a grant has been checked; undefined if none was asked for. */
  isOwner: true | undefined
  /**
   * Whether the leaf commits to the label. False for what Civic itself issued: there a wallet could give one leaf
   * the label of another in its tree.
   */
  labelBound: boolean
}

/**
 * Checks what can be checked without a ledger: leaf, proof, root, the subject's signature and, with `appId` and
 * `requestId`, that the subject's key granted this very request.
 *
 * @param attestation of either recorded form (of the second, a credential with one claim); from anybody
 * @param expected the request that it must be granted to: both fields, or neither
 * @throws AttestationError `MALFORMED`, `LEAF_MISMATCH`, `PROOF_MISMATCH`, `ROOT_MISMATCH`, `SUBJECT_SIGNATURE` or
 *   `GRANT_MISMATCH`, and nothing else for whatever `attestation` is
 * @throws TypeError if only one of `appId` and `requestId` is given, or one is no string or is empty
 */
export const verifyOffline = (
  attestation: unknown,
  expected: { appId?: string | undefined; requestId?: string | undefined } = {},
): Verified => {
  const request = requestOf(expected)
  const statement = read(attestation)
  verifyStatement(statement)
  const { leaf, subject } = statement
  if (request) verifyGrant(statement.request, { ...subject, ...request })
  return {
    label: leaf.label,
    value: leaf.value,
    root: subject.data,
    subject: subject.xpub,
    isOwner: request ? true : undefined,
    labelBound: leaf.nonce !== undefined,
  }
}

const requestOf = ({
  appId,
  requestId,
}: {
  appId?: string | undefined
  requestId?: string | undefined
}): { appId: string; requestId: string } | undefined => {
  if (appId === undefined && requestId === undefined) return undefined
  if (typeof appId !== 'string' || typeof requestId !== 'string' || appId === '' || requestId === '') {
    throw new TypeError('appId and requestId must both be given, as strings, for the grant to be checked')
  }
  return { appId, requestId }
}

/** Checks leaf, proof, root and the subject's signature. */
export const verifyStatement = ({ leaf, root, subject, point }: Statement): void => {
  if (root !== subject.data) {
    throw new AttestationError('ROOT_MISMATCH', 'the root is not the one that the subject signed')
  }
  if (leaf.nonce !== undefined && saltOf(leaf.nonce, leaf.label) !== leaf.salt) {
    throw new AttestationError('LEAF_MISMATCH', 'the salt is not that of this nonce and label')
  }
  if (leafHash(leaf.salt, leaf.value) !== leaf.hash) {
    throw new AttestationError('LEAF_MISMATCH', 'the hash is not that of this salt and value')
  }
  if (climb(leaf.hash, leaf.proof) !== root) {
    throw new AttestationError('PROOF_MISMATCH', 'the proof does not lead from the leaf to the root')
  }
  if (!isSigned(subject, point)) {
    throw new AttestationError('SUBJECT_SIGNATURE', 'the subject was not signed by the key it was issued to')
  }
}
