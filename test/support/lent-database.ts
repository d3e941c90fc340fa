import { migrate, openDatabase } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'

/** PGlite takes seconds of processor time to start, so a returned database is lent to the next test in this process. */
const idle: Database[] = []

/**
 * Lends an embedded database in memory.
 *
 * @param migrations the folder whose tables it has, all of them empty
 * @returns a database that nobody else has until it is closed
 */
export async function lendDatabase(migrations: string): Promise<Database> {
  const used = idle.pop()
  if (used) await remake(used, migrations)
  const database = used ?? (await openDatabase('memory://', { migrations }))
  let isLent = true
  const close = (): Promise<void> => {
    if (isLent) idle.push(database)
    isLent = false
    return Promise.resolve()
  }
  return { ...database, close }
}

async function remake({ pool }: Database, migrations: string): Promise<void> {
  await pool.query('drop schema public cascade')
  await pool.query('create schema public')
  await migrate(pool, migrations)
}

/** Closes the databases that are not lent, so that the process can end. */
export async function closeIdleDatabases(): Promise<void> {
  await Promise.all(idle.splice(0).map(({ close }) => close()))
}
