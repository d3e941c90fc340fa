import { newKeyPair, randomHex } from '../apps/new-keys.ts'
import type { Credentials } from '../apps/apps.ts'
import type { Clock } from '../store/expiring-map.ts'
import { transaction } from '../store/postgres/database.ts'
import type { Database, Queryable } from '../store/postgres/database.ts'
import { json, placeOf, Records } from '../store/postgres/records.ts'
import type { Row } from '../store/postgres/records.ts'
import type { Sealer } from './sealing.ts'
import { insertKey, nothing } from './signing-keys.ts'
import type { Alongside } from './signing-keys.ts'

/** The result of `replaceSealedKeys`. */
export interface Replaced {
  /** SIP's new public key, the only one. */
  readonly pubKey: string
  /** The apps that have a new secret, which their partners must set. */
  readonly appIds: readonly string[]
  /**
   * The names of the secrets that `keptSecret` makes again at the next start, such as the attester's seed. The earlier
   * ones stay sealed, as `NAME until TIME`, because they may control money.
   */
  readonly secrets: readonly string[]
  /** The open logins that were ended. */
  readonly requests: number
}

/**
 * Replaces every key in the database, if somebody may have read it together with `SIP_SECRET`: SIP's signing keys, the
 * secrets of apps, the attester's keys and the one-time keys of open logins. Everything or nothing. Afterwards, restart
 * every process and call `reseal`, which seals all other values with the new secret.
 *
 * @param alongside gets SIP's new public key
 * @throws SealError if a kept secret opens with none of the secrets; then nothing is replaced
 */
export async function replaceSealedKeys(
  database: Database,
  sealer: Sealer,
  clock: Clock = Date.now,
  alongside: Alongside = nothing,
): Promise<Replaced> {
  const now = clock()
  const pair = newKeyPair()
  const replaced = await transaction(database.pool, async (client) => {
    await client.query('delete from signing_keys')
    await insertKey(client, sealer, { ...pair, state: 'current', now })
    const secrets = await setAside(client, sealer, new Date(now).toISOString())
    const requests = await client.query('delete from requests')
    await client.query('delete from payloads')
    await client.query("delete from counts where name = 'requests'")
    const appIds = await replaceAppSecrets(client, sealer, now)
    await alongside(client, pair.pubKey)
    return {
      pubKey: pair.pubKey,
      appIds,
      secrets,
      requests: requests.rowCount ?? 0,
    }
  })
  await database.pool.query("select pg_notify('signing_keys', '')")
  return replaced
}

/** Renames kept secrets, so that they are no longer used but not lost. @returns their names */
async function setAside(client: Queryable, sealer: Sealer, time: string): Promise<string[]> {
  const records = new Records<{ value: string }>(sealer, 'kept_secrets', ['value'])
  const { rows } = await client.query<{ name: string; sealed: Row['sealed'] }>(
    "delete from kept_secrets where name not like '% until %' returning name, sealed",
  )
  for (const { name, sealed } of rows) {
    const aside = `${name} until ${time}`
    const { value } = records.join(name, { doc: {}, sealed })
    await client.query('insert into kept_secrets values ($1, $2)', [
      aside,
      records.split(aside, { value }).sealed,
    ])
  }
  return rows.map(({ name }) => name).sort()
}

/** Leaves each app only its newest public key, with a new secret. */
async function replaceAppSecrets(client: Queryable, sealer: Sealer, now: number): Promise<string[]> {
  const { rows } = await client.query<{ app_id: string; credentials: readonly Credentials[] }>(
    'select app_id, credentials from apps order by seq for update',
  )
  for (const { app_id, credentials } of rows) {
    const keys = { keyId: randomHex(4), pubKey: credentials[0]?.pubKey ?? '', createdAt: now }
    const sealed = { [keys.keyId]: sealer.seal(placeOf('apps', app_id, keys.keyId), randomHex(16)) }
    await client.query('update apps set credentials = $2, sealed = $3 where app_id = $1', [
      app_id,
      json([keys]),
      json(sealed),
    ])
  }
  return rows.map(({ app_id }) => app_id)
}
