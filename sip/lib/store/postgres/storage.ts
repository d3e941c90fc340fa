import { keptSecret } from '../../secrets/kept-secret.ts'
import { Sealer } from '../../secrets/sealing.ts'
import { SigningKeys } from '../../secrets/signing-keys.ts'
import type { Clock } from '../expiring-map.ts'
import { openDatabase } from './database.ts'
import type { Database, OpenOptions } from './database.ts'
import { MIGRATIONS } from './migrations.ts'
import { PostgresStores } from './stores.ts'

export interface StorageOptions extends Partial<OpenOptions> {
  /** What `SIP_SECRET` says: 64 hex digits each, the current one first. */
  readonly secrets: readonly string[]
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly clock?: Clock
}

/** What a server stores, and the keys that it has made itself: for `createSip`. */
export interface Storage {
  readonly database: Database
  readonly sealer: Sealer
  readonly stores: PostgresStores
  /** `keys` of `createSip`. */
  readonly keys: SigningKeys
  /** `secret` of `createSip`. It outlives `SIP_SECRET`, as what was issued is found by it. */
  readonly secret: string
  /** `attester.seed` of `createSip`. */
  readonly attesterSeed: string
  readonly close: () => Promise<void>
}

/**
 * Opens the database, and makes the keys that are not there yet.
 *
 * @param address as `openDatabase` takes it
 * @throws TypeError for a wrong secret; FileInUse; SealError if the database was sealed with another secret
 */
export async function openStorage(address: string, options: StorageOptions): Promise<Storage> {
  const { secrets, clock = Date.now, migrations = MIGRATIONS, ...others } = options
  const sealer = new Sealer(secrets)
  const database = await openDatabase(address, { ...others, migrations })
  try {
    const [secret, attesterSeed, keys] = [
      await keptSecret(database.pool, sealer, { name: 'server' }),
      await keptSecret(database.pool, sealer, { name: 'attester', bytes: 64 }),
      await SigningKeys.open(database, { sealer, clock, ...(others.log && { log: others.log }) }),
    ]
    const close = async (): Promise<void> => {
      await keys.close()
      await database.close()
    }
    const stores = new PostgresStores(database, { sealer, clock })
    return { database, sealer, stores, keys, secret, attesterSeed, close }
  } catch (error) {
    await database.close()
    throw error
  }
}
