import { ExpiringMap } from './expiring-map.ts'
import { requireKnown, requireThat } from './require.ts'

/** Remembers which authorization codes were used. If a promise rejects, the strategy refuses the login. */
export interface ReplayStore {
  /**
   * Marks a key as used; atomic.
   *
   * @param key a SHA-256 as hex
   * @param ttlMs milliseconds to remember it
   * @returns true the first time, false while it is remembered
   */
  consume(key: string, ttlMs: number): Promise<boolean>
  /** Forgets a key whose code turned out to be unused. */
  release(key: string): Promise<unknown>
}

export interface MemoryReplayStoreOptions {
  /**
   * The most keys to hold. A full store refuses: it never drops a live key.
   *
   * @default 1,000,000
   */
  max?: number
}

/**
 * A replay store in this process's memory, for a site of one process. Keys expire in batches, with a timer that keeps
 * no process alive.
 *
 * @example
 * ```ts
 * import { CivicStrategy, MemoryReplayStore } from 'passport-civic-sip'
 *
 * const replayStore = new MemoryReplayStore({ max: 100_000 })
 * passport.use(new CivicStrategy({ ...options, replayStore }, verify))
 * console.log(await replayStore.consume('key', 60_000)) // true
 * console.log(await replayStore.consume('key', 60_000)) // false
 * ```
 */
export class MemoryReplayStore implements ReplayStore {
  readonly #max: number
  readonly #origin = Date.now()
  /** Key to its expiry, in milliseconds since `#origin`: V8 stores small integers without extra memory. */
  readonly #keys = new ExpiringMap<number>(
    (expiry) => expiry,
    () => Date.now() - this.#origin,
  )

  /** @throws TypeError if `max` is not a positive whole number, or an option is unknown */
  constructor(options: MemoryReplayStoreOptions = {}) {
    requireKnown(options, ['max'])
    const { max = 1_000_000 } = options
    requireThat(Number.isInteger(max) && max > 0, 'max must be a whole number, from 1')
    this.#max = max
  }

  /** The number of keys, including expired ones that are not forgotten yet. */
  get size(): number {
    return this.#keys.size
  }

  /** Whether a key is remembered. Does not mark it. */
  has(key: string): boolean {
    return this.#keys.get(key) !== undefined
  }

  /** Rejects if the store is full. */
  async consume(key: string, ttlMs: number): Promise<boolean> {
    return Promise.resolve().then(() => this.#consume(key, ttlMs))
  }

  async release(key: string): Promise<void> {
    this.#keys.delete(key)
    return Promise.resolve()
  }

  #consume(key: string, ttlMs: number): boolean {
    const keys = this.#keys
    if (keys.get(key) !== undefined) return false
    // Only one batch: a login must not wait for all expired keys
    if (keys.size >= this.#max && !keys.has(key)) keys.forgetExpired()
    if (keys.size >= this.#max && !keys.has(key)) {
      throw new Error(`The replay store is full: it holds ${this.#max} live keys`)
    }
    // The wall clock, as for the expiry of tokens: if it is set back, keys still live as long as their tokens
    keys.set(key, Date.now() - this.#origin + Math.ceil(ttlMs))
    return true
  }
}
