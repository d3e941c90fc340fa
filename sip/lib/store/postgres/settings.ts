import type pg from 'pg'
import type { SettingStore } from '../stores.ts'

export class PostgresSettings implements SettingStore {
  readonly #pool: pg.Pool
  /** What was read: it never changes. */
  readonly #known = new Map<string, string>()

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async once(name: string, value: string): Promise<string> {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    // Leaves an existing row unchanged, but returns it
    const { rows } = await this.#pool.query<{ value: string }>(
      `insert into settings values ($1, $2)
        on conflict (name) do update set name = excluded.name returning value`,
      [name, value],
    )
    const made = rows[0]?.value ?? value
    this.#known.set(name, made)
    return made
  }
}
