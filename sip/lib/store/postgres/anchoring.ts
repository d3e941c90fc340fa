import { sha256 } from '../../sha256.ts'
import type { Place, Seal } from '../../outbox/sealer.ts'
import type { AnchoringCounts, AnchoringStore, Sending, WaitingTree } from '../anchoring.ts'
import type { Queryable } from './database.ts'

interface WaitingRow {
  readonly key: string
  readonly sealed: string
  readonly since: number
  readonly is_alone: boolean
}

export class PostgresAnchoring implements AnchoringStore {
  readonly #pool: Queryable
  readonly #seal: Seal

  constructor(pool: Queryable, seal: Seal) {
    this.#pool = pool
    this.#seal = seal
  }

  async enqueue(ids: readonly string[], since: number): Promise<void> {
    const keys = ids.map(keyOf)
    await this.#pool.query(
      `insert into anchoring_queue (key, sealed, since)
        select key, jsonb_build_object('id', id), $3
        from unnest($1::text[], $2::text[]) with ordinality as tree (key, id, place) order by place
        on conflict (key) do nothing`,
      [keys, ids.map((id, at) => this.#seal.seal(waitingAt(keys[at] ?? ''), id)), since],
    )
  }

  async waiting(limit: number): Promise<readonly WaitingTree[]> {
    const { rows } = await this.#pool.query<WaitingRow>(
      "select key, sealed ->> 'id' as sealed, since, is_alone from anchoring_queue order by is_alone, seq limit $1",
      [limit],
    )
    return rows.map(({ key, sealed, since, is_alone: isAlone }) => ({
      id: this.#seal.open(waitingAt(key), sealed),
      since,
      isAlone,
    }))
  }

  async setApart(ids: readonly string[]): Promise<void> {
    await this.#pool.query('update anchoring_queue set is_alone = true where key = any($1)', [ids.map(keyOf)])
  }

  async dequeue(ids: readonly string[]): Promise<void> {
    await this.#pool.query('delete from anchoring_queue where key = any($1)', [ids.map(keyOf)])
  }

  async count(): Promise<AnchoringCounts> {
    const { rows } = await this.#pool.query<{ waiting: number; oldest: number | null; sendings: number }>(
      `select (select count(*) from anchoring_queue) as waiting,
         (select min(since) from anchoring_queue) as oldest,
         (select count(*) from sendings) as sendings`,
    )
    const { waiting = 0, oldest = null, sendings = 0 } = rows[0] ?? {}
    return { waiting, ...(oldest !== null && { oldest }), sendings }
  }

  async put(sending: Sending): Promise<void> {
    const { id } = sending
    await this.#pool.query(
      `insert into sendings (id, sealed) values ($1, jsonb_build_object('sending', $2::text))
       on conflict (id) do update set sealed = excluded.sealed`,
      [id, this.#seal.seal(sendingAt(id), JSON.stringify(sending))],
    )
  }

  async remove(id: string): Promise<void> {
    await this.#pool.query('delete from sendings where id = $1', [id])
  }

  async sendings(): Promise<readonly Sending[]> {
    const { rows } = await this.#pool.query<{ id: string; sealed: string }>(
      "select id, sealed ->> 'sending' as sealed from sendings order by seq",
    )
    return rows.map(({ id, sealed }) => JSON.parse(this.#seal.open(sendingAt(id), sealed)) as Sending)
  }
}

function keyOf(id: string): string {
  return sha256(id).toString('hex')
}

function waitingAt(key: string): Place {
  return { table: 'anchoring_queue', row: key, column: 'sealed.id' }
}

function sendingAt(id: string): Place {
  return { table: 'sendings', row: id, column: 'sealed.sending' }
}
