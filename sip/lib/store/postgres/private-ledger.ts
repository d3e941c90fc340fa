import { LedgerUnavailable, storedChain, TransactionRefused } from 'civic-attestations'
import type {
  Ledger,
  LedgerTx,
  Outpoint,
  Outspend,
  StoredTransaction,
  TxStatus,
  Utxo,
} from 'civic-attestations'
import { shortly } from '../../operations/describe-error.ts'
import type { Clock } from '../expiring-map.ts'
import { unref } from '../../timers.ts'
import type { Database, Queryable } from './database.ts'
import { alone } from './statements.ts'

export interface PrivateLedgerOptions {
  /** The chain's name. Default: `tbch`. */
  readonly network?: string
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly clock?: Clock
  /** Called with a line if a block could not be made. Default: `console.error`. */
  readonly log?: (line: string) => void
}

interface OutputRow {
  readonly txid: string
  readonly vout: number
  readonly value: number
  readonly script: string
}

interface PlaceRow {
  readonly height: number | null
  readonly hash: string
  readonly time: number
}

/** Prevents others from accepting transactions or making blocks meanwhile. */
const LOCK = 'ledger'
const MINING_MS = 1_000
/** Columns and join for the block of a row of ledger_txs as `txs`. */
const PLACE = 'blocks.height, blocks.hash, blocks.time'
const BLOCKS = 'left join ledger_blocks as blocks on blocks.height = txs.height'

/**
 * A ledger in the server's database, for a server without a blockchain. It has the rules of `EmbeddedLedger`, for all
 * processes that share the database. Nobody outside can check that it follows them.
 */
export class PrivateLedger implements Ledger {
  readonly network: string
  readonly #database: Database
  readonly #clock: Clock
  readonly #log: (line: string) => void

  private constructor(database: Database, options: PrivateLedgerOptions) {
    const { network = 'tbch', clock = Date.now, log = console.error } = options
    this.network = network
    this.#database = database
    this.#clock = clock
    this.#log = log
  }

  /** Opens the ledger, or makes its first block. */
  static async open(database: Database, options: PrivateLedgerOptions = {}): Promise<PrivateLedger> {
    const ledger = new PrivateLedger(database, options)
    await alone(database.pool, LOCK, async (client) => {
      const { rows } = await client.query('select from ledger_blocks limit 1')
      if (rows.length === 0) await ledger.#connect(client)
    })
    return ledger
  }

  /** `attester` options of `createSip`: free money, and a block after each transaction. */
  get attester(): { readonly sent: () => void; readonly fund: (script: string) => Promise<void> } {
    return { sent: () => this.#mineSoon(), fund: (script) => this.mine(script) }
  }

  /** Regularly makes a block of waiting transactions. @returns a function that stops that */
  startMining(): () => void {
    const timer = unref(setInterval(() => this.#mineSoon(), MINING_MS))
    return () => clearInterval(timer)
  }

  /**
   * Makes a block. @param to the output script, as hex, that gets its 50 bitcoin and the fees; by default, one that
   * nobody can spend
   */
  async mine(to?: string): Promise<void> {
    await alone(this.#database.pool, LOCK, (client) => this.#connect(client, to))
  }

  /** Makes a block if a transaction waits for one. */
  async mineWaiting(): Promise<void> {
    if (!(await hasWaiting(this.#database.pool))) return
    await alone(this.#database.pool, LOCK, async (client) => {
      // Another process may have been faster
      if (await hasWaiting(client)) await this.#connect(client)
    })
  }

  /** @see Ledger.broadcast */
  async broadcast(raw: string): Promise<string> {
    const { txid, spends } = storedChain.read(raw)
    return known(() =>
      alone(this.#database.pool, LOCK, async (client) => {
        const outputs = await outputsAt(client, spends)
        const { rows } = await client.query('select from ledger_txs where txid = $1', [txid])
        const tx = storedChain.accept(raw, {
          isKnown: rows.length > 0,
          output: (txid, vout) => outputs.find((output) => output.txid === txid && output.vout === vout),
        })
        await insert(client, tx)
        return txid
      }),
    )
  }

  /** @see Ledger.tx */
  tx(txid: string): Promise<LedgerTx | undefined> {
    return known(async () => {
      const { rows } = await this.#database.pool.query<PlaceRow & { raw: string }>(
        `select raw, ${PLACE} from ledger_txs as txs ${BLOCKS} where txid = $1`,
        [txid],
      )
      if (!rows[0]) return undefined
      const { rows: prevouts } = await this.#database.pool.query<OutputRow>(
        'select value, script from ledger_outputs where spent_by = $1 order by spent_vin',
        [txid],
      )
      return storedChain.describe(rows[0].raw, prevouts, statusOf(rows[0]))
    })
  }

  /** @see Ledger.txHex */
  txHex(txid: string): Promise<string | undefined> {
    return known(async () => {
      const { rows } = await this.#database.pool.query<{ raw: string }>(
        'select raw from ledger_txs where txid = $1',
        [txid],
      )
      return rows[0]?.raw
    })
  }

  /** @see Ledger.txStatus */
  txStatus(txid: string): Promise<TxStatus> {
    return known(async () => {
      const { rows } = await this.#database.pool.query<PlaceRow>(
        `select ${PLACE} from ledger_txs as txs ${BLOCKS} where txid = $1`,
        [txid],
      )
      return statusOf(rows[0])
    })
  }

  /** @see Ledger.outspend */
  outspend(txid: string, vout: number): Promise<Outspend> {
    return known(async () => {
      const { rows } = await this.#database.pool.query<PlaceRow & { txid: string; vin: number }>(
        `select txs.txid, outputs.spent_vin as vin, ${PLACE} from ledger_outputs as outputs
          join ledger_txs as txs on txs.txid = outputs.spent_by ${BLOCKS}
          where outputs.txid = $1 and outputs.vout = $2`,
        [txid, vout],
      )
      const [spend] = rows
      return spend
        ? { spent: true, txid: spend.txid, vin: spend.vin, status: statusOf(spend) }
        : { spent: false }
    })
  }

  /** @see Ledger.tipHeight */
  tipHeight(): Promise<number> {
    return known(async () => (await tipOf(this.#database.pool))?.height ?? 0)
  }

  /** @see Ledger.utxos */
  utxos(scriptHash: string): Promise<Utxo[]> {
    return known(async () => {
      const { rows } = await this.#database.pool.query<PlaceRow & OutputRow>(
        `select outputs.txid, vout, value, ${PLACE} from ledger_outputs as outputs
          join ledger_txs as txs on txs.txid = outputs.txid ${BLOCKS}
          where script_hash = $1 and spent_by is null order by txs.seq, vout`,
        [scriptHash],
      )
      return rows.map((row) => ({ txid: row.txid, vout: row.vout, value: row.value, status: statusOf(row) }))
    })
  }

  #mineSoon(): void {
    this.mineWaiting().catch((error: unknown) => this.#log(`private ledger: ${shortly(error)}`))
  }

  /** Makes the next block, with all waiting transactions. */
  async #connect(client: Queryable, to?: string): Promise<void> {
    const tip = await tipOf(client)
    const height = tip ? tip.height + 1 : 0
    const { rows } = await client.query<{ txid: string; fee: number }>(
      'select txid, fee from ledger_txs where height is null order by seq',
    )
    const fees = rows.reduce((total, { fee }) => total + fee, 0)
    const first = storedChain.coinbase(height, fees, to)
    const time = Math.floor(this.#clock() / 1000)
    const hash = storedChain.blockHash(tip?.hash, [first.txid, ...rows.map(({ txid }) => txid)], time)
    await client.query('insert into ledger_blocks values ($1, $2, $3)', [height, hash, time])
    await insert(client, first)
    await client.query('update ledger_txs set height = $1 where height is null', [height])
  }
}

/** Stores a waiting transaction, and marks the outputs that it spends. */
async function insert(
  client: Queryable,
  { txid, raw, fee, spends, outputs }: StoredTransaction,
): Promise<void> {
  await client.query('insert into ledger_txs (txid, raw, fee) values ($1, $2, $3)', [txid, raw, fee])
  await client.query(
    `insert into ledger_outputs (txid, vout, value, script, script_hash)
      select $1, place - 1, value, script, script_hash
      from unnest($2::bigint[], $3::text[], $4::text[]) with ordinality as each (value, script, script_hash, place)`,
    [
      txid,
      outputs.map(({ value }) => value),
      outputs.map(({ script }) => script),
      outputs.map(({ scriptHash }) => scriptHash),
    ],
  )
  await client.query(
    `update ledger_outputs as outputs set spent_by = $1, spent_vin = place - 1
      from unnest($2::text[], $3::bigint[]) with ordinality as spent (txid, vout, place)
      where outputs.txid = spent.txid and outputs.vout = spent.vout`,
    [txid, spends.map(({ txid }) => txid), spends.map(({ vout }) => vout)],
  )
}

async function outputsAt(
  client: Queryable,
  places: readonly Outpoint[],
): Promise<readonly (OutputRow & { spent: 'no' | 'waiting' | 'yes' })[]> {
  const { rows } = await client.query<OutputRow & { spent: 'no' | 'waiting' | 'yes' }>(
    `select outputs.txid, outputs.vout, value, script,
        case when spent_by is null then 'no' when txs.height is null then 'waiting' else 'yes' end as spent
      from unnest($1::text[], $2::bigint[]) as places (txid, vout)
      join ledger_outputs as outputs on outputs.txid = places.txid and outputs.vout = places.vout
      left join ledger_txs as txs on txs.txid = spent_by`,
    [places.map(({ txid }) => txid), places.map(({ vout }) => vout)],
  )
  return rows
}

async function hasWaiting(db: Queryable): Promise<boolean> {
  const { rows } = await db.query('select from ledger_txs where height is null limit 1')
  return rows.length > 0
}

async function tipOf(db: Queryable): Promise<{ height: number; hash: string } | undefined> {
  const { rows } = await db.query<{ height: number; hash: string }>(
    'select height, hash from ledger_blocks order by height desc limit 1',
  )
  return rows[0]
}

function statusOf(row: PlaceRow | undefined): TxStatus {
  if (row?.height === undefined || row.height === null) return { confirmed: false }
  return { confirmed: true, block_height: row.height, block_hash: row.hash, block_time: row.time }
}

/** @throws LedgerUnavailable if the database fails */
async function known<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof TransactionRefused) throw error
    throw new LedgerUnavailable('the database of the private ledger cannot be reached', { cause: error })
  }
}
