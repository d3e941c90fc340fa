/** Milliseconds since the epoch. Injected, so that a test can let an hour pass. */
export type Clock = () => number

interface Entry<V> {
  readonly value: V
  deadline: number
}

/**
 * A Map whose entries end at a deadline of their own. An entry past its deadline is never returned; it is
 * dropped for good by `sweep`, which `set` calls now and then, so that the map stays as small as its live
 * entries without a timer.
 */
export class ExpiringMap<V> {
  readonly #entries = new Map<string, Entry<V>>()
  readonly #clock: Clock
  #swept: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#swept = clock()
  }

  get size(): number {
    this.sweep()
    return this.#entries.size
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    return entry && entry.deadline > this.#clock() ? entry.value : undefined
  }

  /** @param deadline when the entry ends, in milliseconds since the epoch */
  set(key: string, value: V, deadline: number): void {
    if (this.#clock() - this.#swept >= 1000) this.sweep()
    this.#entries.set(key, { value, deadline })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Drops what is past its deadline. */
  sweep(): void {
    const now = this.#clock()
    this.#swept = now
    for (const [key, entry] of this.#entries) if (entry.deadline <= now) this.#entries.delete(key)
  }
}
