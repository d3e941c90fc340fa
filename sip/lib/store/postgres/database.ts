/** @module civic-sip-server/database */

import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'

/** The common part of a pool and a client: running one statement. */
export type Queryable = Pick<pg.Pool, 'query'>

export interface Database {
  readonly pool: pg.Pool
  /** PGlite, with one connection, in this process. Work in a transaction must not ask the pool for another. */
  readonly isEmbedded: boolean
  /**
   * Calls back with the payload of each `notify` on a channel, from any process. With a server, a broken connection is
   * reopened; notifications in between are lost.
   *
   * @returns a function that stops listening
   */
  readonly listen: (channel: string, heard: (payload: string) => void) => Promise<() => Promise<void>>
  /**
   * Waits until no other process has the lock of this name. Locks have separate connections: the owner of a lock may
   * use the pool, but must not wait for another lock.
   *
   * @returns a function that releases the lock, which also ends with the process
   */
  readonly lock: (name: string) => Promise<() => Promise<void>>
  readonly close: () => Promise<void>
}

export interface OpenOptions {
  /** A folder of `*.sql` files, each of which runs once, in the order of names. */
  readonly migrations: string
  /** Called with a line if a connection breaks. Default: `console.error`. */
  readonly log?: (line: string) => void
  /** The most connections to a server. Default: 10. */
  readonly max?: number
}

/** An arbitrary number that nothing else in this database uses. */
const MIGRATION_LOCK = 20_171_117

/**
 * Opens the database and brings its tables up to date.
 *
 * @param address a `postgres://` URL; `memory://`; or the folder of an embedded PostgreSQL (PGlite)
 * @throws FileInUse if another process uses the folder
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

/**
 * Runs the work in a transaction. An exception rolls it back and is thrown again.
 *
 * @param db a pool; or a client in a transaction, of which the work then becomes a part
 * @throws Error if a statement failed, even if the work caught the error: PostgreSQL then keeps nothing
 */
export async function transaction<T>(
  db: pg.Pool | Queryable,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  if (isClient(db)) return work(db)
  const client = await (db as pg.Pool).connect()
  let broken = false
  try {
    await client.query('begin')
    const result = await work(client)
    const { command } = await client.query('commit')
    if (command !== 'COMMIT') throw new Error('a statement failed: the database rolled everything back')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => (broken = true))
    throw error
  } finally {
    client.release(broken)
  }
}

function isClient(db: pg.Pool | Queryable): db is pg.PoolClient {
  return 'release' in db
}

/**
 * Runs the scripts of a folder that have not run yet, in the order of names, all or none.
 *
 * @returns the names of the scripts that ran
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
