import { COSIGNER } from '../stores.ts'
import type { SettingStore } from '../stores.ts'
import type { Queryable } from './database.ts'
import { changed } from './rows.ts'

const ASIDE = ' until '

export class PostgresSettings implements SettingStore {
  readonly #pool: Queryable
  /** What was read: it never changes. */
  readonly #known = new Map<string, string>()

  constructor(pool: Queryable) {
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

  /** The xpubs of the cosigner and of the recovery key, the current ones first, then those set aside. */
  async cosigners(): Promise<readonly (readonly [string, string])[]> {
    const sql = `select value from settings where name = $1 or name like $1 || '${ASIDE}%' order by name`
    const { rows } = await this.#pool.query<{ value: string }>(sql, [COSIGNER])
    return rows.map(({ value }) => JSON.parse(value) as [string, string])
  }

  /** Has the next start store another cosigner. @returns false if no cosigner is stored */
  async setCosignerAside(now: Date): Promise<boolean> {
    const sql = 'update settings set name = $2 where name = $1'
    return (await changed(this.#pool, sql, [COSIGNER, `${COSIGNER}${ASIDE}${now.toISOString()}`])) > 0
  }
}
