import type { App, Credentials } from '../../apps/apps.ts'
import type { Sealer } from '../../secrets/sealing.ts'
import type { AppPatch, AppStore } from '../stores.ts'
import type { Queryable } from './database.ts'
import { json, placeOf } from './records.ts'
import type { Row } from './records.ts'
import { alone, BATCH, inBatches } from './statements.ts'

type Public = Omit<Credentials, 'appSecret'>

interface AppRow extends Row {
  readonly doc: Omit<App, 'credentials'>
  readonly credentials: readonly Public[]
}

/** App $1 has credentials $2, and others without an end. */
const ANOTHER_LASTS = `app_id = $1 and credentials @> jsonb_build_array(jsonb_build_object('keyId', $2::text))
  and exists (
    select from jsonb_array_elements(credentials) as keys where keys ->> 'keyId' <> $2 and not keys ? 'endsAt'
  )`

/** The credentials without those that have ended. Parameter $1 is the time: `{ now }`. */
const LASTING = `jsonb_path_query_array(credentials, '$[*] ? (!exists (@.endsAt) || @.endsAt > $now)', $1)`
const HAS_ENDED = `jsonb_path_exists(credentials, '$[*] ? (@.endsAt <= $now)', $1)`
/** The secrets without theirs. */
const SECRETS = `sealed - array(
  select jsonb_path_query(credentials, '$[*] ? (@.endsAt <= $now).keyId', $1) #>> '{}'
)`

/** Apps with their credentials. The secrets are sealed. */
export class PostgresApps implements AppStore {
  readonly #pool: Queryable
  readonly #sealer: Sealer

  constructor(pool: Queryable, sealer: Sealer) {
    this.#pool = pool
    this.#sealer = sealer
  }

  async list(): Promise<readonly App[]> {
    const { rows } = await this.#pool.query<AppRow>('select doc, credentials, sealed from apps order by seq')
    return rows.map((row) => this.#read(row))
  }

  async find(appId: string): Promise<App | undefined> {
    const { rows } = await this.#pool.query<AppRow>(
      'select doc, credentials, sealed from apps where app_id = $1',
      [appId],
    )
    return rows[0] && this.#read(rows[0])
  }

  async allowed(entries?: readonly string[]): Promise<readonly string[]> {
    const statement = entries
      ? `select distinct entry from unnest($1::text[]) as entry
          where exists (select from apps where doc -> 'whitelist' ? entry)`
      : `select distinct jsonb_array_elements_text(doc -> 'whitelist') as entry from apps`
    const { rows } = await this.#pool.query<{ entry: string }>(statement, entries && [entries])
    return rows.map(({ entry }) => entry)
  }

  async insert({ credentials, ...app }: App, max: number): Promise<boolean> {
    const sealed = Object.fromEntries(credentials.map((keys) => this.#sealed(app.appId, keys)))
    return alone(this.#pool, 'apps', async (client) => {
      const { rowCount } = await client.query(
        `insert into apps (app_id, doc, credentials, sealed)
          select $1, $2, $3, $4 where (select count(*) from apps) < $5::bigint`,
        [app.appId, json(app), json(credentials.map(publicPart)), json(sealed), max],
      )
      return rowCount === 1
    })
  }

  async update(appId: string, patch: AppPatch): Promise<App | undefined> {
    const { rows } = await this.#pool.query<AppRow>(
      'update apps set doc = doc || $2 where app_id = $1 returning doc, credentials, sealed',
      [appId, json(patch)],
    )
    return rows[0] && this.#read(rows[0])
  }

  async remove(appId: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query('delete from apps where app_id = $1', [appId])
    return rowCount === 1
  }

  async addCredentials(appId: string, credentials: Credentials, max: number): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `update apps set credentials = $3::jsonb || ${LASTING}, sealed = (${SECRETS}) || $4
        where app_id = $2 and jsonb_array_length(${LASTING}) < $5`,
      [
        json({ now: credentials.createdAt }),
        appId,
        json([publicPart(credentials)]),
        json(Object.fromEntries([this.#sealed(appId, credentials)])),
        max,
      ],
    )
    return rowCount === 1
  }

  async endCredentials(appId: string, keyId: string, endsAt: number): Promise<App | undefined> {
    const { rows } = await this.#pool.query<AppRow>(
      `update apps set credentials = (
          select jsonb_agg(
            case when keys ->> 'keyId' = $2
              then keys || jsonb_build_object('endsAt', least((keys -> 'endsAt')::bigint, $3::bigint))
              else keys end
            order by place
          ) from jsonb_array_elements(credentials) with ordinality as each (keys, place)
        )
        where ${ANOTHER_LASTS} returning doc, credentials, sealed`,
      [appId, keyId, endsAt],
    )
    return rows[0] && this.#read(rows[0])
  }

  async removeCredentials(appId: string, keyId: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `update apps set sealed = sealed - $2::text, credentials = (
          select jsonb_agg(keys order by place)
          from jsonb_array_elements(credentials) with ordinality as each (keys, place)
          where keys ->> 'keyId' <> $2
        )
        where ${ANOTHER_LASTS}`,
      [appId, keyId],
    )
    return rowCount === 1
  }

  sweepCredentials(now: number): Promise<void> {
    return inBatches(async () => {
      const { rowCount } = await this.#pool.query(
        `update apps set sealed = ${SECRETS}, credentials = ${LASTING}
          where app_id in (
            select app_id from apps
            where jsonb_path_exists(credentials, '$[*].endsAt') and ${HAS_ENDED}
            limit ${BATCH} for update skip locked
          )`,
        [json({ now })],
      )
      return rowCount ?? 0
    })
  }

  #read({ doc, credentials, sealed }: AppRow): App {
    const keys = credentials.map((keys): Credentials => ({
      ...keys,
      appSecret: this.#sealer.open(placeOf('apps', doc.appId, keys.keyId), sealed[keys.keyId] ?? ''),
    }))
    return { ...doc, credentials: keys as [Credentials, ...Credentials[]] }
  }

  #sealed(appId: string, { keyId, appSecret }: Credentials): [string, string] {
    return [keyId, this.#sealer.seal(placeOf('apps', appId, keyId), appSecret)]
  }
}

function publicPart({ appSecret: _, ...keys }: Credentials): Public {
  return keys
}
