import type { DocumentReview, DocumentStore } from './documents.ts'
import { UndoableMap } from './undoable.ts'

export class MemoryDocuments implements DocumentStore {
  readonly #reviews = new UndoableMap<string, DocumentReview>()

  insert(key: string, review: DocumentReview, max: number): Promise<boolean> {
    const hasRoom = this.#waiting().length < max
    if (hasRoom) this.#reviews.set(key, review)
    return Promise.resolve(hasRoom)
  }

  find(key: string): Promise<DocumentReview | undefined> {
    return Promise.resolve(this.#reviews.get(key))
  }

  waiting(limit: number): Promise<readonly { key: string; review: DocumentReview }[]> {
    return Promise.resolve(this.#waiting().slice(0, limit))
  }

  decide(key: string, review: DocumentReview): Promise<boolean> {
    const isWaiting = this.#reviews.get(key)?.state === 'waiting'
    if (isWaiting) this.#reviews.set(key, review)
    return Promise.resolve(isWaiting)
  }

  remove(key: string): Promise<void> {
    this.#reviews.delete(key)
    return Promise.resolve()
  }

  sweep(since: number, limit: number): Promise<void> {
    const over = [...this.#reviews].filter(([, review]) => review.since <= since)
    for (const [key] of over.slice(0, limit)) this.#reviews.delete(key)
    return Promise.resolve()
  }

  #waiting(): { key: string; review: DocumentReview }[] {
    return [...this.#reviews]
      .filter(([, { state }]) => state === 'waiting')
      .map(([key, review]) => ({ key, review }))
  }
}
