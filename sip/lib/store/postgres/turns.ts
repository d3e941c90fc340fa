import { MemoryTurns } from '../memory-turns.ts'
import type { Turns } from '../stores.ts'
import type { Database } from './database.ts'

/** One at a time in this process, and then alone in all processes. */
export class PostgresTurns implements Turns {
  readonly #database: Database
  readonly #here = new MemoryTurns()

  constructor(database: Database) {
    this.#database = database
  }

  take<T>(name: string, act: () => Promise<T>): Promise<T> {
    return this.#here.take(name, async () => {
      const release = await this.#database.lock(name)
      try {
        return await act()
      } finally {
        await release()
      }
    })
  }
}
