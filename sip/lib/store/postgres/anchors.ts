import type pg from 'pg'
import type { Issued } from '../../attester/issued.ts'
import type { Output } from '../anchoring.ts'
import type { AnchorOwner, AnchorStore } from '../stores.ts'
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

  anchoredBy(txids: readonly string[]): Promise<readonly Issued[]> {
    return this.#select('txid = any($1)', txids)
  }

  live(owners: readonly AnchorOwner[]): Promise<readonly Issued[]> {
    return this.#select(
      '(public_key, set_name) in (select * from unnest($1::text[], $2::text[])) and not revoked',
      owners.map(({ publicKey }) => publicKey),
      owners.map(({ set }) => set),
    )
  }

  marked(marks: Readonly<Record<string, string>>): Promise<readonly Issued[]> {
    return this.#select('marks && $1', namesOf(marks))
  }

  async insert(entries: readonly Issued[], maxRevoked: number): Promise<void> {
    const rows = entries.map(({ revoked, ...entry }) => {
      const { txid, vout, marks } = entry
      return { txid, vout, doc: json(entry), revoked, marks: JSON.stringify(namesOf(marks)) }
    })
    await this.#pool.query(
      `insert into anchors (txid, vout, doc, revoked, marks)
        select txid, vout, doc::jsonb, revoked, array(select jsonb_array_elements_text(marks::jsonb))
        from unnest($1::text[], $2::bigint[], $3::text[], $4::boolean[], $5::text[])
          with ordinality as entry (txid, vout, doc, revoked, marks, place) order by place`,
      (['txid', 'vout', 'doc', 'revoked', 'marks'] as const).map((name) => rows.map((row) => row[name])),
    )
    await deleteOldest(this.#pool, 'anchors', maxRevoked, 'revoked')
  }

  async remove(places: readonly Output[]): Promise<void> {
    await this.#pool.query(`delete from anchors using ${PLACES}`, columnsOf(places))
  }

  async revoke(places: readonly Output[]): Promise<void> {
    await this.#pool.query(
      `update anchors set revoked = true from ${PLACES} and not revoked`,
      columnsOf(places),
    )
  }

  async #select(condition: string, ...values: unknown[]): Promise<readonly Issued[]> {
    const { rows } = await this.#pool.query<AnchorRow>(
      `select doc, revoked from anchors where ${condition} order by seq`,
      values,
    )
    return rows.map(({ doc, revoked }) => ({ ...doc, revoked }))
  }
}

/** The anchors at the places of `columnsOf`. */
const PLACES = `unnest($1::text[], $2::bigint[]) as place (txid, vout)
  where anchors.txid = place.txid and anchors.vout = place.vout`

function columnsOf(places: readonly Output[]): unknown[] {
  return [places.map(({ txid }) => txid), places.map(({ vout }) => vout)]
}

function namesOf(marks: Readonly<Record<string, string>>): string[] {
  return Object.entries(marks).map(([label, mark]) => `${label}=${mark}`)
}
