import { EmbeddedLedger, EsploraLedger } from 'civic-attestations'
import type { Ledger, LedgerSnapshot } from 'civic-attestations'
import type { Clock } from 'civic-sip-server'
import { unref } from './timers.ts'

export interface ChainOptions {
  /** The base URL of an Esplora server's API. Default: a ledger in this process. */
  readonly esplora?: string | undefined
  /** The `snapshot` of an embedded ledger. */
  readonly snapshot?: LedgerSnapshot | undefined
  /** Milliseconds from a transaction to its block. 0: at once; Infinity: only when `mine` is called. */
  readonly blockDelayMs?: number | undefined
  readonly clock: Clock
  /** Called after each block and each transaction. */
  readonly changed: () => void
}

/** The blockchain for attestations: one in this process with a miner, or an external one. */
export class Chain {
  readonly ledger: Ledger
  readonly #embedded: EmbeddedLedger | undefined
  readonly #blockDelayMs: number
  readonly #changed: () => void
  #timer: NodeJS.Timeout | undefined

  /** @throws TypeError if the URL or the snapshot is invalid */
  constructor(options: ChainOptions) {
    const { esplora, snapshot, blockDelayMs = 0, clock: now, changed } = options
    this.#changed = changed
    this.#blockDelayMs = blockDelayMs
    this.#embedded = esplora === undefined ? new EmbeddedLedger({ snapshot, now }) : undefined
    this.ledger = this.#embedded ?? new EsploraLedger(esplora ?? '')
  }

  get isEmbedded(): boolean {
    return this.#embedded !== undefined
  }

  /** A snapshot of the embedded ledger, for the state file. */
  snapshot(): LedgerSnapshot | undefined {
    return this.#embedded?.toJSON()
  }

  /** Makes a block now. @param to the output script, as hex, that gets its 50 bitcoin */
  mine(to?: string): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#embedded?.mine(to)
    this.#changed()
  }

  /** Schedules a block for the waiting transactions. */
  mineSoon(): void {
    if (this.#blockDelayMs === 0) {
      this.mine()
      return
    }
    // Waiting transactions are kept as well
    this.#changed()
    if (this.#blockDelayMs !== Infinity)
      this.#timer ??= unref(setTimeout(() => this.mine(), this.#blockDelayMs))
  }

  /** Options for the attester: a block after each transaction and, on our own chain, free money. */
  forAttester(): { sent: () => void; fund?: (script: string) => void } {
    return {
      sent: () => this.mineSoon(),
      ...(this.#embedded && { fund: (script: string) => this.mine(script) }),
    }
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}
