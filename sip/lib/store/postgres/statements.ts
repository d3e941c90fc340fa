import type pg from 'pg'
import { transaction } from './database.ts'
import type { Queryable } from './database.ts'

/** Rows for one statement of a sweep, few enough that nobody waits long. */
export const BATCH = 500
/** The most statements of one sweep; the next sweep continues. */
const MAX_BATCHES = 20

/** Runs the work in a transaction, alone under this name in all processes. */
export function alone<T>(
  db: Queryable,
  name: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return transaction(db, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name])
    return work(client)
  })
}

/** Repeats a statement for up to BATCH rows until it finds fewer. */
export async function inBatches(statement: () => Promise<number>): Promise<void> {
  for (let left = MAX_BATCHES; left > 0; left--) {
    if ((await statement()) < BATCH) return
  }
}

/** Deletes expired rows. */
export function deleteExpired(
  db: Queryable,
  { table, key, until }: { readonly table: string; readonly key: string; readonly until: string },
  now: number,
): Promise<void> {
  return inBatches(async () => {
    const { rowCount } = await db.query(
      `delete from ${table} where ${key} in (
        select ${key} from ${table} where ${until} <= $1 order by ${until} limit ${BATCH} for update skip locked
      )`,
      [now],
    )
    return rowCount ?? 0
  })
}

/** Deletes the oldest rows beyond `max`. @param condition which rows count */
export async function deleteOldest(
  db: Queryable,
  table: string,
  max: number,
  condition = 'true',
): Promise<void> {
  await db.query(
    `delete from ${table} where ${condition} and seq <= (
      select seq from ${table} where ${condition} order by seq desc offset $1 limit 1
    )`,
    [max],
  )
}
