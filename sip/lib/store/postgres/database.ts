/** @module civic-sip-server/database */

import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'

/** What a pool and a client have in common: enough to run one statement. */
export type Queryable = Pick<pg.Pool, 'query'>

export interface Database {
  readonly pool: pg.Pool
  /** PGlite: one connection, in this process. What runs in a transaction must not ask the pool for another. */
  readonly isEmbedded: boolean
  /**
   * Calls back with the payload of each `notify` on a channel, by whichever process. On a server the connection
   * that listens comes back after it broke: what was sent between is lost.
   *
   * @returns what ends that
   */
  readonly listen: (channel: string, heard: (payload: string) => void) => Promise<() => Promise<void>>
  /**
   * Waits until no other process has the lock of this name. Connections for that are beside the pool: who has a lock
   * may use the pool, but must not wait for another lock.
   *
   * @returns what gives it back; it goes with the process as well
   */
  readonly lock: (name: string) => Promise<() => Promise<void>>
  readonly close: () => Promise<void>
}

export interface OpenOptions {
  /** A folder of `*.sql` files, which run once each, by name. */
  readonly migrations: string
  /** Gets a line when a connection breaks. Default: `console.error`. */
  readonly log?: (line: string) => void
  /** How many connections to a server there are at most. Default: 10. */
  readonly max?: number
}

/** Any number will do, as long as nobody else in this database uses it. */
const MIGRATION_LOCK = 20_171_117

/**
 * Opens the database and brings its tables up to date.
 *
 * @param address a `postgres://` URL; `memory://`; or a folder, which an embedded PostgreSQL (PGlite) keeps itself in
 * @throws FileInUse if another process has the folder
 */
export async function openDatabase(address: string, options: OpenOptions): Promise<Database> {
  const { migrations, log = console.error, max = 10 } = options
  const open = isServer(address) ? await import('./server.ts') : await import('./embedded.ts')
  const database = await open.open(address, { log, max })
  try {
    await migrate(database.pool, migrations)
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

/** Whether an address names a database server, which several processes may share. */
export function isServer(address: string): boolean {
  return /^postgres(ql)?:/.test(address)
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

/**
 * Runs the scripts of a folder that have not run yet, by name, all or none.
 *
 * @returns the names of those that ran
 */
export async function migrate(pool: pg.Pool, folder: string): Promise<readonly string[]> {
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return transaction(pool, async (client) => {
    // Of several instances that start at once, one migrates and the others wait
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await client.query('create table if not exists migrations (name text primary key)')
    const { rows } = await client.query<{ name: string }>('select name from migrations')
    const done = new Set(rows.map(({ name }) => name))
    const missing = scripts.filter((name) => !done.has(name))
    for (const name of missing) {
      await client.query(await readFile(join(folder, name), 'utf8'))
      await client.query('insert into migrations (name) values ($1)', [name])
    }
    return missing
  })
}
