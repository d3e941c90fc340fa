import pg from 'pg'
import { shortly } from '../../operations/describe-error.ts'
import type { Database } from './database.ts'
import { listenOn } from './listening.ts'
import { PreparingClient } from './preparing-client.ts'
import { types } from './types.ts'

interface Settings {
  readonly log: (line: string) => void
  readonly max: number
}

/** The most locks that one process holds or waits for. */
const MAX_LOCKS = 4
const LOCK_TIMEOUT_MS = 60_000

/** Connects to a PostgreSQL server with the first query. */
export function open(connectionString: string, { log, max }: Settings): Promise<Database> {
  const settings = { connectionString, connectionTimeoutMillis: 5_000, statement_timeout: 10_000, types }
  const pool = new pg.Pool({ ...settings, max, Client: PreparingClient })
  const say = (error: Error): void => log(`PostgreSQL: a connection broke: ${shortly(error)}`)
  survive(pool, say)
  const listeners = listenOn(() => new pg.Client(settings), say)
  // Waiting for a lock takes as long as its owner needs
  const locks = new pg.Pool({
    ...settings,
    statement_timeout: 0,
    lock_timeout: LOCK_TIMEOUT_MS,
    max: MAX_LOCKS,
  })
  survive(locks, say)
  const close = async (): Promise<void> => {
    await listeners.close()
    await Promise.all([pool.end(), locks.end()])
  }
  const lock = (name: string): Promise<() => Promise<void>> => lockBy(locks, name)
  return Promise.resolve({ pool, isEmbedded: false, listen: listeners.listen, lock, close })
}

/**
 * Reports a broken connection and continues: the pool makes a new one. The pool does not report connections in use, and
 * an unhandled error would end the process.
 */
function survive(pool: pg.Pool, say: (error: Error) => void): void {
  pool.on('connect', (client) => void client.on('error', say))
  // The same for idle connections
  pool.on('error', () => undefined)
}

async function lockBy(pool: pg.Pool, name: string): Promise<() => Promise<void>> {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
  } catch (error) {
    client.release(true)
    throw error
  }
  return async () => {
    const unlocked = await client
      .query('select pg_advisory_unlock(hashtextextended($1, 0))', [name])
      .catch(() => undefined)
    // Closing a connection releases its locks
    client.release(unlocked === undefined)
  }
}
