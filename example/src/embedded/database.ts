import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import type { Database } from '../database.ts'
import { lockFolder } from './folder-lock.ts'

/**
 * Opens a PostgreSQL that runs in this process (PGlite), so that the example needs no database server.
 *
 * @param address `memory://`, or the folder that keeps the data; a folder belongs to one process
 * @throws SetupError if another process has the folder
 */
export async function openEmbedded(address: string): Promise<Database> {
  const isFolder = address !== 'memory://'
  const unlock = isFolder ? await lockFolder(address) : undefined
  const data = isFolder ? join(address, 'postgres') : address
  if (isFolder) await mkdir(data, { recursive: true, mode: 0o700 })
  const lite = await PGlite.create(data).catch(async (error: unknown) => {
    await unlock?.()
    throw error
  })
  // One connection is all it has; the pool makes the others wait
  const pool = new pg.Pool(Object.assign(createPgConfig(lite), { max: 1 }))
  return {
    pool,
    close: async () => {
      await pool.end()
      await lite.close()
      await unlock?.()
    },
  }
}
