import { join } from 'node:path'
import { openDatabase as open } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'

export { transaction } from 'civic-sip-server/database'
export type { Database } from 'civic-sip-server/database'

export type Log = (line: string) => void

/** The folder of migrations. */
export const MIGRATIONS = join(import.meta.dirname, '../migrations')

/**
 * Opens the database and brings its tables up to date.
 *
 * @param address a `postgres://` URL; `memory://`; or the folder of an embedded PostgreSQL (PGlite)
 * @throws FileInUse if another process uses the folder
 */
export function openDatabase(address: string, log: Log = console.error): Promise<Database> {
  return open(address, { migrations: MIGRATIONS, log })
}
