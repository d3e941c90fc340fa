import type { Database } from 'civic-sip-server/database'

/** All rows of all tables, as a backup has them. */
export async function dumpOf({ pool }: Database): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by tablename",
  )
  const parts: string[] = []
  for (const { name } of tables) {
    const { rows } = await pool.query<{ line: string }>(
      `select to_jsonb(each)::text as line from ${name} as each`,
    )
    parts.push(name, ...rows.map(({ line }) => line))
  }
  return parts.join('\n')
}
