import type pg from 'pg'
import type { Issued } from '../../attester/issued.ts'
import type { AnchorStore } from '../stores.ts'
import { json } from './records.ts'
import { deleteOldest } from './statements.ts'

interface AnchorRow {
  readonly doc: Omit<Issued, 'revoked'>
  readonly revoked: boolean
}

export class PostgresAnchors implements AnchorStore {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  list(): Promise<readonly Issued[]> {
    return this.#select('true')
  }

  async find(txid: string, vout: number): Promise<Issued | undefined> {
    return (await this.#select('txid = $1 and vout = $2', txid, vout))[0]
  }

  live(publicKey: string, set: string): Promise<readonly Issued[]> {
    return this.#select('public_key = $1 and set_name = $2 and not revoked', publicKey, set)
  }

  marked(marks: Readonly<Record<string, string>>): Promise<readonly Issued[]> {
    return this.#select('marks && $1', namesOf(marks))
  }

  async insert({ revoked, ...entry }: Issued, maxRevoked: number): Promise<void> {
    await this.#pool.query(
      'insert into anchors (txid, vout, doc, revoked, marks) values ($1, $2, $3, $4, $5)',
      [entry.txid, entry.vout, json(entry), revoked, namesOf(entry.marks)],
    )
    await deleteOldest(this.#pool, 'anchors', maxRevoked, 'revoked')
  }

  async remove(txid: string, vout: number): Promise<void> {
    await this.#pool.query('delete from anchors where txid = $1 and vout = $2', [txid, vout])
  }

  async revoke(txid: string, vout: number): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      'update anchors set revoked = true where txid = $1 and vout = $2 and not revoked',
      [txid, vout],
    )
    return rowCount === 1
  }

  async #select(condition: string, ...values: unknown[]): Promise<readonly Issued[]> {
    const { rows } = await this.#pool.query<AnchorRow>(
      `select doc, revoked from anchors where ${condition} order by seq`,
      values,
    )
    return rows.map(({ doc, revoked }) => ({ ...doc, revoked }))
  }
}

function namesOf(marks: Readonly<Record<string, string>>): string[] {
  return Object.entries(marks).map(([label, mark]) => `${label}=${mark}`)
}
