import type {
  Act,
  AuditEntry,
  AuditStore,
  Change,
  EmailStore,
  Invite,
  InviteStore,
  Member,
  Membership,
  Partner,
  PartnerStore,
  PartnerStores,
  ProofStore,
  ReviewStore,
  Role,
  Session,
  SessionStore,
} from '../partner-stores.ts'
import type { Sealer } from '../../secrets/sealing.ts'
import { transaction } from './database.ts'
import type { Queryable } from './database.ts'
import { PostgresEmails } from './emails.ts'
import { PostgresProofs, PostgresReviews } from './partner-apps.ts'
import { PostgresDirectStore } from './direct.ts'
import { changed, rowOf, rowsOf } from './rows.ts'

/** The stores for partners in PostgreSQL. */
export class PostgresPartnerStores implements PartnerStores {
  readonly partners: PartnerStore
  readonly invites: InviteStore
  readonly sessions: SessionStore
  readonly audit: AuditStore
  readonly proofs: ProofStore
  readonly reviews: ReviewStore
  readonly emails: EmailStore
  readonly direct: PartnerStores['direct']

  /** @param sealer seals people's email addresses */
  constructor(pool: Queryable, sealer: Sealer) {
    this.emails = new PostgresEmails(pool, sealer)
    this.partners = new PostgresPartners(pool)
    this.invites = new PostgresInvites(pool)
    this.sessions = new PostgresSessions(pool)
    this.audit = new PostgresAudit(pool)
    this.proofs = new PostgresProofs(pool)
    this.reviews = new PostgresReviews(pool)
    this.direct = new PostgresDirectStore(pool)
  }
}

const PARTNER = 'id, name, created_at as "createdAt"'
const MEMBER =
  'members.partner_id as "partnerId", user_id as "userId", members.name, role, joined_at as "joinedAt"'

class PostgresPartners implements PartnerStore {
  readonly #pool: Queryable

  constructor(pool: Queryable) {
    this.#pool = pool
  }

  find(id: string): Promise<Partner | undefined> {
    return rowOf(this.#pool, `select ${PARTNER} from partners where id = $1`, [id])
  }

  list(): Promise<readonly Partner[]> {
    return rowsOf(this.#pool, `select ${PARTNER} from partners order by created_at, id`)
  }

  async insert({ id, name, createdAt }: Partner): Promise<void> {
    const sql = 'insert into partners (id, name, created_at) values ($1, $2, $3) on conflict do nothing'
    await changed(this.#pool, sql, [id, name, createdAt])
  }

  members(partnerId: string): Promise<readonly Member[]> {
    const sql = `select ${MEMBER} from members where partner_id = $1 order by joined_at, user_id`
    return rowsOf(this.#pool, sql, [partnerId])
  }

  memberships(userId: string): Promise<readonly Membership[]> {
    const sql = `
      select ${MEMBER}, partners.name as "partnerName" from members join partners on partners.id = partner_id
      where user_id = $1 order by joined_at, partner_id`
    return rowsOf(this.#pool, sql, [userId])
  }

  change(partnerId: string, userId: string, role: Role | undefined, lead: Role): Promise<Change> {
    return transaction(this.#pool, async (client) => {
      // If two leads leave at once, the second waits, and then sees that the first is gone
      await client.query('select from partners where id = $1 for update', [partnerId])
      const where = `where partner_id = $1 and user_id = $2 and
        (role <> $3 or $4::text = $3 or exists
          (select from members other where other.partner_id = $1 and other.user_id <> $2 and other.role = $3))`
      const values = [partnerId, userId, lead, role ?? null]
      const member = 'select role from members where partner_id = $1 and user_id = $2'
      const before = await rowOf<Pick<Member, 'role'>>(client, member, [partnerId, userId])
      if (!before) return 'unknown'
      const sql =
        role === undefined ? `delete from members ${where}` : `update members set role = $4 ${where}`
      if ((await changed(client, sql, values)) === 0) return 'last'
      if (before.role === lead && role !== lead)
        await client.query('delete from invites where partner_id = $1', [partnerId])
      const forget = `
        delete from member_emails where user_id = $1
          and not exists (select from members where user_id = $1 and role = 'OWNER')`
      await client.query(forget, [userId])
      return 'done'
    })
  }
}

const INVITE =
  'id, token_hash as "tokenHash", partner_id as "partnerId", role, created_at as "createdAt", expires_at as "expiresAt"'

class PostgresInvites implements InviteStore {
  readonly #pool: Queryable

  constructor(pool: Queryable) {
    this.#pool = pool
  }

  insert(invite: Invite, max: number, now: number): Promise<boolean> {
    const { tokenHash, id, partnerId, role, createdAt, expiresAt } = invite
    return transaction(this.#pool, async (client) => {
      await client.query("select pg_advisory_xact_lock(hashtext('invites'), hashtext($1))", [partnerId ?? ''])
      const sql = `
        insert into invites (token_hash, id, partner_id, role, created_at, expires_at)
        select $1, $2, $3, $4, $5, $6
        where (select count(*) from invites where partner_id is not distinct from $3 and expires_at > $8) < $7`
      const values = [tokenHash, id, partnerId ?? null, role, createdAt, expiresAt, max, now]
      return (await changed(client, sql, values)) > 0
    })
  }

  find(tokenHash: string, now: number): Promise<Invite | undefined> {
    const sql = `select ${INVITE} from invites where token_hash = $1 and expires_at > $2`
    return rowOf(this.#pool, sql, [tokenHash, now])
  }

  list(partnerId: string | undefined, now: number): Promise<readonly Invite[]> {
    const sql = `
      select ${INVITE} from invites where partner_id is not distinct from $1 and expires_at > $2
      order by created_at desc, id`
    return rowsOf(this.#pool, sql, [partnerId ?? null, now])
  }

  async remove(partnerId: string | undefined, id: string): Promise<boolean> {
    const sql = 'delete from invites where partner_id is not distinct from $1 and id = $2'
    return (await changed(this.#pool, sql, [partnerId ?? null, id])) > 0
  }

  accept(
    tokenHash: string,
    { userId, name }: Pick<Member, 'userId' | 'name'>,
    made: Partner,
    now: number,
  ): Promise<Member | 'member' | undefined> {
    return transaction(this.#pool, async (client) => {
      // Locks the partner first, as `change` does, so that the two never wait for each other
      const lock = `
        select from partners where id = (select partner_id from invites where token_hash = $1) for key share`
      await client.query(lock, [tokenHash])
      // Somebody else who accepts it waits, and then finds no invite
      const find = `select ${INVITE} from invites where token_hash = $1 and expires_at > $2 for update`
      const invite = await rowOf<Invite>(client, find, [tokenHash, now])
      if (!invite) return undefined
      const { partnerId = made.id, role } = invite
      if (invite.partnerId === undefined) {
        const sql = 'insert into partners (id, name, created_at) values ($1, $2, $3)'
        await client.query(sql, [made.id, made.name, made.createdAt])
      }
      const join = `
        insert into members (partner_id, user_id, name, role, joined_at) values ($1, $2, $3, $4, $5)
        on conflict do nothing returning ${MEMBER}`
      const member = await rowOf<Member>(client, join, [partnerId, userId, name, role, now])
      if (!member) return 'member'
      await client.query('delete from invites where token_hash = $1', [tokenHash])
      return member
    })
  }

  async sweep(now: number, max: number): Promise<void> {
    const sql = `
      delete from invites where token_hash in
        (select token_hash from invites where expires_at <= $1 limit $2 for update skip locked)`
    await changed(this.#pool, sql, [now, max])
  }
}

const SESSION = `id, user_id as "userId", created_at as "createdAt", expires_at as "expiresAt", act,
  act_request as "actRequest", approved, approved_at as "approvedAt"`

class PostgresSessions implements SessionStore {
  readonly #pool: Queryable

  constructor(pool: Queryable) {
    this.#pool = pool
  }

  async insert({ id, userId, createdAt, expiresAt }: Session): Promise<void> {
    const sql = 'insert into sessions (id, user_id, created_at, expires_at) values ($1, $2, $3, $4)'
    await changed(this.#pool, sql, [id, userId, createdAt, expiresAt])
  }

  find(id: string, now: number): Promise<Session | undefined> {
    return rowOf(this.#pool, `select ${SESSION} from sessions where id = $1 and expires_at > $2`, [id, now])
  }

  async ask(id: string, act: Act): Promise<boolean> {
    const sql = 'update sessions set act = $2, act_request = null where id = $1'
    return (await changed(this.#pool, sql, [id, JSON.stringify(act)])) > 0
  }

  async show(id: string, actId: string, request: string): Promise<boolean> {
    const sql = "update sessions set act_request = $3 where id = $1 and act ->> 'id' = $2"
    return (await changed(this.#pool, sql, [id, actId, request])) > 0
  }

  async approve(id: string, userId: string, request: string, now: number): Promise<boolean> {
    const sql = `
      update sessions set approved = act ->> 'what', approved_at = $4, act = null, act_request = null
      where id = $1 and user_id = $2 and act_request = $3 and act is not null and expires_at > $4`
    return (await changed(this.#pool, sql, [id, userId, request, now])) > 0
  }

  async remove(id: string): Promise<void> {
    await changed(this.#pool, 'delete from sessions where id = $1', [id])
  }

  async removeOf(userId: string): Promise<void> {
    await changed(this.#pool, 'delete from sessions where user_id = $1', [userId])
  }

  async sweep(now: number, max: number): Promise<void> {
    const sql = `
      delete from sessions where id in
        (select id from sessions where expires_at <= $1 limit $2 for update skip locked)`
    await changed(this.#pool, sql, [now, max])
  }
}

export class PostgresAudit implements AuditStore {
  readonly #pool: Queryable

  constructor(pool: Queryable) {
    this.#pool = pool
  }

  async insert({ at, partnerId, userId, who, what, appId, detail }: Omit<AuditEntry, 'id'>): Promise<void> {
    const sql = `
      insert into audit (at, partner_id, user_id, who, what, app_id, detail) values ($1, $2, $3, $4, $5, $6, $7)`
    const values = [at, partnerId ?? null, userId ?? null, who, what, appId ?? null, detail ?? null]
    await changed(this.#pool, sql, values)
  }

  async list(partnerId: string | undefined, max: number, before?: string): Promise<readonly AuditEntry[]> {
    const sql = `
      select id::text, at, partner_id as "partnerId", user_id as "userId", who, what, app_id as "appId", detail
      from audit where ($1::text is null or partner_id = $1) and ($2::bigint is null or id < $2)
      order by audit.id desc limit $3`
    return rowsOf(this.#pool, sql, [partnerId ?? null, before ?? null, max])
  }

  async sweep(before: number, max: number): Promise<void> {
    const sql = 'delete from audit where id in (select id from audit where at < $1 order by at limit $2)'
    await changed(this.#pool, sql, [before, max])
  }
}
