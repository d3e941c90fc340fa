import { ExpiringMap } from '../expiring-map.ts'
import { requireKnown } from '../require.ts'
import { RedisKeys } from '../redis.ts'
import type { RedisLike } from '../redis.ts'

/**
 * Keeps requests until they are over. Every value is sealed, and every key belongs to one request. If a promise
 * rejects, the response is 503.
 */
export interface DirectStore {
  /** `SET key value PX ttl`. */
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  /** `SET key value NX PX ttl`; atomic. True if the key was free. */
  add(key: string, value: string, ttlMs: number): Promise<boolean>
  /** `GET key`. */
  get(key: string): Promise<string | undefined>
  /** `GETDEL key`; atomic. */
  take(key: string): Promise<string | undefined>
}

interface Entry {
  value: string
  expires: number
}

/** A store in this process's memory, for a site of one process. Entries expire by themselves. */
export class MemoryDirectStore implements DirectStore {
  readonly #entries = new ExpiringMap<Entry>(
    ({ expires }) => expires,
    () => Date.now(),
  )

  /** The number of entries, including expired ones that are not forgotten yet. */
  get size(): number {
    return this.#entries.size
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#entries.set(key, { value, expires: Date.now() + Math.ceil(ttlMs) })
    return Promise.resolve()
  }

  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    if (this.#entries.get(key)) return false
    await this.set(key, value, ttlMs)
    return true
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#entries.get(key)?.value)
  }

  take(key: string): Promise<string | undefined> {
    const value = this.#entries.get(key)?.value
    this.#entries.delete(key)
    return Promise.resolve(value)
  }
}

export interface RedisDirectStoreOptions {
  /**
   * The prefix of the keys in Redis.
   *
   * @default `civic:direct:`
   */
  prefix?: string
}

/** A store that several processes share, on Redis 6.2 or later. */
export class RedisDirectStore implements DirectStore {
  readonly #keys: RedisKeys

  /**
   * @param client a connected client of `redis` or `ioredis`. The store does not close it
   * @throws TypeError for anything else, and for a wrong or unknown option
   */
  constructor(client: RedisLike, options: RedisDirectStoreOptions = {}) {
    requireKnown(options, ['prefix'])
    this.#keys = new RedisKeys(client, options.prefix ?? 'civic:direct:')
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#keys.set(key, value, ttlMs)
  }

  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    return this.#keys.add(key, value, ttlMs)
  }

  async get(key: string): Promise<string | undefined> {
    return this.#keys.get(key)
  }

  async take(key: string): Promise<string | undefined> {
    return this.#keys.take(key)
  }
}
