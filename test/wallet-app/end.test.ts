import assert from 'node:assert/strict'
import { endOf } from '../../wallet/app/end.ts'
import { WalletError } from '../../wallet/lib/errors.ts'
import type { WalletErrorCode } from '../../wallet/lib/errors.ts'

describe('the wallet’s page: a request that cannot be read, or gets no response', () => {
  function kind(code: WalletErrorCode, status?: number, message = 'The request is refused: because'): string {
    const { kind: ended, ...rest } = endOf(new WalletError(code, message, { status }))
    return 'reason' in rest ? `${ended}: ${rest.reason}` : ended
  }

  it('is over: unknown, gone or expired', () => {
    assert.equal(kind('RESPONSE_REFUSED', 404), 'expired')
    assert.equal(kind('RESPONSE_REFUSED', 410), 'expired')
    assert.equal(kind('ANSWER_REFUSED', 410), 'expired')
    assert.equal(kind('REQUEST_REFUSED', undefined, 'The request has expired'), 'expired')
  })

  it('already has a response, from this wallet or another', () => {
    assert.equal(kind('ALREADY_ANSWERED'), 'elsewhere')
    assert.equal(kind('ANSWER_REFUSED', 409), 'elsewhere')
  })

  it('cannot be trusted, with the reason', () => {
    assert.equal(kind('REQUEST_REFUSED'), 'refused: The request is refused: because.')
    assert.match(kind('SIP_UNTRUSTED'), /^refused: It asks on behalf of another site/)
    assert.equal(kind('ANSWER_REFUSED', 422), 'refused: The site could not verify your details.')
    assert.match(kind('ADDRESS_REFUSED'), /^refused: /)
    assert.match(kind('ANSWER_REFUSED', 403), /^refused: /)
  })

  it('failed for now, and can be tried again', () => {
    assert.equal(kind('UNREACHABLE'), 'failed: The site does not respond. Try again.')
    assert.deepEqual(endOf(new Error('That did not work.')), { kind: 'failed', reason: 'That did not work.' })
  })
})
