import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { before, describe, it } from 'mocha'
import { findFunds, revoke } from 'civic-attestations'
import type { EmbeddedLedger } from 'civic-attestations'
import { ISSUER, SECOND_COSIGNER, SIGNERS, anchorTo, fundedLedger, issueTo } from '../support/issuer.ts'
import { person } from '../support/recorded.ts'
import { edit, editScript } from './support/tamper.ts'

interface Case {
  tx: string
  prevouts: string[]
}

/** Debian's python3-bitcoinlib comes with Debian's python3, which need not be the first on the PATH. */
const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import bitcoin']).status === 0,
)

function interpret(cases: Case[]): unknown {
  return JSON.parse(
    execFileSync(python!, [fileURLToPath(new URL('verify-script.py', import.meta.url))], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
    }),
  )
}

async function withPrevouts(ledger: EmbeddedLedger, txid: string): Promise<Case> {
  const tx = await ledger.tx(txid)
  return { tx: (await ledger.txHex(txid))!, prevouts: tx!.vin.map(({ prevout }) => prevout!.scriptpubkey) }
}

describe('attestations: an independent script interpreter', () => {
  before(function () {
    if (python !== undefined) return
    const how = 'skipped the script interpreter: install python3-bitcoinlib (Debian) to run it'
    if (process.env.CI === 'true') assert.fail(how)
    console.log(`    ${how}`)
    this.skip()
  })

  it('accepts the anchoring and the revoking transactions, by each pair of keys', async () => {
    const ledger = fundedLedger()
    const cases: Case[] = []
    const pairs = [SIGNERS, [SIGNERS[0], SECOND_COSIGNER], [SIGNERS[1], SECOND_COSIGNER]] as const
    for (const keys of pairs) {
      const { txid, attestations } = await anchorTo(ledger, issueTo(person('ada')))
      const { tx } = revoke({ attestation: attestations[0]!, keys })
      cases.push(await withPrevouts(ledger, txid), await withPrevouts(ledger, await ledger.broadcast(tx)))
    }
    assert.deepEqual(interpret(cases), ['ok', 'ok', 'ok', 'ok', 'ok', 'ok'])
  })

  it('accepts several anchors in one transaction, and inputs of both kinds in another', async () => {
    const ledger = fundedLedger()
    const { txid, attestations } = await anchorTo(
      ledger,
      ['ada', 'grace', 'joan'].flatMap((name) => issueTo(person(name))),
    )
    assert.equal((await ledger.tx(txid))!.vout.filter(({ value }) => value === 5461).length, 3)
    const revocation = revoke({
      attestation: attestations[0]!,
      keys: SIGNERS,
      feeRate: 20,
      funds: await findFunds(ledger, ISSUER),
    })
    await ledger.broadcast(revocation.tx)
    const revoking = await withPrevouts(ledger, revocation.txid)
    assert.equal(revoking.prevouts.length, 2)
    assert.deepEqual(interpret([await withPrevouts(ledger, txid), revoking]), ['ok', 'ok'])
  })

  it('refuses them if an amount, a script or a signature was changed', async () => {
    const ledger = fundedLedger()
    const { txid } = await anchorTo(ledger, issueTo(person('ada')))
    const { tx, prevouts } = await withPrevouts(ledger, txid)
    const otherAmount = edit(tx, ({ outputs }) => (outputs[0]!.amount = 5462n))
    const otherScript = `a914${'00'.repeat(20)}87`
    const oneSignatureTwice = editScript(tx, ([dummy, first, , redeem]) => [dummy!, first!, first!, redeem!])
    assert.deepEqual(
      interpret([
        { tx: otherAmount, prevouts },
        { tx, prevouts: [otherScript] },
        { tx: oneSignatureTwice, prevouts },
      ]),
      ['VerifyScriptError', 'VerifyScriptError', 'VerifyScriptError'],
    )
  })
})
