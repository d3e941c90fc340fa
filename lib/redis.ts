import { randomUUID } from 'node:crypto'
import { hasMethods } from './objects.ts'
import { requireThat } from './require.ts'

/** A client of `redis` 4 and later, or of `ioredis` (single, cluster or sentinel): its method for any command. */
export type RedisLike =
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each client declares other arguments
  | { sendCommand(...args: any[]): Promise<unknown> }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  | { call(...args: any[]): Promise<unknown> }

/** Sends one command. Its second word is the key. */
type Command = (name: string, key: string, ...more: string[]) => Promise<unknown>

/** How long a probe's key lives if deleting it fails. */
const PROBE_MS = 10_000

/**
 * Keys of one prefix on a Redis server. With the first `NX` it also sets a probe key twice, and rejects unless only the
 * first succeeds: a client or proxy that drops `NX` would accept every token twice.
 */
export class RedisKeys {
  readonly #command: Command
  readonly #prefix: string
  #proof: Promise<void> | undefined

  /** @throws TypeError if `client` or `prefix` is invalid */
  constructor(client: RedisLike, prefix: string) {
    requireThat(
      hasMethods(client, 'call') || hasMethods(client, 'sendCommand'),
      'client must be a client of redis or ioredis',
    )
    requireThat(typeof prefix === 'string', 'prefix must be a string')
    this.#command = commandOf(client)
    this.#prefix = prefix
  }

  /** `SET key value PX ttl`. */
  async set(key: string, value: string, ttlMs: number): Promise<void> {
    const answer = await this.#send('SET', key, value, 'PX', String(Math.ceil(ttlMs)))
    if (answer !== 'OK') throw new Error('Redis sent an unexpected reply to SET')
  }

  /** `SET key value NX PX ttl`. @returns true if the key was free */
  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    // At the same time, so that the probe does not delay the first call, whose reply counts only if the probe succeeds
    const [isFirst] = await Promise.all([this.#add(key, value, ttlMs), this.#prove()])
    return isFirst
  }

  /** `GET key`. */
  async get(key: string): Promise<string | undefined> {
    return text(await this.#send('GET', key))
  }

  /** `GETDEL key`, since Redis 6.2. */
  async take(key: string): Promise<string | undefined> {
    return text(await this.#send('GETDEL', key))
  }

  /** `DEL key`. */
  async delete(key: string): Promise<void> {
    await this.#send('DEL', key)
  }

  // Async, so that a client's exception becomes a rejection
  async #send(name: string, key: string, ...more: string[]): Promise<unknown> {
    return this.#command(name, this.#prefix + key, ...more)
  }

  async #add(key: string, value: string, ttlMs: number): Promise<boolean> {
    const answer = await this.#send('SET', key, value, 'NX', 'PX', String(Math.ceil(ttlMs)))
    if (answer !== 'OK' && answer !== null) throw new Error('Redis sent an unexpected reply to SET')
    return answer === 'OK'
  }

  /** Once for each store; again after a failure, which may be the connection's. */
  #prove(): Promise<void> {
    this.#proof ??= this.#probe().catch((error: unknown) => {
      this.#proof = undefined
      throw error
    })
    return this.#proof
  }

  async #probe(): Promise<void> {
    const key = `probe:${randomUUID()}`
    const set = (): Promise<boolean> => this.#add(key, '1', PROBE_MS)
    const deleted = (): Promise<void> => this.delete(key).catch(() => undefined)
    const [first, second] = await Promise.all([set(), set(), deleted()])
    if (!first || second) throw new Error('Redis does not honour NX: it sets the same key twice')
  }
}

function text(answer: unknown): string | undefined {
  if (answer === null) return undefined
  if (typeof answer !== 'string') throw new Error('Redis sent a reply that is not text')
  return answer
}

/** The libraries have four signatures for a command. */
function commandOf(client: RedisLike): Command {
  // Ioredis has a sendCommand as well, which takes a command object
  if ('call' in client) return (...words) => client.call(...words)
  if ('slots' in client) return (...words) => client.sendCommand(words[1], false, words) // A cluster client of the package redis
  if ('getSentinelNode' in client) return (...words) => client.sendCommand(false, words)
  return (...words) => client.sendCommand(words)
}
