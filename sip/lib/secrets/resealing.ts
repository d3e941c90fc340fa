import type { Queryable } from '../store/postgres/database.ts'
import { placeOf } from '../store/postgres/records.ts'
import { SealError } from './sealing.ts'
import type { Sealer } from './sealing.ts'

/** Rows that are read at a time. */
const BATCH = 100
/** How often to retry a row that changes at the same time. */
const TRIES = 10

/** The result of re-sealing. */
export interface Resealed {
  /** The number of rows that were sealed again. */
  readonly rows: number
  /** Values that none of the secrets opens, as `table.column: count`. */
  readonly unreadable: Readonly<Record<string, number>>
}

interface Table {
  readonly table: string
  /** Its primary key, one text column. */
  readonly key: string
}

/**
 * Seals everything with the current secret, so that the previous one is no longer needed. It continues where an earlier
 * run stopped. Run it when every process has the new secret, and again if one did not.
 */
export async function reseal(db: Queryable, sealer: Sealer): Promise<Resealed> {
  let rows = 0
  const unreadable: Record<string, number> = {}
  for (const table of await sealedTables(db)) {
    let from = await placeReached(db, table, sealer)
    for (;;) {
      const keys = await nextKeys(db, table, from)
      for (const row of keys) {
        try {
          rows += (await resealRow(db, sealer, table, row)) ? 1 : 0
        } catch (error) {
          if (!(error instanceof SealError)) throw error
          unreadable[table.table] = (unreadable[table.table] ?? 0) + 1
        }
      }
      const last = keys.at(-1)
      if (last === undefined) break
      from = last
      await db.query(
        `insert into resealing values ($1, $2, $3) on conflict (table_name)
          do update set key_id = excluded.key_id, last_row = excluded.last_row`,
        [table.table, sealer.currentId, last],
      )
    }
  }
  await db.query('delete from resealing')
  return { rows, unreadable }
}

/** Every table with a column `sealed`, found in the database, so that none is forgotten. */
export async function sealedTables(db: Queryable): Promise<readonly Table[]> {
  const { rows } = await db.query<Table>(
    `select table_name::text as table, keys.column_name::text as key
      from information_schema.columns as columns
      join information_schema.table_constraints as constraints using (table_schema, table_name)
      join information_schema.key_column_usage as keys using (table_schema, table_name, constraint_name)
      where table_schema = 'public' and columns.column_name = 'sealed'
        and constraint_type = 'PRIMARY KEY' order by 1`,
  )
  return rows
}

async function placeReached(db: Queryable, { table }: Table, sealer: Sealer): Promise<string> {
  const { rows } = await db.query<{ last_row: string }>(
    'select last_row from resealing where table_name = $1 and key_id = $2',
    [table, sealer.currentId],
  )
  return rows[0]?.last_row ?? ''
}

async function nextKeys(db: Queryable, { table, key }: Table, from: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ row: string }>(
    `select ${key} as row from ${table} where ${key} > $1 order by ${key} limit ${BATCH}`,
    [from],
  )
  return rows.map(({ row }) => row)
}

/** @returns whether there was something to do @throws SealError */
async function resealRow(
  db: Queryable,
  sealer: Sealer,
  { table, key }: Table,
  row: string,
): Promise<boolean> {
  for (let left = TRIES; left > 0; left--) {
    const { rows } = await db.query<{ sealed: Record<string, string> }>(
      `select sealed from ${table} where ${key} = $1`,
      [row],
    )
    const before = rows[0]?.sealed ?? {}
    const old = Object.entries(before).filter(([, text]) => !sealer.isCurrent(text))
    if (old.length === 0) return false
    const fresh = old.map(([name, text]) => {
      const place = placeOf(table, row, name)
      return [name, sealer.seal(place, sealer.open(place, text))]
    })
    // Only if the row is unchanged since it was read
    const { rowCount } = await db.query(
      `update ${table} set sealed = sealed || $2 where ${key} = $1 and sealed = $3`,
      [row, JSON.stringify(Object.fromEntries(fresh)), JSON.stringify(before)],
    )
    if (rowCount === 1) return true
  }
  throw new Error(`a row of ${table} changed ${TRIES} times while it was sealed: run it again`)
}
