import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

export type Log = (line: string) => void

export interface Database {
  readonly pool: pg.Pool
  readonly close: () => Promise<void>
}

const MIGRATIONS = join(import.meta.dirname, '../migrations')
/** Any number will do, as long as nobody else in this database uses it. */
const MIGRATION_LOCK = 20_171_117

/**
 * Opens the database and brings its tables up to date.
 *
 * @param address a `postgres://` URL; `memory://`; or a folder, which an embedded PostgreSQL (PGlite) keeps itself in
 * @throws SetupError if another process has the folder
 */
export async function openDatabase(address: string, log: Log = console.error): Promise<Database> {
  const database = /^postgres(ql)?:/.test(address) ? openServer(address) : await openEmbedded(address)
  // An idle connection that breaks is replaced by the pool
  database.pool.on('error', (error) => log(`PostgreSQL: ${error.message}`))
  try {
    await migrate(database.pool)
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

function openServer(connectionString: string): Database {
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 5_000, statement_timeout: 10_000 })
  return { pool, close: () => pool.end() }
}

/** Loaded only where there is no server: a site in production needs none of it. */
async function openEmbedded(address: string): Promise<Database> {
  const embedded = await import('./embedded/database.ts')
  return embedded.openEmbedded(address)
}

/** Runs the work between begin and commit; what it throws rolls back and goes on to the caller. */
export async function transaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => (broken = true))
    throw error
  } finally {
    client.release(broken)
  }
}

/** Runs the scripts of migrations/ that have not run yet, by name, all or none. */
async function migrate(pool: pg.Pool): Promise<void> {
  const scripts = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort()
  await transaction(pool, async (client) => {
    // Of several instances that start at once, one migrates and the others wait
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await client.query('create table if not exists migrations (name text primary key)')
    const { rows } = await client.query<{ name: string }>('select name from migrations')
    const done = new Set(rows.map(({ name }) => name))
    for (const name of scripts) {
      if (done.has(name)) continue
      await client.query(await readFile(join(MIGRATIONS, name), 'utf8'))
      await client.query('insert into migrations (name) values ($1)', [name])
    }
  })
}
