import { ExpiryQueue } from '../expiry-queue.ts'
import { hasMethods, requireThat } from '../options.ts'

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
    setTimeout(() => {
      this.#isSweeping = false
      const more = this.#forgetExpired()
      if (this.#queue.size > 0) this.#sweepIn(more ? NEXT_BATCH_MS : SWEEP_MS)
    }, ms).unref()
  }
}

/** A client of `redis` 4 and later, or of `ioredis`, by the commands used here. */
export interface DirectRedis {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the two declare different arguments
  set(key: string, value: string, ...options: any[]): Promise<unknown>
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  get(key: any): Promise<unknown>
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  getDel?(key: any): Promise<unknown>
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  getdel?(key: any): Promise<unknown>
}

export interface RedisDirectStoreOptions {
  /** What the keys start with in Redis. Default `civic:direct:`. */
  prefix?: string
}

/** A store that several processes share, on a Redis server of version 6.2 or later. */
export class RedisDirectStore implements DirectStore {
  readonly #client: DirectRedis
  readonly #prefix: string

  /**
   * @param client a connected client of `redis` or `ioredis`, which stays yours to close
   * @throws TypeError for anything else
   */
  constructor(client: DirectRedis, { prefix = 'civic:direct:' }: RedisDirectStoreOptions = {}) {
    const isClient =
      hasMethods(client, 'set', 'get') && ['getDel', 'getdel'].some((name) => hasMethods(client, name))
    requireThat(isClient, 'client must be a client of redis or ioredis')
    requireThat(typeof prefix === 'string', 'prefix must be a string')
    this.#client = client
    this.#prefix = prefix
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#set(key, value, ttlMs, false)
  }

  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    return (await this.#set(key, value, ttlMs, true)) === 'OK'
  }

  async get(key: string): Promise<string | undefined> {
    return text(await this.#client.get(this.#prefix + key))
  }

  async take(key: string): Promise<string | undefined> {
    const client = this.#client
    const taken = client.getDel ? client.getDel(this.#prefix + key) : client.getdel?.(this.#prefix + key)
    return text(await taken)
  }

  async #set(key: string, value: string, ttlMs: number, isNew: boolean): Promise<unknown> {
    const ttl = Math.ceil(ttlMs)
    // ioredis takes a command's words as arguments, redis an object
    const options =
      'defineCommand' in this.#client
        ? ['PX', ttl, ...(isNew ? ['NX'] : [])]
        : [{ PX: ttl, ...(isNew && { NX: true }) }]
    const answer = await this.#client.set(this.#prefix + key, value, ...options)
    if (answer !== 'OK' && (answer !== null || !isNew))
      throw new Error('Redis gave an answer that SET does not have')
    return answer
  }
}

function text(answer: unknown): string | undefined {
  if (answer === null) return undefined
  if (typeof answer !== 'string') throw new Error('Redis gave an answer that is no text')
  return answer
}
