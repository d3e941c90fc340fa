import type { Turns } from './stores.ts'

export class MemoryTurns implements Turns {
  /** By name, while somebody has a turn or waits for one. */
  readonly #last = new Map<string, Promise<unknown>>()

  /** How many names somebody has a turn of. */
  get size(): number {
    return this.#last.size
  }

  take<T>(name: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(act)
    // What fails lets the next one in all the same
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(name) === settled) this.#last.delete(name)
      })
    this.#last.set(name, settled)
    return turn
  }
}
