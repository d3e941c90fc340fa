import { randomUUID } from 'node:crypto'
import { hasMethods, requireKnown, requireThat } from './options.ts'
import type { ReplayStore } from './replay.ts'

/** A client of `redis` 4 and later, or of `ioredis`: single, cluster or sentinel, by its one call for any command. */
export type RedisLike =
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each client declares other arguments
  | { sendCommand(...args: any[]): Promise<unknown> }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  | { call(...args: any[]): Promise<unknown> }

export interface RedisReplayStoreOptions {
  /** What the keys start with in Redis. Default `civic:replay:`. */
  prefix?: string
}

/** Sends one command by its words, the second of which is its key. */
type Command = (name: string, key: string, ...more: string[]) => Promise<unknown>

/** How long a probe's key lives where deleting it fails. */
const PROBE_MS = 10_000

/**
 * A replay store that several processes share: `SET key 1 NX PX ttl` on a Redis server. Before it trusts an answer
 * it sets one key twice, once in its life, and refuses every login unless only the first time is OK: a client or a
 * proxy that drops `NX` would let each token in again.
 */
export class RedisReplayStore implements ReplayStore {
  readonly #command: Command
  readonly #prefix: string
  #proof: Promise<void> | undefined

  /**
   * @param client a connected client of `redis` or `ioredis`, which stays yours to close
   * @throws TypeError for anything else, and for a wrong or unknown option
   */
  constructor(client: RedisLike, options: RedisReplayStoreOptions = {}) {
    requireKnown(options, ['prefix'])
    const { prefix = 'civic:replay:' } = options
    requireThat(
      hasMethods(client, 'call') || hasMethods(client, 'sendCommand'),
      'client must be a client of redis or ioredis',
    )
    requireThat(typeof prefix === 'string', 'prefix must be a string')
    this.#command = commandOf(client)
    this.#prefix = prefix
  }

  /** Rejects where Redis fails, or does not keep what `NX` promises. */
  async consume(key: string, ttlMs: number): Promise<boolean> {
    // Both at once: the probe costs the first login no time, and its own answer is not looked at without the probe's
    const [isFirst] = await Promise.all([this.#set(key, ttlMs), this.#prove()])
    return isFirst
  }

  async release(key: string): Promise<void> {
    await this.#command('DEL', this.#prefix + key)
  }

  async #set(key: string, ttlMs: number): Promise<boolean> {
    const ttl = String(Math.ceil(ttlMs))
    const answer = await this.#command('SET', this.#prefix + key, '1', 'NX', 'PX', ttl)
    if (answer !== 'OK' && answer !== null) throw new Error('Redis gave an answer that SET does not have')
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
    const set = (): Promise<boolean> => this.#set(key, PROBE_MS)
    const deleted = (): Promise<void> => this.release(key).catch(() => undefined)
    const [first, second] = await Promise.all([set(), set(), deleted()])
    if (!first || second) throw new Error('Redis does not keep what NX promises: it sets the same key twice')
  }
}

/** The libraries take a command's words in four ways. */
function commandOf(client: RedisLike): Command {
  // Ioredis has a sendCommand as well, which takes an object of its own
  if ('call' in client) return (...words) => client.call(...words)
  if ('slots' in client) return (...words) => client.sendCommand(words[1], false, words) // A cluster of redis
  if ('getSentinelNode' in client) return (...words) => client.sendCommand(false, words)
  return (...words) => client.sendCommand(words)
}
