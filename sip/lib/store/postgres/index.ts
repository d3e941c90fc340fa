/** @module civic-sip-server/database */

import { join } from 'node:path'

export { FileInUse } from '../../file-lock.ts'
export { isServer, migrate, openDatabase, transaction } from './database.ts'
export type { Database, OpenOptions, Queryable } from './database.ts'
export { PostgresStores } from './stores.ts'
export type { PostgresStoresOptions } from './stores.ts'
export { Sealer, SealError } from '../../secrets/sealing.ts'
export type { Place } from '../../secrets/sealing.ts'

/** The scripts that make the server's own tables. */
export const MIGRATIONS = join(import.meta.dirname, '../../../migrations')
