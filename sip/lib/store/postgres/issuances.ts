import type pg from 'pg'
import type { Issuance } from '../../attester/issuance.ts'
import type { Sealer } from '../../secrets/sealing.ts'
import { sha256 } from '../../sha256.ts'
import type { IssuanceStore, Patch } from '../stores.ts'
import { Records } from './records.ts'
import type { Row } from './records.ts'
import { deleteExpired, deleteOldest } from './statements.ts'

export class PostgresIssuances implements IssuanceStore {
  readonly #pool: pg.Pool
  readonly #records: Records<Issuance>

  constructor(pool: pg.Pool, sealer: Sealer) {
    this.#pool = pool
    this.#records = new Records(sealer, 'issuances', ['id', 'attestations'])
  }

  async insert(issuance: Issuance, max: number): Promise<boolean> {
    const key = hashOf(issuance.id)
    const { doc, sealed } = this.#records.split(key, issuance)
    const { rowCount } = await this.#pool.query(
      'insert into issuances (key, doc, sealed) values ($1, $2, $3) on conflict (key) do nothing',
      [key, doc, sealed],
    )
    if (rowCount !== 1) return false
    await deleteOldest(this.#pool, 'issuances', max)
    return true
  }

  find(id: string): Promise<Issuance | undefined> {
    return this.#one(id, 'select doc, sealed from issuances where key = $1', [])
  }

  update(id: string, patch: Patch<Issuance>): Promise<Issuance | undefined> {
    const { doc, sealed, gone } = this.#records.split(hashOf(id), patch)
    return this.#one(
      id,
      `update issuances set doc = (doc || $2) - $4::text[], sealed = (sealed || $3) - $4::text[]
        where key = $1 returning doc, sealed`,
      [doc, sealed, gone],
    )
  }

  sweep(now: number): Promise<void> {
    return deleteExpired(this.#pool, { table: 'issuances', key: 'key', until: 'until' }, now)
  }

  async #one(id: string, statement: string, values: readonly unknown[]): Promise<Issuance | undefined> {
    const key = hashOf(id)
    const { rows } = await this.#pool.query<Row>(statement, [key, ...values])
    return rows[0] && this.#records.join(key, rows[0])
  }
}

function hashOf(id: string): string {
  return sha256(id).toString('hex')
}
