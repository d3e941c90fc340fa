import { ExpiryQueue } from './expiry-queue.ts'
import { requireKnown, requireThat } from './require.ts'
import { unref } from './timers.ts'

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

/** Enough that no map grows large: growing or shrinking a large one takes tens of milliseconds at once. */
const SHARDS = 256
/** Keys to forget in one go, which takes less than a millisecond; fifty thousand a second is more than log in. */
const BATCH = 500
const SWEEP_MS = 1_000
const NEXT_BATCH_MS = 10
/** In place of the expiry of a key that was released; its entry in the queue is still to come. */
const RELEASED = -Infinity

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
  /**
   * Key to the time it expires, in milliseconds since `#origin`: small integers, which need no separate memory.
   * Each key is in the queue once, so that one token posted over and over while SIP is down takes no more room.
   */
  readonly #shards = Array.from({ length: SHARDS }, () => new Map<string, number>())
  readonly #queue = new ExpiryQueue()
  readonly #origin = Date.now()
  #size = 0
  #isSweeping = false

  /** @throws TypeError for a `max` that is no positive whole number, and for an unknown option */
  constructor(options: MemoryReplayStoreOptions = {}) {
    requireKnown(options, ['max'])
    const { max = 1_000_000 } = options
    requireThat(Number.isInteger(max) && max > 0, 'max must be a whole number, from 1')
    this.#max = max
  }

  /** Keys held, those included that have expired and are not forgotten yet. */
  get size(): number {
    return this.#size
  }

  /** Whether a key is remembered; marks nothing. */
  has(key: string): boolean {
    return (this.#shard(key).get(key) ?? RELEASED) > Date.now() - this.#origin
  }

  /** Rejects where the store is full. */
  async consume(key: string, ttlMs: number): Promise<boolean> {
    return Promise.resolve().then(() => this.#consume(key, ttlMs))
  }

  async release(key: string): Promise<void> {
    const shard = this.#shard(key)
    if ((shard.get(key) ?? RELEASED) !== RELEASED) {
      shard.set(key, RELEASED)
      this.#size--
    }
    return Promise.resolve()
  }

  #consume(key: string, ttlMs: number): boolean {
    // The wall clock, by which tokens expire too: if it is set back, keys live as long as their tokens
    const now = Date.now() - this.#origin
    const shard = this.#shard(key)
    const known = shard.get(key) ?? RELEASED
    if (known > now) return false
    if (known === RELEASED) {
      this.#makeRoom(now)
      this.#size++
    }
    const expiry = now + Math.ceil(ttlMs)
    if (!shard.has(key)) this.#queue.push(expiry, key)
    shard.set(key, expiry)
    this.#sweepIn(SWEEP_MS)
    return true
  }

  #shard(key: string): Map<string, number> {
    const index = (key.charCodeAt(0) * 31 + key.charCodeAt(1)) % SHARDS
    return this.#shards[index || 0] as Map<string, number>
  }

  #makeRoom(now: number): void {
    let more = true
    while (more && this.#size >= this.#max) more = this.#forgetExpired(now)
    if (this.#size >= this.#max) throw new Error(`The replay store is full: it holds ${this.#max} live keys`)
  }

  /** Forgets a batch of what has expired. Says whether there may be more. */
  #forgetExpired(now: number): boolean {
    for (let left = BATCH; left > 0; left--) {
      const key = this.#queue.takeDue(now)
      if (key === undefined) return false
      const shard = this.#shard(key)
      const expiry = shard.get(key) as number
      // One that was released and consumed anew lives longer than its entry says
      if (expiry > now) this.#queue.push(expiry, key)
      else {
        shard.delete(key)
        if (expiry !== RELEASED) this.#size--
      }
    }
    return true
  }

  #sweepIn(ms: number): void {
    if (this.#isSweeping) return
    this.#isSweeping = true
    const sweep = (): void => {
      this.#isSweeping = false
      const more = this.#forgetExpired(Date.now() - this.#origin)
      if (this.#queue.size > 0) this.#sweepIn(more ? NEXT_BATCH_MS : SWEEP_MS)
    }
    unref(setTimeout(sweep, ms))
  }
}
