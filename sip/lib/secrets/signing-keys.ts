import { newKeyPair } from '../apps/new-keys.ts'
import type { KeyPair } from '../apps/new-keys.ts'
import { CODE_LIFETIME_MS } from '../exchange/tokens.ts'
import { shortly } from '../operations/describe-error.ts'
import type { Clock } from '../store/expiring-map.ts'
import { transaction } from '../store/postgres/database.ts'
import type { Database, Queryable } from '../store/postgres/database.ts'
import { Records } from '../store/postgres/records.ts'
import type { Row } from '../store/postgres/records.ts'
import { unref } from '../timers.ts'
import type { KeyRing } from './key-ring.ts'
import type { Sealer } from './sealing.ts'

/** Wallets cache the well-known document for five minutes, and other processes read the keys every minute. */
const PUBLISHED_MS = 10 * 60_000
/** How long partners need to set the public keys at their sites. */
export const NOTICE_MS = 30 * 24 * 60 * 60_000
const REFRESH_MS = 60_000
const CHANNEL = 'signing_keys'

/** Stores something with a step of a rotation: both, or none of them. */
export type Alongside = (client: Queryable, pubKey: string) => Promise<void>

/** A step of a key rotation that is not possible now. The message says what to do. */
export class RotationError extends Error {
  override readonly name = 'RotationError'
}

type KeyState = 'current' | 'next' | 'previous'

/** A published key, for operators. */
export interface PublishedKey {
  readonly pubKey: string
  readonly state: KeyState
  /** Milliseconds since the epoch, as `activatedAt`: since when it is published. */
  readonly createdAt: number
  /** Since when it signs, or signed. */
  readonly activatedAt: number | undefined
}

interface KeyRow extends Pick<Row, 'sealed'> {
  readonly pub_key: string
  readonly state: KeyState
  readonly created_at: number
  readonly activated_at: number | null
}

export interface SigningKeysOptions {
  readonly sealer: Sealer
  /** Default: Date.now. */
  readonly clock?: Clock
  /** Called with a line if the keys could not be read again. Default: `console.error`. */
  readonly log?: (line: string) => void
}

/**
 * The key pairs that sign SIP's tokens, in the database. The first is made at the first start. A rotation has three
 * steps: `prepare` publishes the next key, `activate` signs with it, `drop` removes the previous one.
 */
export class SigningKeys implements KeyRing {
  readonly #database: Database
  readonly #records: Records<KeyPair>
  readonly #clock: Clock
  readonly #log: (line: string) => void
  #current: KeyPair | undefined
  #published: readonly PublishedKey[] = []
  #stop: () => Promise<void> = () => Promise.resolve()

  private constructor(
    database: Database,
    { sealer, clock = Date.now, log = console.error }: SigningKeysOptions,
  ) {
    this.#database = database
    this.#records = new Records(sealer, 'signing_keys', ['prvKey'])
    this.#clock = clock
    this.#log = log
  }

  /** Reads the keys, or makes the first, and follows other processes' changes until `close`. */
  static async open(database: Database, options: SigningKeysOptions): Promise<SigningKeys> {
    const keys = new SigningKeys(database, options)
    await insertKey(database.pool, options.sealer, { ...newKeyPair(), state: 'current', now: keys.#clock() })
    const refresh = (): void => {
      keys.refresh().catch((error: unknown) => keys.#log(`SIP's keys: ${shortly(error)}`))
    }
    const stop = await database.listen(CHANNEL, refresh)
    const timer = unref(setInterval(refresh, REFRESH_MS))
    keys.#stop = () => {
      clearInterval(timer)
      return stop()
    }
    await keys.refresh()
    return keys
  }

  get current(): KeyPair {
    if (!this.#current) throw new Error('the keys are not read yet')
    return this.#current
  }

  get published(): readonly string[] {
    return this.#published.map(({ pubKey }) => pubKey)
  }

  /** The published keys, the current one first, then the next one. */
  get all(): readonly PublishedKey[] {
    return this.#published
  }

  /** Reads the keys again. */
  async refresh(): Promise<void> {
    const { rows } = await this.#database.pool.query<KeyRow>(
      "select * from signing_keys order by array_position('{current,next,previous}', state)",
    )
    const [row] = rows
    if (row?.state !== 'current') throw new Error('the database has no current signing key')
    this.#current = this.#records.join(row.pub_key, { doc: { pubKey: row.pub_key }, sealed: row.sealed })
    this.#published = rows.map(shown)
  }

  /**
   * Makes the next key and publishes it: the sites' `sipPublicKey` becomes `[current, next]`. If there is one already,
   * nothing changes.
   *
   * @param alongside gets the next public key
   */
  async prepare(alongside: Alongside = nothing): Promise<PublishedKey> {
    const pair = { ...newKeyPair(), state: 'next', now: this.#clock() } as const
    await transaction(this.#database.pool, async (client) => {
      const next = keyIn(await locked(client), 'next')
      if (!next) await insertKey(client, this.#records, pair)
      await alongside(client, next?.pub_key ?? pair.pubKey)
    })
    await this.#changed()
    return this.#published.find(({ state }) => state === 'next') as PublishedKey
  }

  /**
   * Signs with the next key from now on. The previous key stays published.
   *
   * @param alongside gets the public key that now signs
   * @returns a warning, if the next key has been published for less than 30 days
   * @throws RotationError if there is no next key, it was published less than 10 minutes ago, or the previous key was
   *   not dropped
   */
  async activate(alongside: Alongside = nothing): Promise<{ readonly warning?: string }> {
    const now = this.#clock()
    const since = await transaction(this.#database.pool, async (client) => {
      const rows = await locked(client)
      const next = keyIn(rows, 'next')
      if (!next) throw new RotationError('There is no next key. Make one with rotate-keys.')
      const wait = next.created_at + PUBLISHED_MS - now
      if (wait > 0) {
        throw new RotationError(
          `Wallets may not know the next key yet. Activate it in ${Math.ceil(wait / 60_000)} minutes.`,
        )
      }
      if (keyIn(rows, 'previous')) {
        throw new RotationError('The previous key is still published. Drop it first with rotate-keys --drop.')
      }
      await client.query("update signing_keys set state = 'previous' where state = 'current'")
      await client.query(
        "update signing_keys set state = 'current', activated_at = $1 where state = 'next'",
        [now],
      )
      await alongside(client, next.pub_key)
      return next.created_at
    })
    await this.#changed()
    const days = Math.floor((now - since) / (24 * 60 * 60_000))
    if (now - since >= NOTICE_MS) return {}
    return {
      warning: `The key was published ${days} days ago, and not 30. Logins fail at sites that have not added it to sipPublicKey.`,
    }
  }

  /**
   * Stops publishing the previous key.
   *
   * @throws RotationError if there is no such key, or its last codes can still be exchanged
   */
  async drop(): Promise<void> {
    await transaction(this.#database.pool, async (client) => {
      const rows = await locked(client)
      if (!keyIn(rows, 'previous')) {
        throw new RotationError('There is no previous key to drop.')
      }
      const current = keyIn(rows, 'current')
      const wait = (current?.activated_at ?? 0) + CODE_LIFETIME_MS + REFRESH_MS - this.#clock()
      if (wait > 0) {
        throw new RotationError(
          `Codes that the previous key signed are still valid. Drop it in ${Math.ceil(wait / 60_000)} minutes.`,
        )
      }
      await client.query("delete from signing_keys where state = 'previous'")
    })
    await this.#changed()
  }

  close(): Promise<void> {
    return this.#stop()
  }

  async #changed(): Promise<void> {
    await this.#database.pool.query(`select pg_notify('${CHANNEL}', '')`)
    await this.refresh()
  }
}

/** Inserts a key, unless there is one in this state. */
export async function insertKey(
  db: Queryable,
  by: Sealer | Records<KeyPair>,
  { prvKey, pubKey, state, now }: KeyPair & { readonly state: KeyState; readonly now: number },
): Promise<void> {
  const records = by instanceof Records ? by : new Records<KeyPair>(by, 'signing_keys', ['prvKey'])
  await db.query(
    `insert into signing_keys (pub_key, state, created_at, activated_at, sealed)
      values ($1, $2, $3, case when $2 = 'current' then $3::bigint end, $4) on conflict do nothing`,
    [pubKey, state, now, records.split(pubKey, { prvKey }).sealed],
  )
}

/** All keys, locked for one step of a rotation. */
async function locked(client: Queryable): Promise<readonly KeyRow[]> {
  await client.query('lock table signing_keys in share row exclusive mode')
  const { rows } = await client.query<KeyRow>('select * from signing_keys')
  return rows
}

function keyIn(rows: readonly KeyRow[], state: KeyState): KeyRow | undefined {
  return rows.find((row) => row.state === state)
}

/** The default of `Alongside`. */
export function nothing(): Promise<void> {
  return Promise.resolve()
}

function shown({ pub_key: pubKey, state, created_at: createdAt, activated_at }: KeyRow): PublishedKey {
  return { pubKey, state, createdAt, activatedAt: activated_at ?? undefined }
}
