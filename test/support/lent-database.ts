import { migrate, openDatabase } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import { emptyDatabase } from './empty-database.ts'

/** PGlite takes seconds of processor time to start, so a returned database is lent to the next test in this process. */
const idle: { readonly database: Database; readonly migrations: string }[] = []

/**
 * Lends an embedded database in memory.
 *
 * @param migrations the folder whose tables it has, all of them empty
 * @returns a database that nobody else has until it is closed
 */
export async function lendDatabase(migrations: string): Promise<Database> {
  const database = (await takeIdle(migrations)) ?? (await openDatabase('memory://', { migrations }))
  let isLent = true
  const close = (): Promise<void> => {
    if (isLent) idle.push({ database, migrations })
    isLent = false
    return Promise.resolve()
  }
  return { ...database, close }
}

async function takeIdle(migrations: string): Promise<Database | undefined> {
  const same = idle.findIndex((one) => one.migrations === migrations)
  const [taken] = idle.splice(Math.max(same, 0), 1)
  if (!taken) return undefined
  if (same >= 0) await emptyDatabase(taken.database)
  else await remake(taken.database, migrations)
  return taken.database
}

async function remake({ pool }: Database, migrations: string): Promise<void> {
  await pool.query('drop schema public cascade')
  await pool.query('create schema public')
  await migrate(pool, migrations)
}

/** Closes the databases that are not lent, so that the process can end. */
export async function closeIdleDatabases(): Promise<void> {
  await Promise.all(idle.splice(0).map(({ database }) => database.close()))
}
