import type { Database } from 'civic-sip-server/database'

/**
 * Deletes all rows of all tables, except the names of the migrations, and counts from one again. Twenty times as fast
 * as `truncate`, which makes new files for each table.
 */
export async function emptyDatabase({ pool }: Database): Promise<void> {
  const { rows } = await pool.query<{ statement: string }>(
    `select format('delete from %I', tablename) as statement from pg_tables
      where schemaname = 'public' and tablename <> 'migrations'
    union all
      select format('select setval(%L, %s, false)', format('%I', sequencename), start_value) from pg_sequences
      where schemaname = 'public'`,
  )
  const statements = rows.map(({ statement }) => statement).join(';')
  // As a replica, it checks no foreign keys, and the audit log lets its rows go
  await pool.query(`begin; set local session_replication_role = replica; ${statements}; commit`)
}
