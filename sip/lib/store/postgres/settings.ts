import type pg from 'pg'
import type { SettingStore } from '../stores.ts'

export class PostgresSettings implements SettingStore {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async once(name: string, value: string): Promise<string> {
    // Changes nothing of a row that is there, but returns it as it is now
    const { rows } = await this.#pool.query<{ value: string }>(
      `insert into settings values ($1, $2)
        on conflict (name) do update set name = excluded.name returning value`,
      [name, value],
    )
    return rows[0]?.value ?? value
  }
}
