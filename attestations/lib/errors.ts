/** Why an attestation was refused. */
export type AttestationErrorCode =
  /** Not in one of the two recorded forms, or the form contradicts itself. */
  | 'MALFORMED'
  /** The leaf's hash is not the hash of its salt and value, or the salt not that of its nonce and label. */
  | 'LEAF_MISMATCH'
  /** The proof does not lead from the leaf to the root. */
  | 'PROOF_MISMATCH'
  /** The root of the proof is not the root that the subject signed. */
  | 'ROOT_MISMATCH'
  /** The subject's signature is not that of the subject's key. */
  | 'SUBJECT_SIGNATURE'
  /** The grant is missing, or for another app, another request or by another key. */
  | 'GRANT_MISMATCH'
  /** The authority is not among those that the verifier trusts. */
  | 'UNTRUSTED_AUTHORITY'
  /** The anchoring transaction is missing, unreadable, or has no single output for this very subject. */
  | 'ANCHOR_MISMATCH'
  /** The anchoring transaction was not signed by the authority. */
  | 'ANCHOR_SIGNATURE'

/** An attestation was refused. The message never holds a value, a key or a signature. */
export class AttestationError extends Error {
  override readonly name = 'AttestationError'
  readonly code: AttestationErrorCode

  constructor(code: AttestationErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The ledger is unavailable, or its response is unusable: the result is unknown, so try again later. */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable'
  readonly code = 'LEDGER_UNAVAILABLE'
}

/** The ledger understood a transaction and refused it. `reason` is the ledger's own text. */
export class TransactionRefused extends Error {
  override readonly name = 'TransactionRefused'
  readonly code = 'TRANSACTION_REFUSED'
  readonly reason: string

  constructor(reason: string) {
    super(`the ledger refused the transaction: ${reason}`)
    this.reason = reason
  }
}
