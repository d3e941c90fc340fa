import assert from 'node:assert/strict'
import {
  addressScript,
  draftTransfer,
  EmbeddedLedger,
  findFunds,
  finishDraft,
  fundingAddress,
  fundingScript,
  inspectDraft,
  signDraft,
} from 'civic-attestations'
import type { Draft, FundingOutput, Signed } from 'civic-attestations'
import { fundedLedger, ISSUER, SECOND_COSIGNER, SIGNERS } from '../support/issuer.ts'
import { person } from '../support/recorded.ts'

const PATH = ISSUER.authority.path
const OTHER = { ...ISSUER, authority: { xpub: person('another authority').xpub, path: PATH } }
/** An address of each kind, on a test network (BIP 173, BIP 350). */
const ADDRESSES = {
  P2PKH: 'mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn',
  P2SH: fundingAddress(OTHER, 'tbch'),
  P2WPKH: 'tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx',
  P2WSH: 'tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7',
  P2TR: 'tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c',
}

function signed(draft: Draft, keys: readonly string[] = SIGNERS): Signed {
  return finishDraft(draft, ...keys.map((key) => signDraft(draft, key, PATH)))
}

describe('attestations: an issuer’s money to another address', () => {
  it('moves all of it, signed by any two of the three keys', async () => {
    const ledger = fundedLedger()
    for (let block = 1; block < 12; block += 1) ledger.mine(fundingScript(ISSUER))
    const funds = await findFunds(ledger, ISSUER, { most: 100 })
    assert.equal(funds.length, 12)
    const script = addressScript(ADDRESSES.P2WPKH, ledger.network)
    const draft = draftTransfer({ issuer: ISSUER, funds, script, feeRate: 3 })
    const { outputs, fee, bytes } = inspectDraft(draft, ISSUER)
    assert.deepEqual(outputs, [{ kind: 'script', script, value: 12 * 50 * 1e8 - fee }])
    const { tx, txid } = signed(draft, [SIGNERS[1], SECOND_COSIGNER])
    assert.ok(fee >= 3 * (tx.length / 2) && fee === 3 * bytes)
    await ledger.broadcast(tx)
    assert.deepEqual(await findFunds(ledger, ISSUER), [])
    assert.deepEqual((await ledger.tx(txid))!.vout[0]!.scriptpubkey, script)
  })

  it('pays the fee for an address of each kind', async () => {
    for (const [kind, address] of Object.entries(ADDRESSES)) {
      const ledger = fundedLedger()
      const script = addressScript(address, ledger.network)
      const draft = draftTransfer({ issuer: ISSUER, funds: await findFunds(ledger, ISSUER), script })
      const { tx } = signed(draft)
      await ledger.broadcast(tx)
      assert.ok(inspectDraft(draft, ISSUER).fee >= tx.length / 2, kind)
    }
  })

  /** Outputs of these values that belong to the issuer. */
  async function fundsOf(values: readonly number[]): Promise<FundingOutput[]> {
    const ledger = new EmbeddedLedger()
    ledger.mine(fundingScript(OTHER))
    const script = fundingScript(ISSUER)
    const whole = draftTransfer({ issuer: OTHER, funds: await findFunds(ledger, OTHER), script })
    const draft = { ...whole, outputs: values.map((value) => ({ script, value })) }
    const { tx } = signed(draft, [person('another authority').xprv, SIGNERS[1]])
    return values.map((_, vout) => ({ tx, vout }))
  }

  it('leaves outputs that are worth less than the fee for them', async () => {
    const funds = await fundsOf([2_000, 297, 1_000])
    const to = addressScript(ADDRESSES.P2SH, 'tbch')
    const voutsAt = (feeRate: number): number[] =>
      draftTransfer({ issuer: ISSUER, funds, script: to, feeRate }).inputs.map((one) => one.vout)
    assert.deepEqual(voutsAt(1), [0, 2])
    assert.deepEqual(voutsAt(4), [0])
    assert.throws(() => voutsAt(5), RangeError)
    assert.throws(() => voutsAt(50), RangeError)
    assert.throws(() => draftTransfer({ issuer: ISSUER, funds: [], script: to }), RangeError)
  })

  it('never pays what an anchor holds, because the address may be one', async () => {
    const script = addressScript(ADDRESSES.P2SH, 'tbch')
    for (const [more, paid] of [
      [-1, 5460],
      [0, 5460],
      [1, 5462],
    ] as const) {
      const funds = await fundsOf([5461 + 341 + more])
      const { outputs } = draftTransfer({ issuer: ISSUER, funds, script })
      assert.deepEqual(outputs, [{ script, value: paid }])
    }
  })

  it('refuses an address of another network, or of no kind that it knows', () => {
    for (const address of Object.values(ADDRESSES)) {
      assert.match(addressScript(address, 'tbch'), /^[0-9a-f]{44,68}$/)
      assert.throws(() => addressScript(address, 'bitcoin'), TypeError)
    }
    for (const wrong of [
      '',
      'nobody',
      `${ADDRESSES.P2PKH.slice(0, -1)}m`,
      ADDRESSES.P2WPKH.replace('w508', 'w509'),
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
      // Everybody can spend it
      'tb1pfees9rn5nz',
    ])
      assert.throws(() => addressScript(wrong, 'tbch'), TypeError, wrong)
    assert.equal(
      addressScript('bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'bitcoin'),
      '0014751e76e8199196d454941c45d1b3a323f1433bd6',
    )
  })
})
