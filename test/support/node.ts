import { EmbeddedLedger, LedgerUnavailable, TransactionRefused } from 'civic-attestations'
import type { Ledger, LedgerSnapshot, LedgerTx, Outspend, TxStatus, Utxo } from 'civic-attestations'

/** A ledger that does what happens to real ones: it forgets, replaces, loses blocks and cannot be reached. */
export class PretendNode implements Ledger {
  readonly network = 'tbch'
  #ledger = new EmbeddedLedger({ now: () => Date.UTC(2026, 0, 1) })
  isDown = false
  /** Satoshi for each byte. */
  feeRate = 1
  /** Transactions that were taken, oldest first. */
  readonly taken: string[] = []

  mine(to?: string): void {
    this.#ledger.mine(to)
  }

  /** Forgets what waits for a block. */
  forget(): void {
    this.#restore((snapshot) => ({ ...snapshot, mempool: [] }))
  }

  /** Loses the newest blocks: what they held is gone, or waits again. */
  reorganise(blocks: number, { keeps }: { keeps: boolean }): void {
    this.#restore((snapshot) => {
      const lost = snapshot.blocks.slice(-blocks).flatMap(({ txs }) => txs.slice(1))
      const kept = snapshot.blocks.slice(0, -blocks)
      return { ...snapshot, blocks: kept, mempool: keeps ? [...lost, ...snapshot.mempool] : [] }
    })
  }

  tx(txid: string): Promise<LedgerTx | undefined> {
    return this.#ask((ledger) => ledger.tx(txid))
  }

  txHex(txid: string): Promise<string | undefined> {
    return this.#ask((ledger) => ledger.txHex(txid))
  }

  txStatus(txid: string): Promise<TxStatus> {
    return this.#ask((ledger) => ledger.txStatus(txid))
  }

  outspend(txid: string, vout: number): Promise<Outspend> {
    return this.#ask((ledger) => ledger.outspend(txid, vout))
  }

  tipHeight(): Promise<number> {
    return this.#ask((ledger) => ledger.tipHeight())
  }

  utxos(scriptHash: string): Promise<Utxo[]> {
    return this.#ask((ledger) => ledger.utxos(scriptHash))
  }

  feeEstimates(): Promise<Record<string, number>> {
    return this.#ask(() => Promise.resolve({ '1': this.feeRate * 2, '6': this.feeRate, '144': 1 }))
  }

  /** Takes a transaction that spends the same as one that waits, in place of it, if it pays more (BIP 125). */
  broadcast(raw: string): Promise<string> {
    return this.#ask(async (ledger) => {
      const txid = await this.#accept(ledger, raw)
      this.taken.push(txid)
      return txid
    })
  }

  async #accept(ledger: EmbeddedLedger, raw: string): Promise<string> {
    try {
      return ledger.accept(raw)
    } catch (error) {
      if (!(error instanceof TransactionRefused) || error.reason !== 'txn-mempool-conflict') throw error
    }
    const snapshot = ledger.toJSON()
    for (const dropped of snapshot.mempool) {
      const mempool = snapshot.mempool.filter((one) => one !== dropped)
      const other = tried(() => new EmbeddedLedger({ snapshot: { ...snapshot, mempool } }))
      const txid = other && tried(() => other.accept(raw))
      if (!other || txid === undefined) continue
      const [paid, before] = await Promise.all([other.tx(txid), ledger.tx(this.taken.at(-1) ?? '')])
      if (paid!.fee <= before!.fee) throw new TransactionRefused('insufficient fee')
      this.#ledger = other
      return txid
    }
    throw new TransactionRefused('txn-mempool-conflict')
  }

  #ask<T>(question: (ledger: EmbeddedLedger) => Promise<T>): Promise<T> {
    if (this.isDown) return Promise.reject(new LedgerUnavailable('down'))
    return question(this.#ledger)
  }

  #restore(change: (snapshot: LedgerSnapshot) => LedgerSnapshot): void {
    this.#ledger = new EmbeddedLedger({ snapshot: change(this.#ledger.toJSON()) })
  }
}

function tried<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
