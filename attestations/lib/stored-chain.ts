import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { checkTransaction, readTransaction, sum } from './accept.ts'
import { SUBSIDY, blockHash, coinbase } from './block.ts'
import { describe } from './describe.ts'
import type { LedgerTx, TxStatus } from './ledger.ts'
import { scriptHash } from './script.ts'
import { parseTransaction } from './transaction.ts'
import type { Output, Transaction } from './transaction.ts'

/** An output, as a database stores it. */
export interface StoredOutput {
  /** Satoshi. */
  readonly value: number
  /** Hex. */
  readonly script: string
  /** The key for `utxos`: the script's SHA-256, as Esplora shows it. */
  readonly scriptHash: string
}

/** Where an output stands. */
export interface Outpoint {
  readonly txid: string
  readonly vout: number
}

/** A transaction that was checked. */
export interface StoredTransaction {
  readonly txid: string
  /** Hex. */
  readonly raw: string
  /** What it spends, in the order of its inputs. */
  readonly spends: readonly Outpoint[]
  readonly outputs: readonly StoredOutput[]
  /** Satoshi. */
  readonly fee: number
}

/** What the database knows about the transaction and the outputs that it spends. */
export interface StoredView {
  readonly isKnown: boolean
  readonly output: (
    txid: string,
    vout: number,
  ) => (Pick<StoredOutput, 'value' | 'script'> & { readonly spent: 'no' | 'waiting' | 'yes' }) | undefined
}

/** `OP_RETURN`: an output that nobody can spend. */
const NOBODY = '6a'

/**
 * The rules of `EmbeddedLedger`, for a ledger whose transactions and outputs are in a database: the database looks up
 * what a step needs, and stores what the step returns.
 */
export const storedChain = {
  /**
   * A transaction's id and the outputs that it spends, to look them up.
   * @throws TransactionRefused if it is not a transaction
   */
  read(raw: string): { readonly txid: string; readonly spends: readonly Outpoint[] } {
    const tx = readTransaction(raw)
    return { txid: tx.txid, spends: spendsOf(tx) }
  },

  /** Checks a transaction as a node would. @throws TransactionRefused, with Bitcoin Core's wording */
  accept(raw: string, view: StoredView): StoredTransaction {
    const tx = readTransaction(raw)
    const prevouts = checkTransaction(tx, {
      hasTransaction: () => view.isKnown,
      output: (txid, vout) => {
        const known = view.output(txid, vout)
        return known && { output: loaded(known), spent: known.spent }
      },
    })
    return stored(raw, tx, Number(sum(prevouts) - sum(tx.outputs)))
  },

  /**
   * The coinbase transaction of a block.
   * @param to the output script, as hex, that gets 50 bitcoin and the fees; by default, one that nobody can spend
   */
  coinbase(height: number, fees: number, to: string = NOBODY): StoredTransaction {
    const raw = coinbase(height, SUBSIDY + BigInt(fees), hexToBytes(to))
    return { ...stored(raw, parseTransaction(raw) as Transaction, 0), spends: [] }
  },

  /** @param previous the hash of the block before; undefined for the first @param time epoch seconds */
  blockHash,

  /** @param prevouts what its inputs spend, in their order; empty for a coinbase */
  describe(
    raw: string,
    prevouts: readonly Pick<StoredOutput, 'value' | 'script'>[],
    status: TxStatus,
  ): LedgerTx {
    return describe(readTransaction(raw), prevouts.map(loaded), status)
  },
} as const

function stored(raw: string, tx: Transaction, fee: number): StoredTransaction {
  const outputs = tx.outputs.map(({ amount, script }) => ({
    value: Number(amount),
    script: bytesToHex(script),
    scriptHash: scriptHash(script),
  }))
  return { txid: tx.txid, raw, spends: spendsOf(tx), outputs, fee }
}

function spendsOf({ inputs }: Transaction): Outpoint[] {
  return inputs.map(({ txid, vout }) => ({ txid, vout }))
}

function loaded({ value, script }: Pick<StoredOutput, 'value' | 'script'>): Output {
  return { amount: BigInt(value), script: hexToBytes(script) }
}
