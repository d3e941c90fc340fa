/** @module civic-sip-server/database */

import { join } from 'node:path'

export { FileInUse } from '../../file-lock.ts'
export { isServer, migrate, openDatabase, transaction } from './database.ts'
export type { Database, OpenOptions, Queryable } from './database.ts'
export { PostgresStores } from './stores.ts'
export type { PostgresStoresOptions } from './stores.ts'
export { Sealer, SealError } from '../../secrets/sealing.ts'
export type { Place } from '../../secrets/sealing.ts'
export { keptSecret } from '../../secrets/kept-secret.ts'
export { RotationError, SigningKeys } from '../../secrets/signing-keys.ts'
export type { PublishedKey, SigningKeysOptions } from '../../secrets/signing-keys.ts'
export { reseal } from '../../secrets/resealing.ts'
export type { Resealed } from '../../secrets/resealing.ts'
export { replaceSealedKeys } from '../../secrets/replacing.ts'
export type { Replaced } from '../../secrets/replacing.ts'

/** The scripts that make the server's own tables. */
export const MIGRATIONS = join(import.meta.dirname, '../../../migrations')
