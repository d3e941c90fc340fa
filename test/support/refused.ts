import assert from 'node:assert/strict'
import { AttestationError, TransactionRefused } from 'civic-attestations'
import type { AttestationErrorCode } from 'civic-attestations'

/** For assert.throws and assert.rejects: an AttestationError with this code. */
export function refused(...codes: AttestationErrorCode[]) {
  return (error: unknown): true => {
    assert.ok(error instanceof AttestationError, String(error))
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`)
    return true
  }
}

/** For assert.throws and assert.rejects: a TransactionRefused with this reason. */
export function refusedFor(reason: string) {
  return (error: unknown): true => {
    assert.ok(error instanceof TransactionRefused, String(error))
    assert.equal(error.reason, reason)
    assert.equal(error.code, 'TRANSACTION_REFUSED')
    return true
  }
}
