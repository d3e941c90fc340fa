import { EventEmitter } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { FileInUse, lockFile } from '../../file-lock.ts'
import { shortly } from '../../operations/describe-error.ts'
import { MemoryTurns } from '../memory-turns.ts'
import type { Database } from './database.ts'
import { quoted } from './listening.ts'
import { types } from './types.ts'

/**
 * Opens a PostgreSQL that runs in this process (PGlite), so that no database server is needed.
 *
 * @param address `memory://`, or the data folder, which belongs to one process
 * @throws FileInUse if another process uses the folder
 */
export async function open(address: string, { log }: { log: (line: string) => void }): Promise<Database> {
  const isFolder = address !== 'memory://'
  const unlock = isFolder ? await lockFolder(address) : undefined
  const data = isFolder ? join(address, 'postgres') : address
  if (isFolder) await mkdir(data, { recursive: true, mode: 0o700 })
  const lite = await PGlite.create(data).catch(async (error: unknown) => {
    await unlock?.()
    throw error
  })
  // It has only one connection; the pool makes other callers wait
  const pool = new pg.Pool(Object.assign(createPgConfig(lite), { max: 1, types }))
  const turns = new MemoryTurns()
  pool.on('error', (error) => log(`PostgreSQL: a connection broke: ${shortly(error)}`))
  const heard = new EventEmitter<Record<string, [payload: string]>>()
  heard.setMaxListeners(0)
  lite.onNotification((channel, payload) => void heard.emit(channel, payload))
  /** Through the pool, because PGlite's `listen` could come between a statement of the pool and its parameters. */
  const listen: Database['listen'] = async (channel, callback) => {
    await pool.query(`listen ${quoted(channel)}`)
    heard.on(channel, callback)
    return () => {
      heard.off(channel, callback)
      return Promise.resolve()
    }
  }
  return {
    pool,
    isEmbedded: true,
    listen,
    lock: (name) => lock(turns, name),
    close: async () => {
      await pool.end()
      await lite.close()
      await unlock?.()
    },
  }
}

/** No other process can use this database. */
function lock(turns: MemoryTurns, name: string): Promise<() => Promise<void>> {
  return new Promise((locked) => {
    const turn = turns.take(name, () => new Promise<void>((end) => locked(() => (end(), turn))))
  })
}

/** Locks a folder for this process. @returns a function that releases it */
async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    return await lockFile(join(folder, 'lock'))
  } catch (error) {
    throw error instanceof FileInUse ? new FileInUse(folder) : error
  }
}
