/** @module civic-sip-server/database */

import { join } from 'node:path'

export { FileInUse } from '../../file-lock.ts'
export { isServer, migrate, openDatabase, transaction } from './database.ts'
export type { Database, OpenOptions, Queryable } from './database.ts'

/** The scripts that make the server's own tables. */
export const MIGRATIONS = join(import.meta.dirname, '../../../migrations')
