import { join } from 'node:path'
import { openDatabase as open } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'

export { transaction } from 'civic-sip-server/database'
export type { Database } from 'civic-sip-server/database'

export type Log = (line: string) => void

/** The folder of the site's tables. */
export const MIGRATIONS = join(import.meta.dirname, '../migrations')

/**
 * Opens the database and brings its tables up to date.
 *
 * @param address a `postgres://` URL; `memory://`; or a folder, which an embedded PostgreSQL (PGlite) keeps itself in
 * @throws FileInUse if another process has the folder
 */
export function openDatabase(address: string, log: Log = console.error): Promise<Database> {
  return open(address, { migrations: MIGRATIONS, log })
}
