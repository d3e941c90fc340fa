import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { Script } from '@scure/btc-signer'
import { shown, writeTransaction } from './transaction.ts'
import type { Transaction } from './transaction.ts'
import { sha256 } from './sha256.ts'

/** What a block pays its miner besides the fees, in satoshi: always 50 bitcoin. */
export const SUBSIDY = 5_000_000_000n

/** What a coinbase's input spends: nothing. */
export const NOTHING = { txid: '0'.repeat(64), vout: 0xffffffff }

export function isCoinbase({ inputs }: Transaction): boolean {
  return inputs.length === 1 && inputs[0]?.txid === NOTHING.txid && inputs[0].vout === NOTHING.vout
}

/** The raw coinbase transaction of a block; the block's height makes it unique (BIP 34). */
export function coinbase(height: number, amount: bigint, script: Uint8Array): string {
  const scriptSig = Script.encode([height, utf8ToBytes('embedded')])
  const input = { ...NOTHING, scriptSig, sequence: 0xffffffff }
  return writeTransaction({ version: 2, inputs: [input], outputs: [{ amount, script }], lockTime: 0 })
}

function hash256(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes))
}

function internal(id: string): Uint8Array {
  return hexToBytes(id).reverse()
}

/** Bitcoin's Merkle root over transaction ids: an odd last one counts twice. */
function merkleRoot(level: Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(32)] = level
  if (level.length <= 1) return first
  return merkleRoot(
    level.flatMap((left, i) => (i % 2 === 0 ? [hash256(concatBytes(left, level[i + 1] ?? left))] : [])),
  )
}

const GENESIS_PREVIOUS = '0'.repeat(64)
/** The easiest target that regtest allows: no work is done for it. */
const BITS = 0x207fffff

/** A block's hash, over a header in Bitcoin's format. `time` in epoch seconds. */
export function blockHash(previous: string | undefined, txids: readonly string[], time: number): string {
  const header = new Uint8Array(80)
  const view = new DataView(header.buffer)
  view.setUint32(0, 1, true)
  header.set(internal(previous ?? GENESIS_PREVIOUS), 4)
  header.set(merkleRoot(txids.map(internal)), 36)
  view.setUint32(68, time, true)
  view.setUint32(72, BITS, true)
  return shown(hash256(header))
}
