import { randomUUID } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import type { UserData, UserDataItem } from 'passport-civic-sip'
import { Labels } from 'passport-civic-sip/user-data'
import { transaction } from './database.ts'
import { Refusal } from './problems.ts'

export type EventKind = 'signup' | 'login' | 'link' | 'proof' | 'unlink'

/** Email or phone number, with Civic's flags. */
export type Contact = Pick<UserDataItem, 'label' | 'isValid' | 'isOwner'> & { readonly value: string }

/** The name of the strategy that logged a person in. One provider's userId says nothing about another's. */
export type Provider = 'civic' | 'civic-direct'

/** The key of an identity. */
export interface IdentityKey {
  readonly provider: Provider
  readonly userId: string
}

export interface Identity extends IdentityKey {
  readonly linkedAt: Date
  readonly contacts: readonly Contact[]
  readonly isAdult: boolean | null
  readonly ageProvedAt: Date | null
  readonly identityProvedAt: Date | null
}

export interface Event {
  readonly kind: EventKind
  readonly userId: string
  readonly ip: string
  readonly happenedAt: Date
}

export interface Account {
  readonly id: string
  readonly createdAt: Date
  readonly identities: readonly Identity[]
  readonly events: readonly Event[]
}

/** A person that Civic has verified, before they are logged in. */
export interface Visitor extends IdentityKey {
  readonly data: UserData
  readonly ip: string
  /** The account that they are already logged in to. */
  readonly accountId: string | undefined
}

const CONTACTS: readonly string[] = [Labels.EMAIL, Labels.PHONE_NUMBER]

/** Accounts and the Civic identities that log in to them. All transactions lock identities first, so none deadlock. */
export class Accounts {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /**
   * Logs a visitor in to the account of their identity. A new identity is linked to the account that they are logged in
   * to, or else gets a new account.
   *
   * @throws Refusal `DATA_UNREADABLE`, `DATA_NOT_PROVED`, `IDENTITY_TAKEN`, `IDENTITY_NOT_LINKED`, `NOT_LOGGED_IN`
   */
  async enter(visitor: Visitor): Promise<{ id: string; kind: EventKind }> {
    const { provider, userId, data, accountId } = visitor
    const identity = { provider, userId }
    // Before the first query, so that unreadable data stores nothing
    const contacts = contactsOf(data)
    const isProved = data.labels.every((label) => data.value(label) !== undefined)
    const hasDocuments = data.some(({ label }) => isDocument(label))
    if (hasDocuments && !isProved) {
      await this.#forgetProofs(identity)
      throw new Refusal('DATA_NOT_PROVED')
    }
    return transaction(this.#pool, async (client) => {
      // One statement decides who owns the identity, even with two requests at once; xmax is 0 in a row just inserted
      const { rows } = await client.query<{ id: string; isNew: boolean }>(
        `insert into identities (provider, user_id, account_id) values ($1, $2, $3)
         on conflict (provider, user_id) do update set user_id = excluded.user_id
         returning account_id as id, xmax = 0 as "isNew"`,
        [provider, userId, accountId ?? randomUUID()],
      )
      const { id, isNew } = rows[0] as (typeof rows)[0]
      if (accountId !== undefined && id !== accountId) throw new Refusal('IDENTITY_TAKEN')
      if (isNew) {
        if (!isProved) throw new Refusal('DATA_NOT_PROVED')
        // No document enters an account by accident: an identity must be linked before it proves anything
        if (accountId !== undefined && hasDocuments) throw new Refusal('IDENTITY_NOT_LINKED')
        await (accountId === undefined ? create(client, id) : keep(client, id))
      }
      await update(client, identity, data, contacts)
      const known = hasDocuments ? 'proof' : 'login'
      const kind = isNew ? (accountId === undefined ? 'signup' : 'link') : known
      await record(client, id, kind, visitor)
      return { id, kind }
    })
  }

  async exists(id: string): Promise<boolean> {
    const { rows } = await this.#pool.query('select from accounts where id = $1', [id])
    return rows.length > 0
  }

  /** Everything that the account page shows. @throws Refusal `NOT_LOGGED_IN` if the account is gone */
  async read(id: string): Promise<Account> {
    const [accounts, identities, events] = await Promise.all([
      this.#pool.query<{ createdAt: Date }>('select created_at as "createdAt" from accounts where id = $1', [
        id,
      ]),
      this.#pool.query<Identity>(
        `select provider, user_id as "userId", linked_at as "linkedAt", contacts, is_adult as "isAdult",
           age_proved_at as "ageProvedAt", identity_proved_at as "identityProvedAt"
         from identities where account_id = $1 order by linked_at, provider, user_id`,
        [id],
      ),
      this.#pool.query<Event>(
        `select kind, user_id as "userId", ip, happened_at as "happenedAt"
         from events where account_id = $1 order by id desc limit 20`,
        [id],
      ),
    ])
    const [account] = accounts.rows
    if (!account) throw new Refusal('NOT_LOGGED_IN')
    return { id, ...account, identities: identities.rows, events: events.rows }
  }

  /**
   * Unlinks an identity and its data from an account. The account's other sessions end: some may have logged in with
   * it.
   *
   * @throws Refusal `IDENTITY_NOT_LINKED`, `LAST_IDENTITY`
   */
  async unlink(id: string, identity: IdentityKey, ip: string, sessionId: string): Promise<void> {
    await transaction(this.#pool, async (client) => {
      // Of two requests at once, the second waits for the locks, and then sees one identity fewer
      const identities = await lockIdentities(client, id)
      const { provider, userId } = identity
      const isLinked = identities.some((own) => own.provider === provider && own.userId === userId)
      if (!isLinked) throw new Refusal('IDENTITY_NOT_LINKED')
      if (identities.length === 1) throw new Refusal('LAST_IDENTITY')
      await client.query('delete from identities where provider = $1 and user_id = $2', [provider, userId])
      await record(client, id, 'unlink', { userId, ip })
      await endSessions(client, id, sessionId)
    })
  }

  /** Deletes the account with all its data, and ends its sessions. */
  async delete(id: string): Promise<void> {
    await transaction(this.#pool, async (client) => {
      await lockIdentities(client, id)
      await client.query('delete from accounts where id = $1', [id])
      await endSessions(client, id)
    })
  }

  /** Removes what documents have proved if Civic says that they are no longer valid. */
  async #forgetProofs({ provider, userId }: IdentityKey): Promise<void> {
    await this.#pool.query(
      `update identities set is_adult = null, age_proved_at = null, identity_proved_at = null
       where provider = $1 and user_id = $2`,
      [provider, userId],
    )
  }
}

async function create(client: PoolClient, id: string): Promise<void> {
  await client.query('insert into accounts (id) values ($1)', [id])
}

/** Locks the account, so that it is not deleted while an identity is linked to it. */
async function keep(client: PoolClient, id: string): Promise<void> {
  const { rows } = await client.query('select from accounts where id = $1 for key share', [id])
  if (rows.length === 0) throw new Refusal('NOT_LOGGED_IN')
}

/** Stores the person's contacts, and what their documents prove. The documents are not stored. */
async function update(
  client: PoolClient,
  { provider, userId }: IdentityKey,
  data: UserData,
  contacts: readonly Contact[],
): Promise<void> {
  const born = data.value(Labels.DOCUMENT_DATE_OF_BIRTH)
  await client.query(
    `update identities set
       contacts = coalesce($3, contacts),
       is_adult = coalesce($4, is_adult),
       age_proved_at = case when $4 is null then age_proved_at else now() end,
       identity_proved_at = case when $5 then now() else identity_proved_at end
     where provider = $1 and user_id = $2`,
    [
      provider,
      userId,
      contacts.length > 0 ? JSON.stringify(contacts) : null,
      typeof born === 'string' ? isAdult(born, new Date()) : null,
      data.value(Labels.DOCUMENT_NUMBER) !== undefined,
    ],
  )
}

/** @throws Refusal `DATA_UNREADABLE` */
function contactsOf(data: UserData): Contact[] {
  return CONTACTS.flatMap((name): Contact[] => {
    const item = data.get(name)
    if (!item) return []
    const { value, isValid, isOwner } = item as Readonly<Record<string, unknown>>
    return [{ label: name, value: storable(value), isValid: isValid === true, isOwner: isOwner === true }]
  })
}

/** Only SIP's word says that a label is a string. */
function isDocument(label: unknown): boolean {
  return typeof label === 'string' && label.startsWith('documents.')
}

/**
 * A value as text that PostgreSQL can store. PostgreSQL has no NUL (U+0000) and would replace a lone surrogate by
 * U+FFFD, so that two texts become one. Dropping such characters would do the same: an address with a NUL is not
 * `zoe@example.org`.
 *
 * @throws Refusal `DATA_UNREADABLE`
 */
function storable(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || /[\0\p{Surrogate}]/u.test(text)) throw new Refusal('DATA_UNREADABLE')
  return text
}

/** @param born `YYYY-MM-DD`, which sorts as text */
export function isAdult(born: string, now: Date): boolean {
  const today = now.toISOString().slice(0, 10)
  const lastDay = `${Number(today.slice(0, 4)) - 18}${today.slice(4)}`
  return /^\d{4}-\d\d-\d\d$/.test(born) && born <= lastDay
}

/** Adds to the account's list of events, which goes back 90 days. */
async function record(
  client: PoolClient,
  id: string,
  kind: EventKind,
  { userId, ip }: Pick<Visitor, 'userId' | 'ip'>,
): Promise<void> {
  await client.query(
    `delete from events where account_id = $1 and happened_at < now() - interval '90 days'`,
    [id],
  )
  await client.query('insert into events (account_id, kind, user_id, ip) values ($1, $2, $3, $4)', [
    id,
    kind,
    userId,
    ip,
  ])
}

async function lockIdentities(client: PoolClient, id: string): Promise<IdentityKey[]> {
  const { rows } = await client.query<IdentityKey>(
    `select provider, user_id as "userId" from identities where account_id = $1
     order by provider, user_id for update`,
    [id],
  )
  return rows
}

/** Ends the sessions of an account, but for one. */
async function endSessions(client: PoolClient, id: string, except = ''): Promise<void> {
  await client.query(`delete from sessions where sess #>> '{passport,user}' = $1 and sid <> $2`, [id, except])
}
