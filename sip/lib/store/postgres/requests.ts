import type pg from 'pg'
import type { ScopeRequest, State } from '../../scope-requests/scope-request.ts'
import type { Sealer } from '../../secrets/sealing.ts'
import { sha256 } from '../../sha256.ts'
import type { Clock } from '../expiring-map.ts'
import type { Patch, ScopeRequestStore } from '../stores.ts'
import { Records } from './records.ts'
import type { Row } from './records.ts'
import { BATCH, inBatches } from './statements.ts'

interface RequestRow extends Row {
  readonly uuid: string
}

const SECRET = ['secret', 'grant', 'code', 'confirmCode', 'returnUrl'] as const

export class PostgresRequests implements ScopeRequestStore {
  readonly #pool: pg.Pool
  readonly #clock: Clock
  readonly #records: Records<ScopeRequest>

  constructor(pool: pg.Pool, sealer: Sealer, clock: Clock) {
    this.#pool = pool
    this.#clock = clock
    this.#records = new Records(sealer, 'requests', SECRET)
  }

  async insert(request: ScopeRequest, max: number): Promise<boolean> {
    const { uuid, code } = request
    const { doc, sealed } = this.#records.split(uuid, request)
    const { rowCount } = await this.#pool.query(
      `with room as (
        insert into counts as others values ('requests', 1)
          on conflict (name) do update set n = others.n + 1 where others.n < $5 returning 1
      )
      insert into requests (uuid, doc, sealed, code_hash) select $1, $2, $3, $4 from room`,
      [uuid, doc, sealed, hashOf(code), max],
    )
    return rowCount === 1
  }

  find(uuid: string): Promise<ScopeRequest | undefined> {
    return this.#one('select uuid, doc, sealed from requests where uuid = $1 and not forgotten', [uuid])
  }

  findByCode(code: string): Promise<ScopeRequest | undefined> {
    return this.#one('select uuid, doc, sealed from requests where code_hash = $1 and code_until > $2', [
      hashOf(code),
      this.#clock(),
    ])
  }

  move(
    uuid: string,
    from: readonly State[],
    to: State,
    patch: Patch<ScopeRequest> = {},
  ): Promise<ScopeRequest | undefined> {
    const { doc, sealed, gone } = this.#records.split(uuid, { state: to, ...patch })
    return this.#one(
      `update requests set doc = (doc || $3) - $5::text[], sealed = (sealed || $4) - $5::text[],
          code_hash = coalesce($6, code_hash)
        where uuid = $1 and not forgotten and state = any($2) returning uuid, doc, sealed`,
      [uuid, from, doc, sealed, gone, hashOf(patch.code)],
    )
  }

  async claim(
    uuid: string,
    what: 'answer' | 'try',
    count: number,
    owner?: string,
  ): Promise<number | undefined> {
    const taken = 'array(select jsonb_array_elements_text(slots -> $2))'
    const { rows } = await this.#pool.query<{ slot: number }>(
      `update requests set slots = case
            when slots -> $2 ? $4 then slots
            else slots || jsonb_build_object($2::text, coalesce(slots -> $2, '[]') || jsonb_build_array($4::text))
          end
        where uuid = $1 and not forgotten
          and (coalesce(slots -> $2 ? $4, false) or jsonb_array_length(coalesce(slots -> $2, '[]')) < $3)
        returning case when $4 is null then cardinality(${taken}) else array_position(${taken}, $4) end as slot`,
      [uuid, what, count, owner],
    )
    return rows[0]?.slot
  }

  async due(states: readonly State[], now: number): Promise<readonly ScopeRequest[]> {
    const { rows } = await this.#pool.query<RequestRow>(
      `select uuid, doc, sealed from requests
        where not forgotten and deadline <= $2 and state = any($1) order by deadline limit ${BATCH}`,
      [states, now],
    )
    return rows.map((row) => this.#records.join(row.uuid, row))
  }

  async forget(deadline: number, now: number): Promise<void> {
    await inBatches(async () => {
      const { rows } = await this.#pool.query<{ count: number }>(
        `with ended as (
          select uuid, coalesce(code_until, 0) > $2 as is_known from requests
            where not forgotten and deadline <= $1 order by deadline limit ${BATCH} for update skip locked
        ), removed as (
          delete from requests where uuid in (select uuid from ended where not is_known)
        ), known as (
          update requests set forgotten = true, slots = '{}' where uuid in (select uuid from ended where is_known)
        )
        update counts set n = n - (select count(*) from ended) where name = 'requests'
          returning (select count(*) from ended) as count`,
        [deadline, now],
      )
      return rows[0]?.count ?? 0
    })
    await inBatches(async () => {
      const { rowCount } = await this.#pool.query(
        `delete from requests where uuid in (
          select uuid from requests where forgotten and code_until <= $1
            order by code_until limit ${BATCH} for update skip locked
        )`,
        [now],
      )
      return rowCount ?? 0
    })
  }

  async count(): Promise<number> {
    const { rows } = await this.#pool.query<{ n: number }>("select n from counts where name = 'requests'")
    return rows[0]?.n ?? 0
  }

  async #one(statement: string, values: readonly unknown[]): Promise<ScopeRequest | undefined> {
    const { rows } = await this.#pool.query<RequestRow>(statement, [...values])
    return rows[0] && this.#records.join(rows[0].uuid, rows[0])
  }
}

function hashOf(code: string | undefined): string | undefined {
  return code === undefined ? undefined : sha256(code).toString('hex')
}
