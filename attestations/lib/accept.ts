import { isCoinbase } from './block.ts'
import { TransactionRefused } from './errors.ts'
import { payTo, sameBytes } from './script.ts'
import { parseSpend, parseTransaction } from './transaction.ts'
import type { Output, Transaction } from './transaction.ts'

/**
 * An output that the ledger knows, and whether it is spent: by a confirmed transaction, or by one that waits for a
 * block.
 */
export interface Known {
  readonly output: Output
  readonly spent: 'no' | 'waiting' | 'yes'
}

/** What `checkTransaction` needs to know from the ledger. */
export interface View {
  readonly hasTransaction: (txid: string) => boolean
  readonly output: (txid: string, vout: number) => Known | undefined
}

/** All bitcoin that will ever exist, in satoshi. */
const MAX_MONEY = 2_100_000_000_000_000n
/** The largest transaction without witnesses that nodes relay, in bytes. */
const MAX_SIZE = 100_000
const FINAL = 0xffffffff
/** Set in an input's sequence, this bit turns off BIP 68's relative lock. */
const NO_RELATIVE_LOCK = 0x80000000

export function outpoint(txid: string, vout: number): string {
  return `${txid}:${vout}`
}

export function sum(outputs: readonly Output[]): bigint {
  return outputs.reduce((total, { amount }) => total + amount, 0n)
}

/** @throws TransactionRefused unless it is a transaction without witnesses */
export function readTransaction(raw: string): Transaction {
  const tx = parseTransaction(raw)
  if (tx === undefined || tx.segwit) throw refuse('TX decode failed')
  return tx
}

/**
 * Checks a transaction as a node would: that it is well-formed and final, its inputs exist and are unspent, it spends
 * no more than they hold, and each is signed as its output demands.
 *
 * @returns what the inputs spend, in their order
 * @throws TransactionRefused, with Bitcoin Core's wording of the reason
 */
export function checkTransaction(tx: Transaction, view: View): Output[] {
  if (tx.version !== 1 && tx.version !== 2) throw refuse('version')
  if (tx.size > MAX_SIZE) throw refuse('tx-size')
  if (tx.inputs.length === 0) throw refuse('bad-txns-vin-empty')
  if (tx.outputs.length === 0) throw refuse('bad-txns-vout-empty')
  if (tx.outputs.some(({ amount }) => amount > MAX_MONEY)) throw refuse('bad-txns-vout-toolarge')
  if (isCoinbase(tx)) throw refuse('coinbase')
  if (view.hasTransaction(tx.txid)) throw refuse('txn-already-known')
  const names = tx.inputs.map(({ txid, vout }) => outpoint(txid, vout))
  if (new Set(names).size < names.length) throw refuse('bad-txns-inputs-duplicate')
  if (tx.lockTime !== 0 && tx.inputs.some(({ sequence }) => sequence !== FINAL)) throw refuse('non-final')
  if (tx.version === 2 && tx.inputs.some(({ sequence }) => sequence < NO_RELATIVE_LOCK)) {
    throw refuse('non-BIP68-final')
  }
  const prevouts = tx.inputs.map(({ txid, vout }) => {
    const known = view.output(txid, vout)
    if (known?.spent === 'waiting') throw refuse('txn-mempool-conflict')
    if (known?.spent !== 'no') throw refuse('bad-txns-inputs-missingorspent')
    return known.output
  })
  if (sum(prevouts) < sum(tx.outputs)) throw refuse('bad-txns-in-belowout')
  prevouts.forEach((output, index) => {
    const spend = parseSpend(tx, index)
    if (spend === undefined || !sameBytes(payTo(spend.redeem.script), output.script)) {
      throw refuse('mandatory-script-verify-flag-failed')
    }
  })
  return prevouts
}

function refuse(reason: string): TransactionRefused {
  return new TransactionRefused(reason)
}
