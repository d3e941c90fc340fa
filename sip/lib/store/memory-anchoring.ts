import type { AnchoringCounts, AnchoringStore, Sending, WaitingTree } from './anchoring.ts'

export class MemoryAnchoring implements AnchoringStore {
  readonly #waiting = new Map<string, WaitingTree>()
  readonly #sendings = new Map<string, Sending>()

  enqueue(ids: readonly string[], since: number): Promise<void> {
    for (const id of ids) if (!this.#waiting.has(id)) this.#waiting.set(id, { id, since, isAlone: false })
    return Promise.resolve()
  }

  waiting(limit: number): Promise<readonly WaitingTree[]> {
    const all = [...this.#waiting.values()]
    const together = all.filter(({ isAlone }) => !isAlone)
    const alone = all.filter(({ isAlone }) => isAlone)
    return Promise.resolve([...together, ...alone].slice(0, limit))
  }

  setApart(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const tree = this.#waiting.get(id)
      if (tree) this.#waiting.set(id, { ...tree, isAlone: true })
    }
    return Promise.resolve()
  }

  dequeue(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#waiting.delete(id)
    return Promise.resolve()
  }

  count(): Promise<AnchoringCounts> {
    const [first] = [...this.#waiting.values()].map(({ since }) => since).sort((a, b) => a - b)
    return Promise.resolve({
      waiting: this.#waiting.size,
      ...(first !== undefined && { oldest: first }),
      sendings: this.#sendings.size,
    })
  }

  put(sending: Sending): Promise<void> {
    this.#sendings.set(sending.id, sending)
    return Promise.resolve()
  }

  remove(id: string): Promise<void> {
    this.#sendings.delete(id)
    return Promise.resolve()
  }

  sendings(): Promise<readonly Sending[]> {
    return Promise.resolve([...this.#sendings.values()])
  }
}
