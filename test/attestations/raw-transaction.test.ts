import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { RawTx } from '@scure/btc-signer'
import { writeRaw } from '../../attestations/lib/raw-transaction.ts'
import { parseTransaction } from '../../attestations/lib/transaction.ts'
import { anchorTo, fundedLedger, issueTo } from '../support/issuer.ts'
import { person } from '../support/recorded.ts'

/** What the reference reads, in our form. */
function reference(raw: string): object | undefined {
  try {
    const bytes = Uint8Array.from(Buffer.from(raw, 'hex'))
    const tx = RawTx.decode(bytes)
    if (Buffer.from(RawTx.encode(tx)).toString('hex') !== raw) return undefined
    const { version, inputs, outputs, lockTime, segwitFlag } = tx
    return {
      version,
      lockTime,
      segwit: segwitFlag === true,
      inputs: inputs.map(({ txid, index, finalScriptSig, sequence }): unknown[] => [
        Buffer.from(txid).toString('hex'),
        index,
        Buffer.from(finalScriptSig).toString('hex'),
        sequence,
      ]),
      outputs: outputs.map(({ amount, script }): unknown[] => [amount, Buffer.from(script).toString('hex')]),
    }
  } catch {
    return undefined
  }
}

function ours(raw: string): object | undefined {
  const tx = parseTransaction(raw)
  if (!tx) return undefined
  const { version, inputs, outputs, lockTime, segwit } = tx
  return {
    version,
    lockTime,
    segwit,
    inputs: inputs.map(({ txid, vout, scriptSig, sequence }) => [
      txid,
      vout,
      Buffer.from(scriptSig).toString('hex'),
      sequence,
    ]),
    outputs: outputs.map(({ amount, script }): unknown[] => [amount, Buffer.from(script).toString('hex')]),
  }
}

function agrees(raw: string): void {
  assert.deepEqual(ours(raw), reference(raw), raw)
}

/** The size of a list or a text, in any of its spellings. */
function sizes(count: number): string[] {
  const bytes = Buffer.alloc(9)
  bytes.writeUInt32LE(count, 1)
  return [0xfd, 0xfe, 0xff].map((flag, index) => {
    bytes[0] = flag
    return bytes.subarray(0, [3, 5, 9][index]).toString('hex')
  })
}

describe('attestations: a raw transaction', () => {
  let raw: string
  before(async () => {
    raw = (await anchorTo(fundedLedger(), issueTo(person('ada')))).tx
  })

  it('is read as by the reference', () => {
    agrees(raw)
    assert.ok(ours(raw))
    assert.equal(
      parseTransaction(raw)?.txid,
      createHash('sha256')
        .update(createHash('sha256').update(raw, 'hex').digest())
        .digest()
        .reverse()
        .toString('hex'),
    )
  })

  it('is read as by the reference with any byte changed, dropped or added, and cut anywhere', () => {
    for (let at = 0; at < raw.length; at += 2) {
      const [before, byte, after] = [raw.slice(0, at), raw.slice(at, at + 2), raw.slice(at + 2)]
      for (const other of ['00', '01', 'fd', 'ff']) agrees(before + other + after)
      agrees(before + after)
      agrees(`${before}00${byte}${after}`)
      agrees(before)
    }
    agrees(`${raw}00`)
  })

  it('is read as by the reference with its sizes in every encoding', () => {
    const output = `${'00'.repeat(8)}00`
    for (const count of [0, 1, 0xfc, 0xfd, 0xfe, 0xffff, 0x10000]) {
      for (const size of [Buffer.from([count & 0xff]).toString('hex'), ...sizes(count)]) {
        agrees(`0200000000${size}${output.repeat(Math.min(count, 300))}00000000`)
        agrees(`0200000000010000000000000000${size}${'51'.repeat(count)}00000000`)
      }
    }
  })

  it('may have witnesses', () => {
    const { version, lockTime } = parseTransaction(raw)!
    const [input] = RawTx.decode(Uint8Array.from(Buffer.from(raw, 'hex'))).inputs
    const segwit = RawTx.encode({
      version,
      segwitFlag: true,
      inputs: [input!],
      outputs: [{ amount: 1n, script: Uint8Array.of(0x51) }],
      witnesses: [[Uint8Array.of(1)]],
      lockTime,
    })
    const text = Buffer.from(segwit).toString('hex')
    agrees(text)
    assert.equal(parseTransaction(text)?.segwit, true)
    for (let at = 0; at < text.length; at += 2) agrees(`${text.slice(0, at)}00${text.slice(at + 2)}`)
  })
})

describe('attestations: writing a raw transaction', () => {
  const tx = (scripts: number, length: number, amount = 5461n): Parameters<typeof writeRaw>[0] => ({
    version: -2,
    inputs: [{ txid: 'ab'.repeat(32), vout: 7, scriptSig: new Uint8Array(length), sequence: 0xfffffffe }],
    outputs: Array.from({ length: scripts }, () => ({ amount, script: new Uint8Array(2) })),
    lockTime: 0xffffffff,
  })

  for (const count of [0, 1, 0xfc, 0xfd, 0xffff, 0x10000]) {
    it(`has lists or scripts of ${count} as the reference writes them`, () => {
      // The reference takes seconds for long lists
      for (const parts of [tx(Math.min(count, 0xfd), 1), tx(1, count)]) {
        const inputs = parts.inputs.map(({ txid, vout, scriptSig, sequence }) => ({
          txid: Uint8Array.from(Buffer.from(txid, 'hex')),
          index: vout,
          finalScriptSig: scriptSig,
          sequence,
        }))
        const expected = RawTx.encode({ ...parts, inputs, segwitFlag: false, witnesses: undefined })
        assert.ok(Buffer.from(expected).equals(writeRaw(parts)))
      }
    })
  }

  it('may have more outputs than a function has arguments', () => {
    assert.equal(writeRaw(tx(0x10000, 1)).length, 4 + 1 + 42 + 5 + 0x10000 * 11 + 4)
  })

  it('cuts off nothing that a transaction cannot hold', () => {
    const parts = tx(1, 1)
    for (const wrong of [
      tx(1, 1, -1n),
      tx(1, 1, 2n ** 64n),
      { ...parts, version: 2 ** 31 },
      { ...parts, lockTime: -1 },
      { ...parts, lockTime: NaN },
      { ...parts, inputs: parts.inputs.map((input) => ({ ...input, txid: 'ab' })) },
      { ...parts, lockTime: 2 ** 32 },
    ])
      assert.throws(() => writeRaw(wrong), RangeError)
  })
})
