import { requireKnown } from './require.ts'
import { RedisKeys } from './redis.ts'
import type { RedisLike } from './redis.ts'
import type { ReplayStore } from './replay.ts'

export interface RedisReplayStoreOptions {
  /**
   * The prefix of the keys in Redis.
   *
   * @default `civic:replay:`
   */
  prefix?: string
}

/**
 * A replay store that several processes share: `SET key 1 NX PX ttl` on a Redis server. It refuses every login if Redis
 * does not honour `NX`.
 *
 * @example
 * ```ts
 * import { CivicStrategy, RedisReplayStore } from 'passport-civic-sip'
 *
 * // A connected client of the package redis or ioredis
 * const replayStore = new RedisReplayStore(redis, { prefix: 'shop:replay:' })
 * passport.use(new CivicStrategy({ ...options, replayStore }, verify))
 * ```
 */
export class RedisReplayStore implements ReplayStore {
  readonly #keys: RedisKeys

  /**
   * @param client a connected client of `redis` or `ioredis`. The store does not close it
   * @throws TypeError for anything else, and for a wrong or unknown option
   */
  constructor(client: RedisLike, options: RedisReplayStoreOptions = {}) {
    requireKnown(options, ['prefix'])
    this.#keys = new RedisKeys(client, options.prefix ?? 'civic:replay:')
  }

  /** Rejects if Redis fails, or does not honour `NX`. */
  async consume(key: string, ttlMs: number): Promise<boolean> {
    return this.#keys.add(key, '1', ttlMs)
  }

  async release(key: string): Promise<void> {
    await this.#keys.delete(key)
  }
}
