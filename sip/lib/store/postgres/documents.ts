import type { Seal } from '../../outbox/sealer.ts'
import type { DocumentReview, DocumentStore } from '../documents.ts'
import type { Queryable } from './database.ts'
import { placeOf } from './records.ts'

interface ReviewRow {
  readonly key: string
  readonly sealed: string
}

const COLUMNS = "key, sealed ->> 'review' as sealed"

export class PostgresDocuments implements DocumentStore {
  readonly #pool: Queryable
  readonly #seal: Seal

  constructor(pool: Queryable, seal: Seal) {
    this.#pool = pool
    this.#seal = seal
  }

  async insert(key: string, review: DocumentReview, max: number): Promise<boolean> {
    // The limit keeps the table small; a few more at once do no harm
    const { rowCount } = await this.#pool.query(
      `insert into document_reviews (key, state, since, sealed)
       select $1, $2, $3, jsonb_build_object('review', $4::text)
       where (select count(*) from (
         select 1 from document_reviews where state = 'waiting' limit $5
       ) as waiting) < $5`,
      [key, review.state, review.since, this.#sealed(key, review), max],
    )
    return rowCount === 1
  }

  async find(key: string): Promise<DocumentReview | undefined> {
    const { rows } = await this.#pool.query<ReviewRow>(
      `select ${COLUMNS} from document_reviews where key = $1`,
      [key],
    )
    return rows[0] && this.#opened(rows[0])
  }

  async waiting(limit: number): Promise<readonly { key: string; review: DocumentReview }[]> {
    const { rows } = await this.#pool.query<ReviewRow>(
      `select ${COLUMNS} from document_reviews where state = 'waiting' order by seq limit $1`,
      [limit],
    )
    return rows.map((row) => ({ key: row.key, review: this.#opened(row) }))
  }

  async decide(key: string, review: DocumentReview): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `update document_reviews set state = $2, sealed = jsonb_build_object('review', $3::text)
       where key = $1 and state = 'waiting'`,
      [key, review.state, this.#sealed(key, review)],
    )
    return rowCount === 1
  }

  async remove(key: string): Promise<void> {
    await this.#pool.query('delete from document_reviews where key = $1', [key])
  }

  async sweep(since: number, limit: number): Promise<void> {
    await this.#pool.query(
      `delete from document_reviews where key in
         (select key from document_reviews where since <= $1 order by since limit $2)`,
      [since, limit],
    )
  }

  #sealed(key: string, review: DocumentReview): string {
    return this.#seal.seal(placeOf('document_reviews', key, 'review'), JSON.stringify(review))
  }

  #opened({ key, sealed }: ReviewRow): DocumentReview {
    return JSON.parse(this.#seal.open(placeOf('document_reviews', key, 'review'), sealed)) as DocumentReview
  }
}
