import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { anchorOf, revoke, verifyOnLedger } from 'civic-attestations'
import { SIGNERS, anchorTo, authorities, fundedLedger, issueTo } from './support/issuer.ts'
import { person } from './support/recorded.ts'

const ada = person('ada')

describe('attestations: verifyOnLedger', () => {
  it('follows an attestation from the mempool to a block to its revocation', async () => {
    const ledger = fundedLedger()
    const { attestations, txid } = await anchorTo(ledger, issueTo(ada))
    const [email, phone] = attestations
    const { vout } = anchorOf(email)
    const check = () => verifyOnLedger(email, ledger, { authorities })
    assert.deepEqual(await check(), { isValid: false, state: 'unconfirmed', txid, vout })
    ledger.mine()
    assert.deepEqual(await check(), { isValid: true, state: 'unspent', txid, vout })
    assert.deepEqual(await verifyOnLedger(phone, ledger, { authorities }), await check())
    await ledger.broadcast(revoke({ attestation: email!, keys: SIGNERS }).tx)
    assert.deepEqual(await check(), { isValid: false, state: 'spent', txid, vout })
    ledger.mine()
    assert.deepEqual(await check(), { isValid: false, state: 'spent', txid, vout })
    assert.equal((await verifyOnLedger(phone, ledger, { authorities })).isValid, false)
  })
})
