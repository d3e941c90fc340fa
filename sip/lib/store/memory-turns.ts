import type { Turns } from './stores.ts'

export class MemoryTurns implements Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(name: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(act)
    // What fails lets the next one in all the same
    const settled = turn.catch(() => undefined)
    this.#last.set(name, settled)
    return turn
  }
}
