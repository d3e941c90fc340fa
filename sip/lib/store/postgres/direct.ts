import type { DirectStore } from 'passport-civic-sip/direct'
import type { Queryable } from './database.ts'
import { BATCH, changed, rowOf } from './rows.ts'

/** A DirectStore in PostgreSQL, for several processes. */
export class PostgresDirectStore implements DirectStore {
  readonly #pool: Queryable

  constructor(pool: Queryable) {
    this.#pool = pool
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    const sql = `
      insert into direct_records (key, value, expires_at) values ($1, $2, $3)
      on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at`
    await changed(this.#pool, sql, [key, value, until(ttlMs)])
  }

  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    const sql = `
      insert into direct_records as kept (key, value, expires_at) values ($1, $2, $3)
      on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
      where kept.expires_at <= $4`
    return (await changed(this.#pool, sql, [key, value, until(ttlMs), Date.now()])) > 0
  }

  async get(key: string): Promise<string | undefined> {
    const sql = 'select value from direct_records where key = $1 and expires_at > $2'
    return (await rowOf<{ value: string }>(this.#pool, sql, [key, Date.now()]))?.value
  }

  async take(key: string): Promise<string | undefined> {
    const sql = 'delete from direct_records where key = $1 returning value, expires_at > $2 as "isLive"'
    const row = await rowOf<{ value: string; isLive: boolean }>(this.#pool, sql, [key, Date.now()])
    return row?.isLive === true ? row.value : undefined
  }

  async sweep(): Promise<void> {
    const sql = `
      delete from direct_records where key in
        (select key from direct_records where expires_at <= $1 limit $2 for update skip locked)`
    await changed(this.#pool, sql, [Date.now(), BATCH])
  }
}

function until(ttlMs: number): number {
  return Date.now() + Math.ceil(ttlMs)
}
