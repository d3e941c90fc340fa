import { createClient } from 'redis'
import type { Log } from './database.ts'

/**
 * Connects to Redis. It then reconnects by itself, and refuses commands while it is disconnected: a login must not wait
 * for a server that is down.
 *
 * @throws Error if the server cannot be reached now
 */
export async function openRedis(url: string, log: Log) {
  let isStarted = false
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: (retries, cause) => (isStarted ? Math.min(retries * 100, 3_000) : cause) },
  })
  client.on('error', (error: Error) => {
    if (isStarted) log(`Redis: ${error.message}`)
  })
  await client.connect()
  isStarted = true
  return client
}

export type Redis = Awaited<ReturnType<typeof openRedis>>
