import pg from 'pg'
import type { Database } from './database.ts'
import { listenOn } from './listening.ts'
import { types } from './types.ts'

interface Settings {
  readonly log: (line: string) => void
  readonly max: number
}

/** Connects to a PostgreSQL server, once there is something to ask it. */
export function open(connectionString: string, { log, max }: Settings): Promise<Database> {
  const settings = { connectionString, connectionTimeoutMillis: 5_000, statement_timeout: 10_000, types }
  const pool = new pg.Pool({ ...settings, max })
  const say = (error: Error): void => log(`PostgreSQL: ${error.message}`)
  // An idle connection that breaks is replaced by the pool
  pool.on('error', say)
  const listeners = listenOn(() => new pg.Client(settings), say)
  const close = async (): Promise<void> => {
    await listeners.close()
    await pool.end()
  }
  return Promise.resolve({ pool, isEmbedded: false, listen: listeners.listen, close })
}
