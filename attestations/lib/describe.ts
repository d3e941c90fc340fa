import { bytesToHex } from '@noble/hashes/utils.js'
import { isCoinbase } from './block.ts'
import type { LedgerOutput, LedgerTx, TxStatus } from './ledger.ts'
import type { Output, Transaction } from './transaction.ts'

/** Esplora's names for the kinds of output that this package makes; P2SH is `OP_HASH160 <20 bytes> OP_EQUAL`. */
function kindOf(script: Uint8Array): string {
  if (script[0] === 0x6a) return 'op_return'
  const [hash160, push, equal] = [script[0], script[1], script[22]]
  return script.length === 23 && hash160 === 0xa9 && push === 20 && equal === 0x87 ? 'p2sh' : 'unknown'
}

function outputOf({ amount, script }: Output): LedgerOutput {
  return {
    scriptpubkey: bytesToHex(script),
    scriptpubkey_type: kindOf(script),
    value: Number(amount),
  }
}

/**
 * A transaction without witnesses in Esplora's JSON.
 * @param prevouts what its inputs spend, in their order; empty for a coinbase
 */
export function describe(tx: Transaction, prevouts: readonly Output[], status: TxStatus): LedgerTx {
  const total = (outputs: readonly Output[]) => outputs.reduce((sum, { amount }) => sum + amount, 0n)
  return {
    txid: tx.txid,
    version: tx.version,
    locktime: tx.lockTime,
    vin: tx.inputs.map(({ txid, vout, scriptSig, sequence }, index) => {
      const prevout = prevouts[index]
      return {
        txid,
        vout,
        prevout: prevout ? outputOf(prevout) : null,
        scriptsig: bytesToHex(scriptSig),
        is_coinbase: isCoinbase(tx),
        sequence,
      }
    }),
    vout: tx.outputs.map(outputOf),
    size: tx.size,
    weight: 4 * tx.size,
    fee: isCoinbase(tx) ? 0 : Number(total(prevouts) - total(tx.outputs)),
    status,
  }
}
