import { unref } from './timers.ts'

/** Many shards keep each map small: growing or shrinking a large one blocks for tens of milliseconds. */
const SHARDS = 256
/** Entries to look at in one step, which takes a fraction of a millisecond. */
const LOOK = 10_000
/** Entries to forget in one step: fifty thousand a second, more than can log in. */
const BATCH = 500
const SWEEP_MS = 1_000
const NEXT_BATCH_MS = 10

/**
 * A map whose entries expire. A timer, which keeps no process alive, forgets them in batches some time later. It looks
 * at all entries in turn: keeping them in order of expiry takes more memory and time.
 */
export class ExpiringMap<Value> {
  readonly #expiryOf: (value: Value) => number
  readonly #now: () => number
  readonly #shards = Array.from({ length: SHARDS }, () => new Map<string, Value>())
  #size = 0
  #isSweeping = false
  /** The shard to look at next. */
  #at = 0
  /** Shards that were looked at since the last full batch. */
  #looked = 0

  /**
   * @param expiryOf when a value expires
   * @param now on the same clock
   */
  constructor(expiryOf: (value: Value) => number, now: () => number) {
    this.#expiryOf = expiryOf
    this.#now = now
  }

  /** The number of entries, including expired ones that are not forgotten yet. */
  get size(): number {
    return this.#size
  }

  /** Undefined if there is no entry or it has expired. */
  get(key: string): Value | undefined {
    const value = this.#shard(key).get(key)
    return value !== undefined && this.#expiryOf(value) > this.#now() ? value : undefined
  }

  has(key: string): boolean {
    return this.#shard(key).has(key)
  }

  set(key: string, value: Value): void {
    const shard = this.#shard(key)
    if (!shard.has(key)) this.#size++
    shard.set(key, value)
    this.#sweepIn(SWEEP_MS)
  }

  delete(key: string): void {
    if (this.#shard(key).delete(key)) this.#size--
  }

  /**
   * Forgets a batch of what has expired.
   *
   * @returns whether there may be more
   */
  forgetExpired(): boolean {
    const now = this.#now()
    let looks = 0
    let forgotten = 0
    for (; looks < LOOK && this.#looked < SHARDS; this.#looked++) {
      const shard = this.#shards[this.#at] as Map<string, Value>
      for (const [key, value] of shard) {
        looks++
        if (this.#expiryOf(value) > now) continue
        shard.delete(key)
        this.#size--
        if (++forgotten < BATCH) continue
        this.#looked = 0
        return true
      }
      this.#at = (this.#at + 1) % SHARDS
    }
    if (this.#looked < SHARDS) return true
    this.#looked = 0
    return false
  }

  #shard(key: string): Map<string, Value> {
    const index = (key.charCodeAt(0) * 31 + key.charCodeAt(1)) % SHARDS
    return this.#shards[index || 0] as Map<string, Value>
  }

  #sweepIn(ms: number): void {
    if (this.#isSweeping) return
    this.#isSweeping = true
    const sweep = (): void => {
      this.#isSweeping = false
      const more = this.forgetExpired()
      if (this.#size > 0) this.#sweepIn(more ? NEXT_BATCH_MS : SWEEP_MS)
    }
    unref(setTimeout(sweep, ms))
  }
}
