/** Returns milliseconds since the epoch. Injected, so that a test can move the clock. */
export type Clock = () => number

interface Entry<V> {
  readonly value: V
  deadline: number
}

/**
 * A Map whose entries each have a deadline. An entry past its deadline is never returned. `set` sometimes calls
 * `sweep`, which removes such entries, so that the map stays small without a timer.
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

  /** @param deadline when the entry expires, in milliseconds since the epoch */
  set(key: string, value: V, deadline: number): void {
    if (this.#clock() - this.#swept >= 1000) this.sweep()
    this.#entries.set(key, { value, deadline })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Removes entries past their deadline. */
  sweep(): void {
    const now = this.#clock()
    this.#swept = now
    for (const [key, entry] of this.#entries) if (entry.deadline <= now) this.#entries.delete(key)
  }
}
