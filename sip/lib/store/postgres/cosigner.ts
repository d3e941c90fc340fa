import type pg from 'pg'
import { AUTHORITY, HOUR_MS } from '../../cosigner/store.ts'
import type { CosignerStore, Refusal, SigningClaim, SubjectClaim } from '../../cosigner/store.ts'
import type { Queryable } from './database.ts'
import { changed, rowOf } from './rows.ts'
import { alone } from './statements.ts'

const FORMER = 'former authority '

/** Rolls a transaction back, with the reason. */
class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal)
    this.refusal = refusal
  }
}

export class PostgresCosigner implements CosignerStore {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async once(name: string, value: string): Promise<string> {
    await this.#pool.query(
      'insert into cosigner_settings (name, value) values ($1, $2) on conflict (name) do nothing',
      [name, value],
    )
    const { rows } = await this.#pool.query<{ value: string }>(
      'select value from cosigner_settings where name = $1',
      [name],
    )
    return rows[0]?.value ?? value
  }

  async has(name: string): Promise<boolean> {
    const sql = 'select name from cosigner_settings where name = $1'
    return (await rowOf(this.#pool, sql, [name])) !== undefined
  }

  async replace(name: string, value: string): Promise<void> {
    await changed(this.#pool, 'update cosigner_settings set value = $2 where name = $1', [name, value])
  }

  async replaceAuthority(): Promise<boolean> {
    const sql = `update cosigner_settings set name = $2 || value where name = $1`
    return (await changed(this.#pool, sql, [AUTHORITY, FORMER])) > 0
  }

  isFormerAuthority(xpub: string): Promise<boolean> {
    return this.has(FORMER + xpub)
  }

  /** The xpubs of the servers that called: the current one, if there is one, and the former ones. */
  async authorities(): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ xpub: string }>(
      `select case name when $1 then value else substr(name, length($2) + 1) end as xpub
        from cosigner_settings where name = $1 or name like $2 || '%' order by name`,
      [AUTHORITY, FORMER],
    )
    return rows.map(({ xpub }) => xpub)
  }

  async prove(proof: string, now: number): Promise<void> {
    await this.#pool.query(
      `insert into cosigner_proofs (proof, at, is_used) values ($1, $2, false)
       on conflict (proof) do update set at = excluded.at, is_used = false`,
      [proof, now],
    )
  }

  async claim(claim: SigningClaim): Promise<Refusal | undefined> {
    try {
      await alone(this.#pool, 'cosigner', (client) => claimAll(client, claim))
      return undefined
    } catch (error) {
      if (error instanceof Refused) return error.refusal
      throw error
    }
  }

  async sweep(before: number): Promise<void> {
    await this.#pool.query('delete from cosigner_proofs where not is_used and at <= $1', [before])
    await this.#pool.query('delete from cosigner_signings where at <= $1', [before])
  }
}

async function claimAll(db: Queryable, { subjects, fee, now, limits }: SigningClaim): Promise<void> {
  let anchors = 0
  for (const claim of subjects) if (await claimOne(db, claim, now)) anchors += 1
  await db.query('insert into cosigner_signings (at, anchors, fee) values ($1, $2, $3)', [now, anchors, fee])
  const { rows } = await db.query<{ within: boolean }>(
    'select sum(anchors) <= $2 and sum(fee) <= $3 as within from cosigner_signings where at > $1',
    [now - HOUR_MS, limits.anchors, limits.fee],
  )
  if (!rows[0]?.within) throw new Refused('limit')
}

/** @returns whether it is the first time */
async function claimOne(
  db: Queryable,
  { subject, outpoint, proofs, approvals }: SubjectClaim,
  now: number,
): Promise<boolean> {
  const made = await db.query(
    'insert into cosigner_anchors (subject, outpoint) values ($1, $2) on conflict (subject) do nothing',
    [subject, outpoint],
  )
  if (made.rowCount !== 1) {
    const { rows } = await db.query<{ outpoint: string }>(
      'select outpoint from cosigner_anchors where subject = $1',
      [subject],
    )
    if (rows[0]?.outpoint !== outpoint) throw new Refused('anchored')
    return false
  }
  for (const proof of proofs) {
    // Without it nothing can be signed for it again
    const { rowCount } = await db.query('delete from cosigner_proofs where proof = $1 and not is_used', [
      proof,
    ])
    if (rowCount !== 1) throw new Refused('evidence')
  }
  for (const proof of approvals) {
    const { rowCount } = await db.query(
      'insert into cosigner_proofs (proof, at, is_used) values ($1, $2, true) on conflict (proof) do nothing',
      [proof, now],
    )
    if (rowCount !== 1) throw new Refused('evidence')
  }
  return true
}
