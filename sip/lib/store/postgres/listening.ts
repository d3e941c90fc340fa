import { EventEmitter } from 'node:events'
import type pg from 'pg'
import type { Database } from './database.ts'

/** How long to wait before reconnecting. */
const AGAIN_MS = 1_000

/**
 * One connection for all listeners. It opens with the first listener, and reconnects if it breaks.
 *
 * @param newClient makes a client that is not connected yet
 * @param say called with the error that broke a connection
 */
export function listenOn(
  newClient: () => pg.Client,
  say: (error: Error) => void,
): Pick<Database, 'listen' | 'close'> {
  const heard = new EventEmitter()
  heard.setMaxListeners(0)
  let client: Promise<pg.Client> | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  return { listen, close }

  async function listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>> {
    const isFirst = heard.listenerCount(channel) === 0
    heard.on(channel, callback)
    try {
      client ??= connect()
      const connected = await client
      if (isFirst) await connected.query(`listen ${quoted(channel)}`)
    } catch (error) {
      heard.off(channel, callback)
      throw error
    }
    return () => {
      heard.off(channel, callback)
      return Promise.resolve()
    }
  }

  async function connect(): Promise<pg.Client> {
    const made = newClient()
    made.on('error', say)
    made.on('notification', ({ channel, payload = '' }) => void heard.emit(channel, payload))
    made.on('end', again)
    try {
      await made.connect()
      for (const channel of heard.eventNames()) await made.query(`listen ${quoted(String(channel))}`)
      return made
    } catch (error) {
      made.off('end', again)
      client = undefined
      await made.end().catch(() => undefined)
      throw error
    }
  }

  function again(): void {
    client = undefined
    if (isClosed || heard.eventNames().length === 0) return
    timer = setTimeout(reconnect, AGAIN_MS)
    timer.unref()
  }

  function reconnect(): void {
    client ??= connect()
    client.catch((error: unknown) => {
      say(error as Error)
      again()
    })
  }

  async function close(): Promise<void> {
    isClosed = true
    clearTimeout(timer)
    const connected = await client?.catch(() => undefined)
    await connected?.end()
  }
}

/** A quoted name, for a statement. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
