import { ExpiryQueue } from '../expiry-queue.ts'
import { requireKnown } from '../require.ts'
import { RedisKeys } from '../redis.ts'
import type { RedisLike } from '../redis.ts'
import { unref } from '../timers.ts'

/**
 * Where requests are kept until they are over. Every value is sealed, and every key is of one request. The promises
 * may reject: then the request is answered with 503.
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

/** Entries to forget in one go. */
const BATCH = 500
const SWEEP_MS = 1_000
const NEXT_BATCH_MS = 10

/** A store in this process's memory: right for a site of one process. Entries expire by themselves. */
export class MemoryDirectStore implements DirectStore {
  readonly #entries = new Map<string, Entry>()
  readonly #queue = new ExpiryQueue()
  #isSweeping = false

  /** Entries held, those included that have expired and are not forgotten yet. */
  get size(): number {
    return this.#entries.size
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    const expires = Date.now() + Math.ceil(ttlMs)
    this.#entries.set(key, { value, expires })
    this.#queue.push(expires, key)
    this.#sweepIn(SWEEP_MS)
    return Promise.resolve()
  }

  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    if (this.#live(key) !== undefined) return false
    await this.set(key, value, ttlMs)
    return true
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#live(key))
  }

  take(key: string): Promise<string | undefined> {
    const value = this.#live(key)
    this.#entries.delete(key)
    return Promise.resolve(value)
  }

  #live(key: string): string | undefined {
    const entry = this.#entries.get(key)
    return entry && entry.expires > Date.now() ? entry.value : undefined
  }

  /** Forgets a batch of what has expired. Says whether there may be more. */
  #forgetExpired(): boolean {
    const now = Date.now()
    for (let left = BATCH; left > 0; left--) {
      const key = this.#queue.takeDue(now)
      if (key === undefined) return false
      // One that was set anew lives longer than its first entry in the queue says
      if (this.#live(key) === undefined) this.#entries.delete(key)
    }
    return true
  }

  #sweepIn(ms: number): void {
    if (this.#isSweeping) return
    this.#isSweeping = true
    const sweep = (): void => {
      this.#isSweeping = false
      const more = this.#forgetExpired()
      if (this.#queue.size > 0) this.#sweepIn(more ? NEXT_BATCH_MS : SWEEP_MS)
    }
    unref(setTimeout(sweep, ms))
  }
}

export interface RedisDirectStoreOptions {
  /**
   * What the keys start with in Redis.
   *
   * @default `civic:direct:`
   */
  prefix?: string
}

/** A store that several processes share, on a Redis server of version 6.2 or later. */
export class RedisDirectStore implements DirectStore {
  readonly #keys: RedisKeys

  /**
   * @param client a connected client of `redis` or `ioredis`, which stays yours to close
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
