import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Address, NETWORK, Script, Transaction } from '@scure/btc-signer'
import { describe, it } from 'mocha'
import {
  LedgerUnavailable,
  anchor,
  anchorOf,
  findFunds,
  fundingAddress,
  fundingScript,
  issue,
  revoke,
  signSubject,
  verifyOffline,
  verifyOnLedger,
} from 'civic-attestations'
import type { Attestation, EmbeddedLedger, Ledger, Subject } from 'civic-attestations'
import { refused } from '../support/refused.ts'
import { AUTHORITY, COSIGNER, STRANGERS, THIRD, coinFor, multisig, payTo, spend } from './support/forge.ts'
import {
  ISSUER,
  SECOND_COSIGNER,
  SIGNERS,
  anchorTo,
  authorities,
  fundedLedger,
  issueTo,
} from '../support/issuer.ts'
import { person, recorded } from '../support/recorded.ts'
import { edit } from './support/tamper.ts'

const ada = person('ada')
const eve = person('eve')

/** The redeem script of an anchor, written down here once more from the specification. */
function anchorScript({ xpub, label, data }: Subject): Uint8Array {
  return Buffer.concat([
    Script.encode([createHash('sha256').update(JSON.stringify({ xpub, label, data })).digest(), 'DROP']),
    multisig(2, AUTHORITY, COSIGNER, THIRD),
  ])
}

function anchorOutput(attestation: Attestation, amount = 5461n) {
  return {
    script: payTo(anchorScript(attestation.attn.attestation.attestation.subject)),
    amount,
  }
}

/** An attestation that carries a transaction by anybody. */
function carrying(attestation: Attestation, tx: string): Attestation {
  const copy = structuredClone(attestation)
  copy.attn.attestation.attestation.tx = tx
  return copy
}

async function anchored(): Promise<{ ledger: EmbeddedLedger; attestation: Attestation; txid: string }> {
  const ledger = fundedLedger()
  const { attestations, txid } = await anchorTo(ledger, issueTo(ada))
  ledger.mine()
  return { ledger, attestation: attestations[0]!, txid }
}

/** A ledger of which some answers are other ones. */
function lying(ledger: Ledger, answers: Partial<Ledger>): Ledger {
  return {
    network: ledger.network,
    tx: (txid) => ledger.tx(txid),
    txHex: (txid) => ledger.txHex(txid),
    txStatus: (txid) => ledger.txStatus(txid),
    outspend: (txid, vout) => ledger.outspend(txid, vout),
    tipHeight: () => ledger.tipHeight(),
    utxos: (hash) => ledger.utxos(hash),
    broadcast: (raw) => ledger.broadcast(raw),
    ...answers,
  }
}

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

  it('revokes one attestation without touching its neighbours in the transaction', async () => {
    const ledger = fundedLedger()
    const { attestations } = await anchorTo(ledger, [...issueTo(ada), ...issueTo(eve)])
    ledger.mine()
    await ledger.broadcast(revoke({ attestation: attestations[0]!, keys: [SIGNERS[1], SECOND_COSIGNER] }).tx)
    const states = attestations.map((attestation) => verifyOnLedger(attestation, ledger, { authorities }))
    assert.deepEqual(
      (await Promise.all(states)).map(({ state }) => state),
      ['spent', 'spent', 'unspent', 'unspent'],
    )
  })

  it('waits for the requested confirmations', async () => {
    const { ledger, attestation } = await anchored()
    const check = () => verifyOnLedger(attestation, ledger, { authorities, confirmations: 3 })
    assert.equal((await check()).state, 'unconfirmed')
    ledger.mine()
    assert.equal((await check()).isValid, false)
    ledger.mine()
    assert.equal((await check()).isValid, true)
  })

  it('accepts the second form too', async () => {
    const { ledger, attestation } = await anchored()
    const { label, data, attnData, attnLabel, attn } = attestation
    const { proof, ...claim } = data
    const credential = {
      attestationName: attnLabel,
      grantedAttestation: attn.attestation,
      attestationData: attnData,
      claims: [{ ...claim, identifier: label, proof: { merkleTree: { nodes: proof } } }],
    }
    assert.equal(verifyOffline(credential).labelBound, true)
    assert.equal((await verifyOnLedger(credential, ledger, { authorities })).isValid, true)
  })

  describe('the anchor', () => {
    it('is an output of 5461 satoshi whose script commits to the subject', async () => {
      const { ledger, attestation, txid } = await anchored()
      const { script } = anchorOutput(attestation)
      const { vout } = anchorOf(attestation)
      const output = (await ledger.tx(txid))!.vout[vout]!
      assert.deepEqual(output, {
        scriptpubkey: Buffer.from(script).toString('hex'),
        scriptpubkey_type: 'p2sh',
        value: 5461,
      })
    })

    it('ANCHOR_MISMATCH: a stolen attestation, signed again by the thief', async () => {
      const { ledger, attestation } = await anchored()
      const stolen = structuredClone(attestation)
      const attested = stolen.attn.attestation.attestation
      attested.subject = signSubject({ label: attested.subject.label, data: attested.subject.data }, eve.xprv)
      assert.equal(verifyOffline(stolen).subject, eve.xpub)
      await assert.rejects(verifyOnLedger(stolen, ledger, { authorities }), refused('ANCHOR_MISMATCH'))
    })

    it('ANCHOR_MISMATCH: another amount, two of them, none, or what Civic itself anchored', async () => {
      const { ledger, attestation } = await anchored()
      const redeem = multisig(2, AUTHORITY, COSIGNER, THIRD)
      const coins = [await coinFor(ledger, redeem)]
      const good = anchorOutput(attestation)
      for (const outputs of [
        [anchorOutput(attestation, 5460n)],
        [good, good],
        [good, anchorOutput(attestation, 1000n)],
      ]) {
        const tx = spend({ coins, redeem, signers: [AUTHORITY, COSIGNER], outputs })
        const check = verifyOnLedger(carrying(attestation, tx), ledger, { authorities })
        await assert.rejects(check, refused('ANCHOR_MISMATCH'))
      }
      const civics = recorded(ada).email.first
      const trusted = { authorities: [civics.attn.attestation.attestation.authority.xpub] }
      await assert.rejects(verifyOnLedger(civics, ledger, trusted), refused('ANCHOR_MISMATCH'))
      assert.throws(() => anchorOf(issueTo(ada)[0]), refused('ANCHOR_MISMATCH'))
    })

    it('SUBJECT_SIGNATURE and so on: the offline checks apply on the ledger too', async () => {
      const { ledger, attestation } = await anchored()
      const forged = structuredClone(attestation)
      forged.data.value = 'eve@example.org'
      await assert.rejects(verifyOnLedger(forged, ledger, { authorities }), refused('LEAF_MISMATCH'))
    })
  })

  describe('the authority', () => {
    it('UNTRUSTED_AUTHORITY: one that nobody trusts', async () => {
      const { ledger, attestation } = await anchored()
      for (const others of [[], [eve.xpub], [ISSUER.cosigners[0].xpub]]) {
        const check = verifyOnLedger(attestation, ledger, { authorities: others })
        await assert.rejects(check, refused('UNTRUSTED_AUTHORITY'))
      }
    })

    it('ANCHOR_SIGNATURE: a stranger anchors an attestation that names the authority', async () => {
      const ledger = fundedLedger()
      const [attestation] = issueTo(eve)
      const [one, two, three] = STRANGERS
      for (const [redeem, signers] of [
        [multisig(2, one, two, three), [one, two]],
        [multisig(2, AUTHORITY, one, two), [one, two]],
        [multisig(1, AUTHORITY, one, two), [one]],
        [multisig(2, one, two), [one, two]],
      ] as const) {
        const coins = [await coinFor(ledger, redeem)]
        const outputs = [anchorOutput(attestation!)]
        const tx = spend({ coins, redeem, signers: [...signers], outputs })
        await ledger.broadcast(tx)
        ledger.mine()
        const check = verifyOnLedger(carrying(attestation!, tx), ledger, { authorities })
        await assert.rejects(check, refused('ANCHOR_SIGNATURE'))
      }
    })

    it("ANCHOR_SIGNATURE: only some inputs are the authority's, or they are not a plain 2-of-3", async () => {
      const { ledger, attestation } = await anchored()
      const outputs = [anchorOutput(attestation)]
      const plain = multisig(2, AUTHORITY, COSIGNER, THIRD)
      for (const [redeem, signers] of [
        [multisig(1, AUTHORITY), [AUTHORITY]],
        [multisig(2, AUTHORITY, COSIGNER), [AUTHORITY, COSIGNER]],
        [multisig(3, AUTHORITY, COSIGNER, THIRD), [AUTHORITY, COSIGNER, THIRD]],
        [anchorScript(issueTo(ada)[0]!.attn.attestation.attestation.subject), [AUTHORITY, COSIGNER]],
        [plain, [COSIGNER, THIRD]],
      ] as const) {
        const tx = spend({ coins: [await coinFor(ledger, redeem)], redeem, signers: [...signers], outputs })
        const check = verifyOnLedger(carrying(attestation, tx), ledger, { authorities })
        await assert.rejects(check, refused('ANCHOR_SIGNATURE'))
      }
      const change = { script: payTo(plain), amount: 1000n }
      const genuine = spend({
        coins: [await coinFor(ledger, plain)],
        redeem: plain,
        signers: [AUTHORITY, COSIGNER],
        outputs: [...outputs, change],
      })
      const inputless = edit(genuine, (tx) => (tx.inputs = []))
      const withWitness = edit(genuine, (tx) => {
        tx.segwitFlag = true
        tx.witnesses = [[Uint8Array.of(1)]]
      })
      for (const tx of [inputless, withWitness]) {
        const check = verifyOnLedger(carrying(attestation, tx), ledger, { authorities })
        await assert.rejects(check, refused('ANCHOR_SIGNATURE'))
      }
      const coins = [await coinFor(ledger, plain), await coinFor(ledger, plain)]
      const both = spend({ coins, redeem: plain, signers: [AUTHORITY, COSIGNER], outputs })
      await ledger.broadcast(both)
      ledger.mine()
      assert.equal((await verifyOnLedger(carrying(attestation, both), ledger, { authorities })).isValid, true)
    })

    it('ANCHOR_SIGNATURE: the authority signed less than all of the transaction', async () => {
      const { ledger, attestation } = await anchored()
      const redeem = multisig(2, AUTHORITY, COSIGNER, THIRD)
      const coins = [await coinFor(ledger, redeem)]
      for (const sighash of [2, 3, 0x81, 0x82, 0x83]) {
        const outputs = [anchorOutput(attestation)]
        const tx = spend({ coins, redeem, signers: [AUTHORITY, COSIGNER], outputs, sighash })
        const check = verifyOnLedger(carrying(attestation, tx), ledger, { authorities })
        await assert.rejects(check, refused('ANCHOR_SIGNATURE'), `hash type ${sighash}`)
      }
    })
  })

  describe('the ledger', () => {
    it('unconfirmed: it does not know the transaction, or has another one with its id', async () => {
      const { ledger, attestation, txid } = await anchored()
      const other = await ledger.txHex((await ledger.tx(txid))!.vin[0]!.txid)
      for (const empty of [fundedLedger(), lying(ledger, { txHex: () => Promise.resolve(other) })]) {
        const { isValid, state } = await verifyOnLedger(attestation, empty, { authorities })
        assert.deepEqual({ isValid, state }, { isValid: false, state: 'unconfirmed' })
      }
    })

    it('LedgerUnavailable: it fails, or gives an unusable response', async () => {
      const { ledger, attestation } = await anchored()
      const check = (answers: Partial<Ledger>) =>
        verifyOnLedger(attestation, lying(ledger, answers), { authorities, confirmations: 2 })
      const failure = new Error('no connection')
      const none = (answer: unknown) => () => Promise.resolve(answer as never)
      for (const method of ['txHex', 'txStatus', 'outspend', 'tipHeight'] as const) {
        const unavailable = new LedgerUnavailable('down')
        await assert.rejects(check({ [method]: () => Promise.reject(unavailable) }), unavailable)
        await assert.rejects(check({ [method]: () => Promise.reject(failure) }), (error) => {
          assert.ok(error instanceof LedgerUnavailable)
          assert.equal(error.code, 'LEDGER_UNAVAILABLE')
          assert.equal(error.cause, failure)
          return true
        })
        const answers =
          method === 'tipHeight' ? ['1', -0.5, null] : [null, 5, {}, { spent: 'no', confirmed: 1 }]
        for (const answer of answers)
          await assert.rejects(check({ [method]: none(answer) }), LedgerUnavailable)
      }
      await assert.rejects(check({ txStatus: none({ confirmed: true }) }), LedgerUnavailable)
    })

    it('needs no tip for one confirmation', async () => {
      const { ledger, attestation } = await anchored()
      const without = lying(ledger, {
        tipHeight: () => Promise.reject(new LedgerUnavailable('no such route')),
      })
      assert.equal((await verifyOnLedger(attestation, without, { authorities })).isValid, true)
    })
  })

  it('TypeError: invalid options', async () => {
    const { ledger, attestation } = await anchored()
    for (const options of [
      { authorities: authorities[0] as unknown as string[] },
      { authorities, confirmations: 0 },
      { authorities, confirmations: 1.5 },
    ]) {
      await assert.rejects(verifyOnLedger(attestation, ledger, options), TypeError)
    }
  })
})

describe('attestations: anchor and revoke', () => {
  it('share an output among the labels of one tree, and return the change', async () => {
    const ledger = fundedLedger()
    const { txid, attestations } = await anchorTo(ledger, [...issueTo(ada), ...issueTo(eve)])
    const tx = await ledger.tx(txid)
    assert.deepEqual(tx!.vout.map(({ value }) => value).slice(0, 2), [5461, 5461])
    assert.equal(tx!.vout.length, 3)
    assert.equal(anchorOf(attestations[0]).vout, anchorOf(attestations[1]).vout)
    assert.ok(tx!.fee >= tx!.size && tx!.fee <= tx!.size + 10, `a fee of ${tx!.fee} for ${tx!.size} bytes`)
    const [{ network, tx: raw } = {}] = attestations.map(({ attn }) => attn.attestation.attestation)
    assert.equal(network, 'tbch')
    assert.equal(raw, await ledger.txHex(txid))
  })

  it('are paid from an address that coins can be sent to', () => {
    const address = Address(NETWORK).encode({
      type: 'sh',
      hash: Buffer.from(fundingScript(ISSUER).slice(4, -2), 'hex'),
    })
    assert.equal(fundingAddress(ISSUER, 'bitcoin'), address)
    assert.match(address, /^3/)
    assert.match(fundingAddress(ISSUER, 'tbch'), /^2/)
    const script = Buffer.from(payTo(multisig(2, AUTHORITY, COSIGNER, THIRD))).toString('hex')
    assert.equal(fundingScript(ISSUER), script)
    const cosigners: typeof ISSUER.cosigners = [ISSUER.cosigners[0], ISSUER.cosigners[0]]
    assert.throws(() => fundingScript({ ...ISSUER, cosigners }), TypeError)
  })

  it('serve any number of issuers', () => {
    const scripts = Array.from({ length: 70 }, (_, i) =>
      fundingScript({ ...ISSUER, authority: { ...ISSUER.authority, path: `/${i}` } }),
    )
    assert.equal(new Set(scripts).size, 70)
    assert.equal(fundingScript({ ...ISSUER, authority: { ...ISSUER.authority, path: '/0' } }), scripts[0])
  })

  it('use only the funds that they need, and report too few', async () => {
    const ledger = fundedLedger()
    const redeem = multisig(2, AUTHORITY, COSIGNER, THIRD)
    const attestations = issueTo(ada)
    const options = { attestations, keys: SIGNERS, network: 'tbch' }
    const small = spend({
      coins: [await coinFor(ledger, redeem)],
      redeem,
      signers: [AUTHORITY, COSIGNER],
      outputs: Array.from({ length: 4 }, () => ({ script: payTo(redeem), amount: 3000n })),
    })
    const funds = [0, 1, 2, 3].map((vout) => ({ tx: small, vout }))
    const { tx } = anchor({ ...options, funds })
    ledger.accept(small)
    const described = (await ledger.tx(ledger.accept(tx)))!
    assert.equal(described.vin.length, 3)
    assert.throws(() => anchor({ ...options, funds: funds.slice(0, 1) }), RangeError)
    assert.throws(() => anchor({ ...options, funds: [] }), RangeError)
    assert.throws(() => anchor({ ...options, funds: [{ tx: small, vout: 4 }] }), TypeError)
    assert.throws(() => anchor({ ...options, funds: [{ tx: 'zz', vout: 0 }] }), TypeError)
    for (const feeRate of [0, -1, NaN, 10_001])
      assert.throws(() => anchor({ ...options, funds, feeRate }), RangeError)
  })

  it('take funds from a transaction that has witnesses', () => {
    const paying = edit(
      spend({ coins: [], redeem: multisig(2, AUTHORITY, COSIGNER, THIRD), signers: [], outputs: [] }),
      (tx) => {
        tx.inputs.push({
          txid: new Uint8Array(32).fill(1),
          index: 0,
          finalScriptSig: new Uint8Array(),
          sequence: 0,
        })
        tx.outputs.push({ amount: 20_000n, script: Buffer.from(fundingScript(ISSUER), 'hex') })
        tx.segwitFlag = true
        tx.witnesses = [[Uint8Array.of(1)]]
      },
    )
    const funds = [{ tx: paying, vout: 0 }]
    const { tx } = anchor({ attestations: issueTo(ada), keys: SIGNERS, funds, network: 'bitcoin' })
    assert.ok(
      tx.startsWith(
        `0200000001${Buffer.from(Transaction.fromRaw(Buffer.from(paying, 'hex')).id, 'hex')
          .reverse()
          .toString('hex')}`,
      ),
    )
  })

  it('leave no change too small to relay', async () => {
    const ledger = fundedLedger()
    const redeem = multisig(2, AUTHORITY, COSIGNER, THIRD)
    const amount = 5461n + 900n
    const coin = spend({
      coins: [await coinFor(ledger, redeem)],
      redeem,
      signers: [AUTHORITY, COSIGNER],
      outputs: [{ script: payTo(redeem), amount }],
    })
    ledger.accept(coin)
    const { txid, tx } = anchor({
      attestations: issueTo(ada),
      keys: SIGNERS,
      funds: [{ tx: coin, vout: 0 }],
      network: 'tbch',
    })
    ledger.accept(tx)
    assert.equal((await ledger.tx(txid))!.vout.length, 1)
  })

  it('revoke at a fee that the anchor does not cover only with funds', async () => {
    const { ledger, attestation } = await anchored()
    const options = { attestation, keys: SIGNERS, feeRate: 100 }
    assert.throws(() => revoke(options), RangeError)
    const { txid, tx } = revoke({ ...options, funds: await findFunds(ledger, ISSUER) })
    await ledger.broadcast(tx)
    assert.equal((await ledger.tx(txid))!.vin.length, 2)
    assert.equal((await verifyOnLedger(attestation, ledger, { authorities })).state, 'spent')
  })

  it('refuse keys of another attestation, and show no key', async () => {
    const ledger = fundedLedger()
    const attestations = issueTo(ada)
    const options = { attestations, keys: SIGNERS, funds: await findFunds(ledger, ISSUER), network: 'tbch' }
    const elsewhere = issue({
      ...ISSUER,
      authority: { ...ISSUER.authority, path: '/1' },
      label: 'attCivicBasic',
      claims: { label: 'value' },
      subject: ada.xprv,
    })
    for (const wrong of [
      { attestations: [] },
      { attestations: [...attestations, ...elsewhere] },
      { keys: [SIGNERS[0], SIGNERS[0]] as const },
      { keys: [SIGNERS[1], SECOND_COSIGNER] as const },
      { keys: [SIGNERS[0], eve.xprv] as const },
      { keys: [SIGNERS[0], eve.xpub] as const },
    ]) {
      assert.throws(
        () => anchor({ ...options, ...wrong }),
        (error) => error instanceof TypeError && !error.message.includes('xprv9'),
      )
    }
    const forged = structuredClone(attestations)
    forged[0]!.data.value = 'eve@example.org'
    assert.throws(() => anchor({ ...options, attestations: forged }), refused('LEAF_MISMATCH'))
    const { attestations: made } = anchor(options)
    const strangers = [person('stranger one').xprv, person('stranger two').xprv] as const
    assert.throws(() => revoke({ attestation: made[0]!, keys: strangers }), TypeError)
    assert.throws(() => revoke({ attestation: attestations[0]!, keys: SIGNERS }), refused('ANCHOR_MISMATCH'))
  })
})
