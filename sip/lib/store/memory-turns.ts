import type { Turns } from './stores.ts'

export class MemoryTurns implements Turns {
  /** The last turn by name, while there are any. */
  readonly #last = new Map<string, Promise<unknown>>()

  /** The number of names with a turn. */
  get size(): number {
    return this.#last.size
  }

  take<T>(name: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(act)
    // The next turn starts even if this one fails
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(name) === settled) this.#last.delete(name)
      })
    this.#last.set(name, settled)
    return turn
  }
}
