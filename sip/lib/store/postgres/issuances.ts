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

  async find(id: string): Promise<Issuance | undefined> {
    return (await this.findAll([id]))[0]
  }

  async findAll(ids: readonly string[]): Promise<readonly Issuance[]> {
    const { rows } = await this.#pool.query<Row & { key: string }>(
      `select key, doc, sealed from issuances join unnest($1::text[]) with ordinality as wanted (key, place)
        using (key) order by place`,
      [ids.map(hashOf)],
    )
    return rows.map((row) => this.#records.join(row.key, row))
  }

  async update(patches: ReadonlyMap<string, Patch<Issuance>>): Promise<void> {
    const changes = [...patches].map(([id, patch]) => {
      const key = hashOf(id)
      return { key, ...this.#records.split(key, patch) }
    })
    await this.#pool.query(
      `with changes as (
        select key, doc::jsonb, sealed::jsonb, array(select jsonb_array_elements_text(gone::jsonb)) as gone
        from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as change (key, doc, sealed, gone)
      )
      update issuances as kept
        set doc = (kept.doc || changes.doc) - gone, sealed = (kept.sealed || changes.sealed) - gone
        from changes where kept.key = changes.key`,
      [
        changes.map(({ key }) => key),
        changes.map(({ doc }) => doc),
        changes.map(({ sealed }) => sealed),
        changes.map(({ gone }) => JSON.stringify(gone)),
      ],
    )
  }

  sweep(now: number): Promise<void> {
    return deleteExpired(this.#pool, { table: 'issuances', key: 'key', until: 'until' }, now)
  }
}

function hashOf(id: string): string {
  return sha256(id).toString('hex')
}
