import type { DomainProof, ProofStore, Review, ReviewStore } from '../partner-stores.ts'
import { transaction } from './database.ts'
import type { Queryable } from './database.ts'
import { changed, rowOf, rowsOf } from './rows.ts'

const PROOF = `app_id as "appId", host, value, waiting, proved_at as "provedAt",
  next_check_at as "nextCheckAt", lost_at as "lostAt"`

export class PostgresProofs implements ProofStore {
  readonly #pool: Queryable

  constructor(pool: Queryable) {
    this.#pool = pool
  }

  list(appId: string): Promise<readonly DomainProof[]> {
    return rowsOf(this.#pool, `select ${PROOF} from domain_proofs where app_id = $1 order by host`, [appId])
  }

  find(appId: string, host: string): Promise<DomainProof | undefined> {
    const sql = `select ${PROOF} from domain_proofs where app_id = $1 and host = $2`
    return rowOf(this.#pool, sql, [appId, host])
  }

  wait({ appId, host, value, waiting }: DomainProof, max: number): Promise<DomainProof | undefined> {
    return transaction(this.#pool, async (client) => {
      await client.query("select pg_advisory_xact_lock(hashtext('domain_proofs'), hashtext($1))", [appId])
      const kept = await rowOf<DomainProof>(
        client,
        `select ${PROOF} from domain_proofs where app_id = $1 and host = $2`,
        [appId, host],
      )
      const entries = JSON.stringify([...new Set([...(kept?.waiting ?? []), ...waiting])])
      if (kept) {
        const sql = `update domain_proofs set waiting = $3 where app_id = $1 and host = $2 returning ${PROOF}`
        return rowOf<DomainProof>(client, sql, [appId, host, entries])
      }
      const sql = `
        insert into domain_proofs (app_id, host, value, waiting) select $1, $2, $3, $4
        where (select count(*) from domain_proofs where app_id = $1) < $5 returning ${PROOF}`
      return rowOf<DomainProof>(client, sql, [appId, host, value, entries, max])
    })
  }

  update(
    appId: string,
    host: string,
    { waiting, provedAt, nextCheckAt, lostAt }: Parameters<ProofStore['update']>[2],
  ): Promise<DomainProof | undefined> {
    const sql = `
      update domain_proofs set waiting = $3, proved_at = $4, next_check_at = $5, lost_at = $6
      where app_id = $1 and host = $2 returning ${PROOF}`
    const values = [JSON.stringify(waiting), provedAt ?? null, nextCheckAt ?? null, lostAt ?? null]
    return rowOf(this.#pool, sql, [appId, host, ...values])
  }

  async remove(appId: string, host: string): Promise<void> {
    await changed(this.#pool, 'delete from domain_proofs where app_id = $1 and host = $2', [appId, host])
  }

  async removeAll(appId: string): Promise<void> {
    await changed(this.#pool, 'delete from domain_proofs where app_id = $1', [appId])
  }

  due(now: number, until: number, max: number): Promise<readonly DomainProof[]> {
    const sql = `
      update domain_proofs set next_check_at = $2 where (app_id, host) in
        (select app_id, host from domain_proofs where next_check_at <= $1
         order by next_check_at limit $3 for update skip locked)
      returning ${PROOF}`
    return rowsOf(this.#pool, sql, [now, until, max])
  }
}

const REVIEW = `app_id as "appId", partner_id as "partnerId", live, name, logo, scopes, asked_at as "askedAt",
  asked_by as "askedBy", refusal`
const WAITS = 'app_id = $1 and asked_at = $2 and refusal is null'

export class PostgresReviews implements ReviewStore {
  readonly #pool: Queryable

  constructor(pool: Queryable) {
    this.#pool = pool
  }

  async put({ appId, partnerId, live, name, logo, scopes, askedAt, askedBy }: Review): Promise<void> {
    const sql = `
      insert into reviews (app_id, partner_id, live, name, logo, scopes, asked_at, asked_by)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (app_id) do update set partner_id = excluded.partner_id, live = excluded.live,
        name = excluded.name, logo = excluded.logo, scopes = excluded.scopes, asked_at = excluded.asked_at,
        asked_by = excluded.asked_by, refusal = null`
    const values = [
      appId,
      partnerId,
      live,
      name ?? null,
      logo ?? null,
      JSON.stringify(scopes),
      askedAt,
      askedBy,
    ]
    await changed(this.#pool, sql, values)
  }

  find(appId: string): Promise<Review | undefined> {
    return rowOf(this.#pool, `select ${REVIEW} from reviews where app_id = $1`, [appId])
  }

  waiting(): Promise<readonly Review[]> {
    return rowsOf(this.#pool, `select ${REVIEW} from reviews where refusal is null order by asked_at, app_id`)
  }

  take(appId: string, askedAt: number): Promise<Review | undefined> {
    return rowOf(this.#pool, `delete from reviews where ${WAITS} returning ${REVIEW}`, [appId, askedAt])
  }

  async refuse(appId: string, askedAt: number, refusal: string): Promise<boolean> {
    const sql = `update reviews set refusal = $3 where ${WAITS}`
    return (await changed(this.#pool, sql, [appId, askedAt, refusal])) > 0
  }

  async remove(appId: string): Promise<void> {
    await changed(this.#pool, 'delete from reviews where app_id = $1', [appId])
  }
}
