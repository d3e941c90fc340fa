import type pg from 'pg'
import type { Sealer } from '../../secrets/sealing.ts'
import type { Clock } from '../expiring-map.ts'
import type { CodeStore, Counter } from '../stores.ts'
import { transaction } from './database.ts'
import { deleteExpired } from './statements.ts'

/** The most live counters. A full table refuses, because forgetting a counter would allow what it counts. */
const MAX_COUNTERS = 100_000

/** The table has HMACs of names, which contain addresses, and of codes, which are short. */
export class PostgresCodes implements CodeStore {
  readonly #pool: pg.Pool
  readonly #sealer: Sealer
  readonly #clock: Clock

  constructor(pool: pg.Pool, sealer: Sealer, clock: Clock) {
    this.#pool = pool
    this.#sealer = sealer
    this.#clock = clock
  }

  async count(counters: readonly Counter[], lifetime: number): Promise<number | undefined> {
    const now = this.#clock()
    const names = counters.map(({ name }) => this.#hmac('counter', name))
    try {
      await transaction(this.#pool, async (client) => {
        // In the order of the names, so that two transactions do not deadlock
        const { rows } = await client.query<{ name: string; count: number; until: number }>(
          `insert into counters as kept (name, count, until)
            select name, 1, $3::bigint from unnest($1::text[]) as name order by name
            on conflict (name) do update set
              count = case when kept.until <= $2 then 1 else kept.count + 1 end,
              until = case when kept.until <= $2 then excluded.until else kept.until end
            returning name, count, until`,
          [names, now, now + lifetime],
        )
        const full = counters.flatMap(({ limit }, at) =>
          rows.filter(({ name, count }) => name === names[at] && count > limit),
        )[0]
        if (full) throw new Full(full.until - now)
        const isNew = rows.some(({ count }) => count === 1)
        if (isNew && (await this.#isFull(client))) throw new Full(lifetime)
      })
      return undefined
    } catch (error) {
      if (error instanceof Full) return error.wait
      throw error
    }
  }

  async put(name: string, code: string, deadline: number): Promise<void> {
    await this.#pool.query(
      `insert into codes (name, code, deadline) values ($1, $2, $3)
        on conflict (name) do update
          set code = excluded.code, guesses = 0, used = false, deadline = excluded.deadline`,
      [this.#hmac('name', name), this.#codeOf(name, code), deadline],
    )
  }

  async redeem(name: string, guess: string, max: number): Promise<boolean> {
    const { rows } = await this.#pool.query<{ used: boolean }>(
      `update codes set guesses = guesses + 1, used = code = $2
        where name = $1 and deadline > $3 and not used and guesses < $4 returning used`,
      [this.#hmac('name', name), this.#codeOf(name, guess), this.#clock(), max],
    )
    return rows[0]?.used ?? false
  }

  async sweep(): Promise<void> {
    const now = this.#clock()
    await deleteExpired(this.#pool, { table: 'codes', key: 'name', until: 'deadline' }, now)
    await deleteExpired(this.#pool, { table: 'counters', key: 'name', until: 'until' }, now)
  }

  async #isFull(client: pg.PoolClient): Promise<boolean> {
    const { rows } = await client.query<{ count: number }>(
      'select count(*) as count from (select from counters limit $1) as up_to',
      [MAX_COUNTERS + 1],
    )
    return (rows[0]?.count ?? 0) > MAX_COUNTERS
  }

  #hmac(use: 'counter' | 'name' | 'code', text: string): string {
    return this.#sealer.hmac(`codes ${use}`, text)
  }

  #codeOf(name: string, code: string): string {
    return this.#hmac('code', JSON.stringify([name, code]))
  }
}

/** Rolls back the counters. */
class Full extends Error {
  readonly wait: number

  constructor(wait: number) {
    super()
    this.wait = wait
  }
}
