import { ExpiringMap } from './expiring-map.ts'
import { requireKnown, requireThat } from './require.ts'

/** Remembers which authorization codes were used. Its promises may reject: the strategy then refuses the login. */
export interface ReplayStore {
  /**
   * Marks a key as used; atomic.
   *
   * @param key a SHA-256 as hex
   * @param ttlMs milliseconds to remember it
   * @returns true the first time, false while it is remembered
   */
  consume(key: string, ttlMs: number): Promise<boolean>
  /** Forgets a key again, since its code turned out to be unused. */
  release(key: string): Promise<unknown>
}

export interface MemoryReplayStoreOptions {
  /**
   * Keys to hold at most. A full store refuses: it never drops a live key.
   *
   * @default 1,000,000
   */
  max?: number
}

/**
 * A replay store in this process's memory: right for a site of one process. Keys expire by themselves, a batch at
 * a time, with a timer that keeps no process alive.
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
  /** Key to the time it expires, in milliseconds since `#origin`: small integers, which need no separate memory. */
  readonly #keys = new ExpiringMap<number>(
    (expiry) => expiry,
    () => Date.now() - this.#origin,
  )

  /** @throws TypeError for a `max` that is no positive whole number, and for an unknown option */
  constructor(options: MemoryReplayStoreOptions = {}) {
    requireKnown(options, ['max'])
    const { max = 1_000_000 } = options
    requireThat(Number.isInteger(max) && max > 0, 'max must be a whole number, from 1')
    this.#max = max
  }

  /** Keys held, those included that have expired and are not forgotten yet. */
  get size(): number {
    return this.#keys.size
  }

  /** Whether a key is remembered; marks nothing. */
  has(key: string): boolean {
    return this.#keys.get(key) !== undefined
  }

  /** Rejects where the store is full. */
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
    // One batch: a login must not wait for all that has expired
    if (keys.size >= this.#max && !keys.has(key)) keys.forgetExpired()
    if (keys.size >= this.#max && !keys.has(key)) {
      throw new Error(`The replay store is full: it holds ${this.#max} live keys`)
    }
    // The wall clock, by which tokens expire too: if it is set back, keys live as long as their tokens
    keys.set(key, Date.now() - this.#origin + Math.ceil(ttlMs))
    return true
  }
}
