import { hexToBytes } from '@noble/hashes/utils.js'
import { checkTransaction, outpoint, readTransaction, sum } from './accept.ts'
import { SUBSIDY, blockHash, coinbase } from './block.ts'
import { describe } from './describe.ts'
import type { Ledger, LedgerTx, Outspend, TxStatus, Utxo } from './ledger.ts'
import { scriptHash } from './script.ts'
import { parseTransaction } from './transaction.ts'
import type { Output, Transaction } from './transaction.ts'

/** An embedded ledger's contents as JSON. */
export interface LedgerSnapshot {
  version: 1
  network: string
  blocks: { time: number; txs: string[] }[]
  mempool: string[]
}

/** One block, the coinbase first. `time` in epoch seconds. */
export interface Block {
  height: number
  hash: string
  time: number
  txids: string[]
}

interface Entry {
  raw: string
  tx: Transaction
  /** What its inputs spend, in their order; empty for a coinbase. */
  prevouts: Output[]
  block?: Block
}

/** `OP_RETURN`: an output that nobody can spend. */
const NOBODY = Uint8Array.of(0x6a)

/**
 * A blockchain inside the process, for development and tests: one miner, no network, no proof of work, and blocks on
 * demand. It checks transactions as a node would: they must be well-formed and final, spend existing, unspent outputs
 * and no more than they hold, and have every required signature. It can spend one kind of output, P2SH multisig with or
 * without a commitment. It accepts other kinds, but nobody can spend them. Coinbase outputs can be spent at once.
 */
export class EmbeddedLedger implements Ledger {
  readonly network: string
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  /** By outpoint. */
  readonly #spends = new Map<string, { entry: Entry; vin: number }>()
  /** By script hash, then by outpoint. */
  readonly #unspent = new Map<string, Map<string, { entry: Entry; vout: number }>>()
  readonly #blocks: { block: Block; entries: Entry[] }[] = []
  /** The waiting transactions, each after those that it spends. */
  #mempool: Entry[] = []

  /**
   * @param options.network the chain's name, `tbch` by default
   * @param options.now the clock, in epoch milliseconds
   * @param options.snapshot what `toJSON` returned. Everything in it is checked again
   * @throws TypeError if the snapshot is damaged
   */
  constructor(options: { network?: string; now?: () => number; snapshot?: LedgerSnapshot | undefined } = {}) {
    const { network, now = Date.now, snapshot } = options
    this.network = network ?? snapshot?.network ?? 'tbch'
    this.#now = now
    if (snapshot === undefined) this.mine()
    else this.#restore(snapshot)
  }

  /** A snapshot for `new EmbeddedLedger({ snapshot })`. */
  toJSON(): LedgerSnapshot {
    const raw = (entry: Entry) => entry.raw
    return {
      version: 1,
      network: this.network,
      blocks: this.#blocks.map(({ block, entries }) => ({ time: block.time, txs: entries.map(raw) })),
      mempool: this.#mempool.map(raw),
    }
  }

  /**
   * Makes a block of all waiting transactions.
   * @param to the output script, as hex, that gets the 50 bitcoin of its coinbase and the fees; by default, nobody can
   *   spend it
   * @throws Error if `to` is not hex
   */
  mine(to?: string): Block {
    return this.#connect(to === undefined ? NOBODY : hexToBytes(to), Math.floor(this.#now() / 1000))
  }

  /**
   * Accepts a transaction for the next block.
   * @param raw as hex
   * @returns its id
   * @throws TransactionRefused, with Bitcoin Core's wording of the reason
   */
  accept(raw: string): string {
    const tx = readTransaction(raw)
    const entry = { raw, tx, prevouts: this.#check(tx) }
    this.#add(entry)
    this.#mempool.push(entry)
    return tx.txid
  }

  /** @see Ledger.broadcast */
  broadcast(raw: string): Promise<string> {
    return Promise.resolve(raw).then((given) => this.accept(given))
  }

  /** @see Ledger.tx */
  tx(txid: string): Promise<LedgerTx | undefined> {
    const entry = this.#entries.get(txid)
    return Promise.resolve(entry && describe(entry.tx, entry.prevouts, this.#status(entry)))
  }

  /** @see Ledger.txHex */
  txHex(txid: string): Promise<string | undefined> {
    return Promise.resolve(this.#entries.get(txid)?.raw)
  }

  /** @see Ledger.txStatus */
  txStatus(txid: string): Promise<TxStatus> {
    return Promise.resolve(this.#status(this.#entries.get(txid)))
  }

  /** @see Ledger.outspend */
  outspend(txid: string, vout: number): Promise<Outspend> {
    const spend = this.#spends.get(outpoint(txid, vout))
    if (spend === undefined) return Promise.resolve({ spent: false })
    const { entry, vin } = spend
    return Promise.resolve({ spent: true, txid: entry.tx.txid, vin, status: this.#status(entry) })
  }

  /** @see Ledger.tipHeight */
  tipHeight(): Promise<number> {
    return Promise.resolve(this.#blocks.length - 1)
  }

  /** @see Ledger.utxos */
  utxos(hash: string): Promise<Utxo[]> {
    const held = [...(this.#unspent.get(hash)?.values() ?? [])]
    return Promise.resolve(
      held.map(({ entry, vout }) => {
        const { txid, outputs } = entry.tx
        return { txid, vout, value: Number(outputs[vout]?.amount), status: this.#status(entry) }
      }),
    )
  }

  #status(entry: Entry | undefined): TxStatus {
    if (entry?.block === undefined) return { confirmed: false }
    const { height, hash, time } = entry.block
    return { confirmed: true, block_height: height, block_hash: hash, block_time: time }
  }

  /** @returns what the inputs spend */
  #check(tx: Transaction): Output[] {
    return checkTransaction(tx, {
      hasTransaction: (txid) => this.#entries.has(txid),
      output: (txid, vout) => {
        const output = this.#entries.get(txid)?.tx.outputs[vout]
        const spender = this.#spends.get(outpoint(txid, vout))?.entry
        const spent = spender ? (spender.block ? 'yes' : 'waiting') : 'no'
        return output && { output, spent }
      },
    })
  }

  #add(entry: Entry): void {
    const { txid, inputs, outputs } = entry.tx
    this.#entries.set(txid, entry)
    outputs.forEach(({ script }, vout) => {
      const hash = scriptHash(script)
      const held = this.#unspent.get(hash) ?? new Map<string, { entry: Entry; vout: number }>()
      this.#unspent.set(hash, held.set(outpoint(txid, vout), { entry, vout }))
    })
    inputs.forEach((input, vin) => {
      const prevout = entry.prevouts[vin]
      if (prevout === undefined) return // A coinbase spends nothing
      const name = outpoint(input.txid, input.vout)
      this.#spends.set(name, { entry, vin })
      const hash = scriptHash(prevout.script)
      const held = this.#unspent.get(hash)
      held?.delete(name)
      if (held?.size === 0) this.#unspent.delete(hash)
    })
  }

  #connect(to: Uint8Array, time: number): Block {
    const height = this.#blocks.length
    const fees = this.#mempool.reduce(
      (total, { tx, prevouts }) => total + sum(prevouts) - sum(tx.outputs),
      0n,
    )
    const raw = coinbase(height, SUBSIDY + fees, to)
    const tx = parseTransaction(raw)
    if (tx === undefined || !Number.isSafeInteger(time)) throw new TypeError('no block can be made of that')
    const first: Entry = { raw, tx, prevouts: [] }
    this.#add(first)
    const entries = [first, ...this.#mempool]
    const txids = entries.map((entry) => entry.tx.txid)
    const block = { height, hash: blockHash(this.#blocks.at(-1)?.block.hash, txids, time), time, txids }
    for (const entry of entries) entry.block = block
    this.#mempool = []
    this.#blocks.push({ block, entries })
    return { ...block, txids: [...txids] }
  }

  #restore({ version, blocks, mempool }: LedgerSnapshot): void {
    try {
      if ((version as unknown) !== 1 || blocks.length === 0) throw new TypeError('unknown version')
      for (const { time, txs } of blocks) {
        const [first = '', ...others] = txs
        for (const raw of others) this.accept(raw)
        const { txids } = this.#connect(parseTransaction(first)?.outputs[0]?.script ?? NOBODY, time)
        if (this.#entries.get(txids[0] ?? '')?.raw !== first) throw new TypeError('another coinbase')
      }
      for (const raw of mempool) this.accept(raw)
    } catch (cause) {
      throw new TypeError('the snapshot of the ledger is damaged', { cause })
    }
  }
}
