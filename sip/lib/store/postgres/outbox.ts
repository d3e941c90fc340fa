import { sha256 } from '../../sha256.ts'
import type {
  Attempt,
  Before,
  Channel,
  DeadLetter,
  OutboxCounts,
  OutboxStore,
  QueuedMessage,
  TakenMessage,
} from '../outbox.ts'
import type { Queryable } from './database.ts'

interface MessageRow {
  readonly id: string
  readonly channel: Channel
  readonly message: string
  readonly until: number
  readonly created_at: number
  readonly attempt: number
}

interface LetterRow {
  readonly id: string
  readonly channel: Channel
  readonly attempts: number
  readonly reason: string
  readonly created_at: number
  readonly died_at: number
}

export class PostgresOutbox implements OutboxStore {
  readonly #pool: Queryable

  constructor(pool: Queryable) {
    this.#pool = pool
  }

  async put(message: QueuedMessage, max: number | undefined, occasion?: string): Promise<boolean> {
    const { id, channel, sealed, until, createdAt } = message
    // The limit keeps the table small; a few more at once do no harm
    const { rows } = await this.#pool.query<{ has_room: boolean }>(
      `with room as (
         select $6::bigint is null
           or (select count(*) from (select 1 from outbox limit $6) as waiting) < $6 as has_room
       ), noted as (
         insert into occasions (name, at) select $7::text, $5::bigint from room where has_room and $7::text is not null
         on conflict do nothing returning name
       ), kept as (
         insert into outbox (id, channel, sealed, until, created_at, due_at, attempt)
         select $1, $2, jsonb_build_object('message', $3::text), $4, $5, $5, 0 from room
         where has_room and ($7::text is null or exists (select from noted))
       )
       select has_room from room`,
      [id, channel, sealed, until, createdAt, max ?? null, occasion === undefined ? null : hashOf(occasion)],
    )
    return rows[0]?.has_room ?? false
  }

  async take(count: number, now: number, again: number): Promise<readonly TakenMessage[]> {
    const { rows } = await this.#pool.query<MessageRow>(
      `update outbox set attempt = attempt + 1, due_at = $3
       where id in (select id from outbox where due_at <= $2 order by due_at limit $1 for update skip locked)
       returning id, channel, sealed ->> 'message' as message, until, created_at, attempt`,
      [count, now, again],
    )
    return rows.map(({ created_at: createdAt, message: sealed, ...row }) => ({ ...row, sealed, createdAt }))
  }

  remove({ id, attempt }: Attempt): Promise<boolean> {
    return this.#changes('delete from outbox where id = $1 and attempt = $2', [id, attempt])
  }

  postpone({ id, attempt }: Attempt, at: number): Promise<boolean> {
    return this.#changes('update outbox set due_at = $3 where id = $1 and attempt = $2', [id, attempt, at])
  }

  bury({ id, attempt }: Attempt, reason: string, now: number): Promise<boolean> {
    return this.#changes(
      `with gone as (delete from outbox where id = $1 and attempt = $2 returning *)
       insert into dead_letters (id, channel, attempts, reason, created_at, died_at)
       select id, channel, attempt, $3, created_at, $4 from gone`,
      [id, attempt, reason, now],
    )
  }

  async dead(limit: number): Promise<readonly DeadLetter[]> {
    const { rows } = await this.#pool.query<LetterRow>(
      `select id, channel, attempts, reason, created_at, died_at from dead_letters
       order by died_at desc limit $1`,
      [limit],
    )
    return rows.map(({ created_at: createdAt, died_at: diedAt, ...row }) => ({ ...row, createdAt, diedAt }))
  }

  async count(): Promise<OutboxCounts> {
    const { rows } = await this.#pool.query<{ waiting: number; dead: number; oldest: number | null }>(
      `select (select count(*) from outbox) as waiting, (select count(*) from dead_letters) as dead,
         (select min(created_at) from outbox) as oldest`,
    )
    const { waiting = 0, dead = 0, oldest = null } = rows[0] ?? {}
    return { waiting, dead, ...(oldest !== null && { oldest }) }
  }

  async sweep({ died, occasions }: Before, limit: number): Promise<void> {
    await this.#pool.query(
      `delete from dead_letters where id in
         (select id from dead_letters where died_at <= $1 order by died_at limit $2)`,
      [died, limit],
    )
    await this.#pool.query(
      'delete from occasions where name in (select name from occasions where at <= $1 order by at limit $2)',
      [occasions, limit],
    )
  }

  async #changes(statement: string, values: unknown[]): Promise<boolean> {
    const { rowCount } = await this.#pool.query(statement, values)
    return rowCount === 1
  }
}

function hashOf(occasion: string): string {
  return sha256(occasion).toString('hex')
}
