import { randomUUID } from 'node:crypto'
import { hasMethods } from './objects.ts'
import { requireThat } from './require.ts'

/** A client of `redis` 4 and later, or of `ioredis`: single, cluster or sentinel, by its one call for any command. */
export type RedisLike =
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each client declares other arguments
  | { sendCommand(...args: any[]): Promise<unknown> }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  | { call(...args: any[]): Promise<unknown> }

/** Sends one command by its words, the second of which is its key. */
type Command = (name: string, key: string, ...more: string[]) => Promise<unknown>

/** How long a probe's key lives where deleting it fails. */
const PROBE_MS = 10_000

/**
 * Keys of one prefix on a Redis server. Before it trusts what `NX` says, it sets one key twice, once in its life, and
 * rejects unless only the first time is OK: a client or a proxy that drops `NX` would let everything in twice.
 */
export class RedisKeys {
  readonly #command: Command
  readonly #prefix: string
  #proof: Promise<void> | undefined

  /** @throws TypeError for what is no client, or no prefix */
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
    if (answer !== 'OK') throw new Error('Redis gave a reply that SET does not have')
  }

  /** `SET key value NX PX ttl`. @returns true if the key was free */
  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    // Both at once: the probe costs the first call no time, and its own answer is not looked at without the probe's
    const [isFirst] = await Promise.all([this.#add(key, value, ttlMs), this.#prove()])
    return isFirst
  }

  /** `GET key`. */
  async get(key: string): Promise<string | undefined> {
    return text(await this.#send('GET', key))
  }

  /** `GETDEL key`, which Redis has since 6.2. */
  async take(key: string): Promise<string | undefined> {
    return text(await this.#send('GETDEL', key))
  }

  /** `DEL key`. */
  async delete(key: string): Promise<void> {
    await this.#send('DEL', key)
  }

  // Async, so that what a client throws is a rejection
  async #send(name: string, key: string, ...more: string[]): Promise<unknown> {
    return this.#command(name, this.#prefix + key, ...more)
  }

  async #add(key: string, value: string, ttlMs: number): Promise<boolean> {
    const answer = await this.#send('SET', key, value, 'NX', 'PX', String(Math.ceil(ttlMs)))
    if (answer !== 'OK' && answer !== null) throw new Error('Redis gave a reply that SET does not have')
    return answer === 'OK'
  }

  /** Once for each store; again after a failure, which may have been the connection's. */
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
    if (!first || second) throw new Error('Redis does not keep what NX promises: it sets the same key twice')
  }
}

function text(answer: unknown): string | undefined {
  if (answer === null) return undefined
  if (typeof answer !== 'string') throw new Error('Redis gave a reply that is not text')
  return answer
}

/** The libraries take a command's words in four ways. */
function commandOf(client: RedisLike): Command {
  // Ioredis has a sendCommand as well, which takes one of ioredis's command objects
  if ('call' in client) return (...words) => client.call(...words)
  if ('slots' in client) return (...words) => client.sendCommand(words[1], false, words) // A cluster of redis
  if ('getSentinelNode' in client) return (...words) => client.sendCommand(false, words)
  return (...words) => client.sendCommand(words)
}
