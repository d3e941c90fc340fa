/** The results of a function without side effects that is asked the same few things again, the newest of them. */
export class Bounded<T> {
  readonly #results = new Map<string, T>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** @param name what was asked; a function is asked once for each */
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
