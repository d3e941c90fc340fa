import type pg from 'pg'
import type { Sealer } from '../../secrets/sealing.ts'
import { sha256 } from '../../sha256.ts'
import type { Clock } from '../expiring-map.ts'
import type { ExpiringStore } from '../stores.ts'
import type { Queryable } from './database.ts'
import { Records } from './records.ts'
import type { Row } from './records.ts'
import { alone, deleteExpired } from './statements.ts'

/** Sealed values in a table of the form of migrations/0004-expiring.sql. */
export class PostgresExpiring<V> implements ExpiringStore<V> {
  readonly #pool: pg.Pool
  readonly #table: 'payloads' | 'unsigned_trees'
  readonly #clock: Clock
  readonly #records: Records<{ value: V }>

  constructor(pool: pg.Pool, table: 'payloads' | 'unsigned_trees', sealer: Sealer, clock: Clock) {
    this.#pool = pool
    this.#table = table
    this.#clock = clock
    this.#records = new Records(sealer, table, ['value'])
  }

  async put(key: string, value: V, deadline: number, max = Infinity): Promise<boolean> {
    if (max === Infinity) return this.#insert(this.#pool, key, value, deadline)
    return alone(this.#pool, this.#table, async (client) => {
      if ((await this.#count(client)) >= max) return false
      return this.#insert(client, key, value, deadline)
    })
  }

  async find(key: string): Promise<V | undefined> {
    const hash = hashOf(key)
    const { rows } = await this.#pool.query<Pick<Row, 'sealed'>>(
      `select sealed from ${this.#table} where key = $1 and deadline > $2`,
      [hash, this.#clock()],
    )
    return rows[0] && this.#records.join(hash, { doc: {}, ...rows[0] }).value
  }

  async remove(key: string): Promise<void> {
    await this.#pool.query(`delete from ${this.#table} where key = $1`, [hashOf(key)])
  }

  count(): Promise<number> {
    return this.#count(this.#pool)
  }

  sweep(): Promise<void> {
    return deleteExpired(this.#pool, { table: this.#table, key: 'key', until: 'deadline' }, this.#clock())
  }

  async #insert(db: Queryable, key: string, value: V, deadline: number): Promise<true> {
    const hash = hashOf(key)
    await db.query(
      `insert into ${this.#table} as kept (key, sealed, deadline) values ($1, $2, $3)
        on conflict (key) do update set sealed = excluded.sealed, deadline = excluded.deadline
        where kept.deadline <= $4`,
      [hash, this.#records.split(hash, { value }).sealed, deadline, this.#clock()],
    )
    return true
  }

  async #count(db: Queryable): Promise<number> {
    const { rows } = await db.query<{ count: number }>(
      `select count(*) as count from ${this.#table} where deadline > $1`,
      [this.#clock()],
    )
    return rows[0]?.count ?? 0
  }
}

function hashOf(key: string): string {
  return sha256(key).toString('hex')
}
