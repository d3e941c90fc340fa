import { formerSecrets, keptSecret } from '../../secrets/kept-secret.ts'
import { Sealer } from '../../secrets/sealing.ts'
import { SigningKeys } from '../../secrets/signing-keys.ts'
import type { Clock } from '../expiring-map.ts'
import { openDatabase } from './database.ts'
import type { Database, OpenOptions } from './database.ts'
import { MIGRATIONS } from './migrations.ts'
import { PostgresStores } from './stores.ts'

export interface KeysOptions {
  /** The values of `SIP_SECRET`: 64 hex digits each, the current one first. */
  readonly secrets: readonly string[]
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly clock?: Clock
  /** Called with a line if the keys could not be read again. Default: `console.error`. */
  readonly log?: (line: string) => void
}

export type StorageOptions = Partial<OpenOptions> & KeysOptions

/** A server's stores, and the keys that it makes itself, for `createSip`. */
export interface Storage {
  readonly database: Database
  readonly sealer: Sealer
  readonly stores: PostgresStores
  /** `keys` of `createSip`. */
  readonly keys: SigningKeys
  /** `secret` of `createSip`. It outlives `SIP_SECRET`, because issued attestations are found with it. */
  readonly secret: string
  /** `attester.seed` of `createSip`. */
  readonly attesterSeed: string
  /** Earlier values of both, which `rotate-keys --compromised` set aside. */
  readonly former: { readonly secrets: readonly string[]; readonly attesterSeeds: readonly string[] }
  readonly close: () => Promise<void>
}

/**
 * Opens the database, and makes missing keys.
 *
 * @param address as for `openDatabase`
 * @throws TypeError for a wrong secret; FileInUse; SealError if the database was sealed with another secret
 */
export async function openStorage(address: string, options: StorageOptions): Promise<Storage> {
  const { secrets, clock, migrations = MIGRATIONS, ...others } = options
  // Checks the secrets before anything is opened
  new Sealer(secrets)
  const database = await openDatabase(address, { ...others, migrations })
  try {
    const { log } = others
    return await storageIn(database, { secrets, ...(clock && { clock }), ...(log && { log }) })
  } catch (error) {
    await database.close()
    throw error
  }
}

/** The same in an open database, which `close` closes, too. */
export async function storageIn(database: Database, options: KeysOptions): Promise<Storage> {
  const { secrets, ...others } = options
  const sealer = new Sealer(secrets)
  const secret = await keptSecret(database.pool, sealer, { name: 'server' })
  const attesterSeed = await keptSecret(database.pool, sealer, { name: 'attester', bytes: 64 })
  const former = {
    secrets: await formerSecrets(database.pool, sealer, 'server'),
    attesterSeeds: await formerSecrets(database.pool, sealer, 'attester'),
  }
  const keys = await SigningKeys.open(database, { sealer, ...others })
  const close = async (): Promise<void> => {
    await keys.close()
    await database.close()
  }
  const stores = new PostgresStores(database, { sealer, ...(others.clock && { clock: others.clock }) })
  return { database, sealer, stores, keys, secret, attesterSeed, former, close }
}
