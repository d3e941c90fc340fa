import { randomBytes } from 'node:crypto'
import type { Queryable } from '../store/postgres/database.ts'
import { Records } from '../store/postgres/records.ts'
import type { Row } from '../store/postgres/records.ts'
import type { Sealer } from './sealing.ts'

/**
 * A random secret that is made once and stored sealed, the same for every process. For secrets that must outlive a
 * change of `SIP_SECRET`, such as the attester's seed.
 *
 * @returns `bytes` random bytes as hex digits
 * @throws SealError
 */
export async function keptSecret(
  db: Queryable,
  sealer: Sealer,
  { name, bytes = 32 }: { readonly name: string; readonly bytes?: number },
): Promise<string> {
  const records = new Records<{ value: string }>(sealer, 'kept_secrets', ['value'])
  const { sealed } = records.split(name, { value: randomBytes(bytes).toString('hex') })
  // Leaves an existing row unchanged, but returns it
  const { rows } = await db.query<Pick<Row, 'sealed'>>(
    `insert into kept_secrets values ($1, $2)
      on conflict (name) do update set name = excluded.name returning sealed`,
    [name, sealed],
  )
  return records.join(name, { doc: {}, sealed: rows[0]?.sealed ?? {} }).value
}

/**
 * Earlier values of a kept secret, which `replaceSealedKeys` set aside.
 *
 * @throws SealError
 */
export async function formerSecrets(db: Queryable, sealer: Sealer, name: string): Promise<readonly string[]> {
  const records = new Records<{ value: string }>(sealer, 'kept_secrets', ['value'])
  const { rows } = await db.query<Pick<Row, 'sealed'> & { name: string }>(
    "select name, sealed from kept_secrets where name like $1 || ' until %' order by name",
    [name],
  )
  return rows.map(({ name, sealed }) => records.join(name, { doc: {}, sealed }).value)
}
