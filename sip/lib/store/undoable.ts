import { AsyncLocalStorage } from 'node:async_hooks'

interface Transaction {
  /** How to undo each change, the first one first. */
  readonly steps: (() => void)[]
  /** Until its work ends. What that started, such as a timer or a connection, keeps the context. */
  isOpen: boolean
}

const transactions = new AsyncLocalStorage<Transaction>()

function current(): Transaction | undefined {
  const transaction = transactions.getStore()
  return transaction?.isOpen === true ? transaction : undefined
}

/** Does the work. If it throws, its changes of `UndoableMap`s are undone. Work inside such work is a part of it. */
export function undoable<T>(work: () => Promise<T>): Promise<T> {
  if (current()) return work()
  const transaction: Transaction = { steps: [], isOpen: true }
  return transactions.run(transaction, async () => {
    try {
      return await work()
    } catch (error) {
      for (const step of transaction.steps.reverse()) step()
      throw error
    } finally {
      transaction.isOpen = false
      transaction.steps.length = 0
    }
  })
}

/** A map for stores in memory, whose transaction is `undoable`. What others have changed meanwhile stays. */
export class UndoableMap<K, V> extends Map<K, V> {
  /** Called when a change was undone. */
  onUndo = (): void => undefined

  override set(key: K, value: V): this {
    const steps = current()?.steps
    if (steps) {
      const [wasThere, before] = [this.has(key), this.get(key)]
      steps.push(() => {
        if (this.get(key) !== value) return
        if (wasThere) super.set(key, before as V)
        else super.delete(key)
        this.onUndo()
      })
    }
    return super.set(key, value)
  }

  override delete(key: K): boolean {
    const steps = current()?.steps
    if (steps && this.has(key)) {
      const value = this.get(key) as V
      const keys = [...this.keys()]
      const earlier = new Set(keys.slice(0, keys.indexOf(key)))
      steps.push(() => {
        if (this.has(key)) return
        // Where it was
        const later = [...this].filter(([other]) => !earlier.has(other))
        for (const [other] of later) super.delete(other)
        for (const [other, its] of [[key, value] as const, ...later]) super.set(other, its)
        this.onUndo()
      })
    }
    return super.delete(key)
  }
}
