import assert from 'node:assert/strict'
import { AttestationError, TransactionRefused, type AttestationErrorCode } from 'civic-attestations'

/** For assert.throws and assert.rejects: an AttestationError with this code. */
export const refused =
  (...codes: AttestationErrorCode[]) =>
  (error: unknown): true => {
    assert.ok(error instanceof AttestationError, String(error))
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`)
    return true
  }

/** For assert.throws and assert.rejects: a TransactionRefused with this reason. */
export const refusedFor =
  (reason: string) =>
  (error: unknown): true => {
    assert.ok(error instanceof TransactionRefused, String(error))
    assert.equal(error.reason, reason)
    assert.equal(error.code, 'TRANSACTION_REFUSED')
    return true
  }
