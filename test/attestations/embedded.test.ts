import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Script } from '@scure/btc-signer'
import { before, describe, it } from 'mocha'
import { EmbeddedLedger, anchorOf, revoke, verifyOnLedger } from 'civic-attestations'
import type { Attestation, LedgerSnapshot } from 'civic-attestations'
import { refusedFor } from '../support/refused.ts'
import { AUTHORITY, COSIGNER, STRANGERS, THIRD, coinFor, multisig, payTo, spend } from './support/forge.ts'
import { SIGNERS, anchorTo, authorities, fundedLedger, issueTo, now } from '../support/issuer.ts'
import { person } from '../support/recorded.ts'
import { edit, editScript } from './support/tamper.ts'

const REDEEM = multisig(2, AUTHORITY, COSIGNER, THIRD)
const SIGNED = { redeem: REDEEM, signers: [AUTHORITY, COSIGNER] }

function hash256(data: Buffer): Buffer {
  return createHash('sha256').update(createHash('sha256').update(data).digest()).digest()
}

function shown(data: Buffer): string {
  return Buffer.from(data).reverse().toString('hex')
}

describe('attestations: EmbeddedLedger', () => {
  let ledger: EmbeddedLedger
  let coin: { tx: string; vout: number }

  before(async () => {
    ledger = fundedLedger()
    coin = await coinFor(ledger, REDEEM)
  })

  const refuses = (raw: string, reason: string) => assert.rejects(ledger.broadcast(raw), refusedFor(reason))

  describe('refuses', () => {
    it('TX decode failed: not a transaction, trailing bytes, or witnesses', async () => {
      const good = spend({ coins: [coin], ...SIGNED })
      const segwit = good.replace(/^02000000/, '020000000001').replace(/00000000$/, '01010100000000')
      for (const raw of [
        '',
        '00',
        'zz',
        good.slice(2),
        `${good}00`,
        good.toUpperCase(),
        ` ${good}`,
        segwit,
      ]) {
        await refuses(raw, 'TX decode failed')
      }
    })

    it('an input that does not exist', async () => {
      const unknown = edit(
        spend({ coins: [coin], ...SIGNED }),
        ({ inputs }) => (inputs[0]!.txid = new Uint8Array(32)),
      )
      await refuses(unknown, 'bad-txns-inputs-missingorspent')
      const beyond = edit(spend({ coins: [coin], ...SIGNED }), ({ inputs }) => (inputs[0]!.index = 1))
      await refuses(beyond, 'bad-txns-inputs-missingorspent')
    })

    it('the same input twice', async () => {
      const twice = edit(spend({ coins: [coin], ...SIGNED }), ({ inputs }) => inputs.push(inputs[0]!))
      await refuses(twice, 'bad-txns-inputs-duplicate')
    })

    it('more out than in, and more than exists', async () => {
      const pay = (amount: bigint) =>
        spend({ coins: [coin], ...SIGNED, outputs: [{ script: payTo(REDEEM), amount }] })
      await refuses(pay(5_000_000_001n), 'bad-txns-in-belowout')
      await refuses(pay(2_100_000_000_000_001n), 'bad-txns-vout-toolarge')
      const twoHalves = edit(pay(1n), ({ outputs }) => {
        outputs[0]!.amount = 2_500_000_001n
        outputs.push({ ...outputs[0]!, amount: 2_500_000_000n })
      })
      await refuses(twoHalves, 'bad-txns-in-belowout')
    })

    it('no inputs, no outputs, and a coinbase', async () => {
      const good = spend({ coins: [coin], ...SIGNED })
      await refuses(
        edit(good, (tx) => (tx.outputs = [])),
        'bad-txns-vout-empty',
      )
      await refuses('02000000' + '00' + '00' + '00000000', 'bad-txns-vin-empty')
      const { txids } = ledger.mine()
      await refuses((await ledger.txHex(txids[0]!))!, 'coinbase')
    })

    it('a version, lock time or relative lock that nodes do not relay or that is not over', async () => {
      await refuses(spend({ coins: [coin], ...SIGNED, version: 1, lockTime: 5, sequence: 0 }), 'non-final')
      await refuses(spend({ coins: [coin], ...SIGNED, sequence: 1 }), 'non-BIP68-final')
      await refuses(
        edit(spend({ coins: [coin], ...SIGNED }), (tx) => (tx.version = 3)),
        'version',
      )
    })

    it('a transaction larger than nodes relay', async () => {
      const large = edit(spend({ coins: [coin], ...SIGNED }), ({ outputs }) => {
        outputs.push({ amount: 0n, script: new Uint8Array(100_000) })
      })
      await refuses(large, 'tx-size')
    })

    it('one signature, one twice, or in another order', async () => {
      const good = spend({ coins: [coin], ...SIGNED })
      for (const change of [
        ([dummy, first, , redeem]) => [dummy!, first!, redeem!],
        ([dummy, first, , redeem]) => [dummy!, first!, first!, redeem!],
        ([dummy, first, second, redeem]) => [dummy!, second!, first!, redeem!],
        ([dummy, first, second, redeem]) => [dummy!, first!, second!, second!, redeem!],
        ([, first, second, redeem]) => [1, first!, second!, redeem!],
        ([, first, second, redeem]) => [first!, second!, redeem!],
        ([dummy, first, second]) => [dummy!, first!, second!],
        ([dummy, first, second, redeem]) => [dummy!, first!, second!, redeem!, 'DROP'],
        ([dummy, first, , redeem]) => [dummy!, first!, 0, redeem!],
        ([dummy, first, , redeem]) => [dummy!, first!, Uint8Array.of(0x30, 1), redeem!],
        () => [],
        ([dummy, first, second, redeem]) => ['1NEGATE', dummy!, first!, second!, redeem!],
      ] satisfies Parameters<typeof editScript>[1][]) {
        await refuses(editScript(good, change), 'mandatory-script-verify-flag-failed')
      }
    })

    it("a stranger's two signatures, under their script or under ours", async () => {
      const [one, two, three] = STRANGERS
      const theirs = multisig(2, one, two, three)
      const own = await coinFor(ledger, theirs)
      const tx = spend({ coins: [own], redeem: theirs, signers: [one, two] })
      const underHis = edit(tx, ({ inputs }) => {
        inputs[0]!.txid = hash256(Buffer.from(coin.tx, 'hex')).reverse()
      })
      await refuses(underHis, 'mandatory-script-verify-flag-failed')
      const good = spend({ coins: [coin], ...SIGNED })
      const underOurs = editScript(good, ([dummy, , , redeem]) => {
        const [, first, second] = Script.decode(scriptOf(tx))
        return [dummy!, first!, second!, redeem!]
      })
      await refuses(underOurs, 'mandatory-script-verify-flag-failed')
    })

    it('signatures over a part, with high S, or in another encoding', async () => {
      for (const sighash of [2, 3, 0x81]) {
        await refuses(spend({ coins: [coin], ...SIGNED, sighash }), 'mandatory-script-verify-flag-failed')
      }
      const good = spend({ coins: [coin], ...SIGNED })
      await refuses(editScript(good, withHighS), 'mandatory-script-verify-flag-failed')
      const cut = edit(good, ({ inputs }) => {
        const input = inputs[0] as { finalScriptSig: Uint8Array }
        input.finalScriptSig = input.finalScriptSig.subarray(0, -1)
      })
      await refuses(cut, 'mandatory-script-verify-flag-failed')
      const longPush = edit(good, ({ inputs }) => {
        const input = inputs[0] as { finalScriptSig: Uint8Array }
        input.finalScriptSig = Buffer.concat([Buffer.of(0, 0x4c), input.finalScriptSig.subarray(1)])
      })
      await refuses(longPush, 'mandatory-script-verify-flag-failed')
    })

    it('spending an output of an unknown kind', async () => {
      const { txids } = ledger.mine()
      const nobodys = (await ledger.txHex(txids[0]!))!
      await refuses(
        edit(spend({ coins: [coin], ...SIGNED }), ({ inputs }) => {
          inputs[0]!.txid = hash256(Buffer.from(nobodys, 'hex')).reverse()
        }),
        'mandatory-script-verify-flag-failed',
      )
      const outputs = [0x51, 0xff].map((op) => ({ script: Uint8Array.of(op), amount: 1000n }))
      const known = await ledger.broadcast(
        spend({ coins: [await coinFor(ledger, REDEEM)], ...SIGNED, outputs }),
      )
      assert.deepEqual(
        (await ledger.tx(known))!.vout.map((output) => output.scriptpubkey_type),
        ['unknown', 'unknown'],
      )
    })

    it('a redeem script that is not a multisig in canonical form', async () => {
      const forms = [
        Buffer.concat([REDEEM, Buffer.of(0x61)]),
        Buffer.concat([Buffer.of(0x61), REDEEM]),
        Script.encode([new Uint8Array(31), 'DROP', ...Script.decode(REDEEM)]),
        Script.encode([new Uint8Array(32), 'DROP', new Uint8Array(32), 'DROP', ...Script.decode(REDEEM)]),
        Script.encode(['DROP']),
        Buffer.alloc(521, 0x61),
        Buffer.of(0xff),
      ]
      for (const redeem of forms) {
        const strange = await coinFor(ledger, redeem)
        const tx = edit(spend({ coins: [coin], ...SIGNED }), ({ inputs }) => {
          const input = inputs[0] as { txid: Uint8Array; finalScriptSig: Uint8Array }
          input.txid = hash256(Buffer.from(strange.tx, 'hex')).reverse()
          input.finalScriptSig = Script.encode([0, new Uint8Array(71), new Uint8Array(71), redeem])
        })
        await refuses(tx, 'mandatory-script-verify-flag-failed')
      }
    })
  })

  describe('double spending', () => {
    let attestation: Attestation
    before(async () => {
      const { attestations } = await anchorTo(ledger, issueTo(person('ada')))
      ledger.mine()
      attestation = attestations[0]!
    })

    it('of an anchor is refused, with the first spend unconfirmed and confirmed', async () => {
      const first = revoke({ attestation, keys: SIGNERS })
      const second = revoke({ attestation, keys: SIGNERS, feeRate: 2 })
      assert.notEqual(first.txid, second.txid)
      await ledger.broadcast(first.tx)
      await refuses(first.tx, 'txn-already-known')
      await refuses(second.tx, 'txn-mempool-conflict')
      ledger.mine()
      await refuses(first.tx, 'txn-already-known')
      await refuses(second.tx, 'bad-txns-inputs-missingorspent')
      const { txid, vout } = anchorOf(attestation)
      const { status, ...spender } = await ledger.outspend(txid, vout)
      assert.deepEqual(spender, { spent: true, txid: first.txid, vin: 0 })
      assert.equal(status!.confirmed, true)
    })
  })

  describe('keeps', () => {
    it('blocks with headers that form a chain', async () => {
      const fresh = new EmbeddedLedger({ now })
      const to = Buffer.from(payTo(REDEEM)).toString('hex')
      const first = fresh.mine(to)
      const second = fresh.mine(to)
      const coins = await Promise.all([first, second].map(({ txids }) => fresh.txHex(txids[0]!)))
      const spends = coins.map((raw) => fresh.accept(spend({ coins: [{ tx: raw!, vout: 0 }], ...SIGNED })))
      const block = fresh.mine(to)
      assert.equal(await fresh.tipHeight(), 3)
      assert.throws(() => fresh.mine('no hex'))
      assert.throws(() => fresh.mine('00'.repeat(400_000)), TypeError)
      assert.deepEqual(block.txids.slice(1), spends)
      assert.equal(block.time, now() / 1000)

      const [a, b, c] = block.txids.map((txid) => Buffer.from(txid, 'hex').reverse())
      const root = hash256(
        Buffer.concat([hash256(Buffer.concat([a!, b!])), hash256(Buffer.concat([c!, c!]))]),
      )
      const header = Buffer.alloc(80)
      header.writeUInt32LE(1, 0)
      Buffer.from(second.hash, 'hex').reverse().copy(header, 4)
      root.copy(header, 36)
      header.writeUInt32LE(block.time, 68)
      header.writeUInt32LE(0x207fffff, 72)
      assert.equal(block.hash, shown(hash256(header)))

      const coinbase = (await fresh.tx(block.txids[0]!))!
      assert.equal(coinbase.vin[0]!.is_coinbase, true)
      assert.equal(coinbase.vin[0]!.prevout, null)
      assert.equal(coinbase.vout[0]!.value, 5_000_000_000 + 2 * 1000)
      assert.equal(coinbase.fee, 0)
    })

    it('transactions as Esplora describes them, in the mempool and in a block', async () => {
      const fresh = fundedLedger()
      const source = await coinFor(fresh, REDEEM)
      const raw = spend({ coins: [source], ...SIGNED })
      const txid = fresh.accept(raw)
      assert.equal(txid, shown(hash256(Buffer.from(raw, 'hex'))))
      assert.equal(await fresh.txHex(txid), raw)
      assert.deepEqual(await fresh.txStatus(txid), { confirmed: false })
      const block = fresh.mine()
      const status = {
        confirmed: true,
        block_height: 3,
        block_hash: block.hash,
        block_time: now() / 1000,
      }
      assert.deepEqual(await fresh.txStatus(txid), status)
      const output = { scriptpubkey: Buffer.from(payTo(REDEEM)).toString('hex'), scriptpubkey_type: 'p2sh' }
      assert.deepEqual(await fresh.tx(txid), {
        txid,
        version: 2,
        locktime: 0,
        vin: [
          {
            txid: shown(hash256(Buffer.from(source.tx, 'hex'))),
            vout: 0,
            prevout: { ...output, value: 5_000_000_000 },
            scriptsig: scriptOf(raw).toString('hex'),
            is_coinbase: false,
            sequence: 0xffffffff,
          },
        ],
        vout: [{ ...output, value: 4_999_999_000 }],
        size: raw.length / 2,
        weight: raw.length * 2,
        fee: 1000,
        status,
      })
    })

    it('unknown transactions as unknown, and their outputs as unspent', async () => {
      const unknown = 'ab'.repeat(32)
      assert.equal(await ledger.tx(unknown), undefined)
      assert.equal(await ledger.txHex(unknown), undefined)
      assert.deepEqual(await ledger.txStatus(unknown), { confirmed: false })
      assert.deepEqual(await ledger.outspend(unknown, 0), { spent: false })
      assert.deepEqual(await ledger.utxos(unknown), [])
    })

    it('the unspent outputs of each script', async () => {
      const fresh = new EmbeddedLedger({ now })
      const hash = createHash('sha256').update(payTo(REDEEM)).digest('hex')
      const source = await coinFor(fresh, REDEEM)
      assert.deepEqual(
        (await fresh.utxos(hash)).map(({ vout, value, status }) => [vout, value, status.block_height]),
        [[0, 5_000_000_000, 1]],
      )
      const half = { script: payTo(REDEEM), amount: 2_000_000_000n }
      const txid = fresh.accept(spend({ coins: [source], ...SIGNED, outputs: [half, half] }))
      assert.deepEqual(await fresh.utxos(hash), [
        { txid, vout: 0, value: 2_000_000_000, status: { confirmed: false } },
        { txid, vout: 1, value: 2_000_000_000, status: { confirmed: false } },
      ])
    })
  })

  describe('a snapshot', () => {
    it('restores all of it', async () => {
      const fresh = fundedLedger()
      const { attestations } = await anchorTo(fresh, issueTo(person('ada')))
      fresh.mine()
      await fresh.broadcast(revoke({ attestation: attestations[0]!, keys: SIGNERS }).tx)
      const text = JSON.stringify(fresh)
      const restored = new EmbeddedLedger({ snapshot: JSON.parse(text) as LedgerSnapshot })
      assert.equal(JSON.stringify(restored), text)
      assert.equal(restored.network, 'tbch')
      assert.equal((await verifyOnLedger(attestations[0], restored, { authorities })).state, 'spent')
      assert.deepEqual(
        await restored.txStatus(anchorOf(attestations[0]).txid),
        await fresh.txStatus(anchorOf(attestations[0]).txid),
      )
    })

    it('is refused if it is damaged or inconsistent', async () => {
      const fresh = fundedLedger()
      const { tx } = await anchorTo(fresh, issueTo(person('ada')))
      fresh.mine()
      const snapshot = fresh.toJSON()
      const last = snapshot.blocks.at(-1)!
      for (const wrong of [
        { ...snapshot, version: 2 },
        { ...snapshot, blocks: [] },
        { ...snapshot, blocks: undefined },
        { ...snapshot, blocks: snapshot.blocks.slice(2) },
        { ...snapshot, blocks: [...snapshot.blocks, last] },
        { ...snapshot, blocks: [...snapshot.blocks, { time: 0, txs: [] }] },
        { ...snapshot, blocks: [{ ...last, txs: [last.txs[0]] }] },
        { ...snapshot, blocks: snapshot.blocks.map(({ txs }) => ({ txs })) },
        { ...snapshot, mempool: [tx] },
        { ...snapshot, mempool: undefined },
        JSON.parse(
          JSON.stringify(snapshot).replace('5515000000000000', '5615000000000000'),
        ) as LedgerSnapshot,
      ]) {
        assert.throws(() => new EmbeddedLedger({ snapshot: wrong as LedgerSnapshot }), TypeError)
      }
    })
  })
})

function scriptOf(raw: string): Buffer {
  let script: Uint8Array = new Uint8Array()
  edit(raw, ({ inputs }) => (script = (inputs[0] as { finalScriptSig: Uint8Array }).finalScriptSig))
  return Buffer.from(script)
}

/** The same signatures in their other form, (r, n − s), which anybody can make. */
const withHighS: Parameters<typeof editScript>[1] = (ops) =>
  ops.map((op, index) => {
    if (!(op instanceof Uint8Array) || index === ops.length - 1) return op
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const r = Buffer.from(op.subarray(4, 4 + op[3]!))
    const s = BigInt(`0x${Buffer.from(op.subarray(6 + op[3]!, -1)).toString('hex')}`)
    const high = Buffer.from(`00${(order - s).toString(16).padStart(64, '0')}`, 'hex')
    const body = Buffer.concat([Buffer.of(2, r.length), r, Buffer.of(2, high.length), high])
    return Buffer.concat([Buffer.of(0x30, body.length), body, Buffer.of(1)])
  })
