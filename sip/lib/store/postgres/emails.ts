import { SealError } from '../../secrets/sealing.ts'
import type { Sealer } from '../../secrets/sealing.ts'
import type { EmailStore, Owner } from '../partner-stores.ts'
import type { Queryable } from './database.ts'
import { Records } from './records.ts'
import type { Row } from './records.ts'
import { changed, rowOf, rowsOf } from './rows.ts'

type Sealed = Pick<Row, 'sealed'>

export class PostgresEmails implements EmailStore {
  readonly #pool: Queryable
  readonly #records: Records<{ address: string }>

  constructor(pool: Queryable, sealer: Sealer) {
    this.#pool = pool
    this.#records = new Records(sealer, 'member_emails', ['address'])
  }

  async find(userId: string): Promise<string | undefined> {
    const row = await rowOf<Sealed>(this.#pool, 'select sealed from member_emails where user_id = $1', [
      userId,
    ])
    return row && this.#open(userId, row)
  }

  async put(userId: string, address: string): Promise<boolean> {
    // An owner who leaves at the same time deletes the address. The lock makes one wait for the other
    const sql = `
      insert into member_emails (user_id, sealed)
      select $1, $2::jsonb from
        (select from members where user_id = $1 and role = 'OWNER' limit 1 for share) as owner
      on conflict (user_id) do update set sealed = excluded.sealed`
    return (await changed(this.#pool, sql, [userId, this.#records.split(userId, { address }).sealed])) > 0
  }

  async remove(userId: string): Promise<void> {
    await changed(this.#pool, 'delete from member_emails where user_id = $1', [userId])
  }

  async owners(partnerId?: string): Promise<readonly Owner[]> {
    const sql = `
      select members.user_id as "userId", partner_id as "partnerId", partners.name as "partnerName", sealed
      from members join partners on partners.id = partner_id left join member_emails using (user_id)
      where role = 'OWNER' and ($1::text is null or partner_id = $1)
      order by partners.name collate "C", user_id collate "C"`
    const rows = await rowsOf<Omit<Owner, 'address'> & Partial<Sealed>>(this.#pool, sql, [partnerId ?? null])
    return rows.map(({ sealed, ...owner }) => {
      const address = sealed && this.#open(owner.userId, { sealed })
      return { ...owner, ...(address !== undefined && { address }) }
    })
  }

  /** @returns undefined if no secret opens it. The owner then confirms it again, and nothing waits for that */
  #open(userId: string, { sealed }: Sealed): string | undefined {
    try {
      return this.#records.join(userId, { doc: {}, sealed }).address
    } catch (error) {
      if (error instanceof SealError) return undefined
      throw error
    }
  }
}
