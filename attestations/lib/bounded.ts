/** Caches the newest results of a pure function that is called with few different arguments. */
export class Bounded<T> {
  readonly #results = new Map<string, T>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** @param name identifies the arguments; each result is computed once */
  get(name: string, compute: () => T): T {
    if (!this.#results.has(name)) {
      const result = compute()
      const [oldest] = this.#results.keys()
      if (oldest !== undefined && this.#results.size >= this.#most) this.#results.delete(oldest)
      this.#results.set(name, result)
    }
    return this.#results.get(name) as T
  }
}
