import type {
  Attempt,
  Before,
  DeadLetter,
  OutboxCounts,
  OutboxStore,
  QueuedMessage,
  TakenMessage,
} from './outbox.ts'

type Waiting = TakenMessage & { readonly dueAt: number }

export class MemoryOutbox implements OutboxStore {
  readonly #waiting = new Map<string, Waiting>()
  readonly #dead = new Map<string, DeadLetter>()
  /** When each one came first. */
  readonly #occasions = new Map<string, number>()

  put(message: QueuedMessage, max: number | undefined, occasion?: string): Promise<boolean> {
    const hasRoom = max === undefined || this.#waiting.size < max
    const isKnown = occasion !== undefined && this.#occasions.has(occasion)
    if (hasRoom && occasion !== undefined && !isKnown) this.#occasions.set(occasion, message.createdAt)
    if (hasRoom && !isKnown)
      this.#waiting.set(message.id, { ...message, attempt: 0, dueAt: message.createdAt })
    return Promise.resolve(hasRoom)
  }

  take(count: number, now: number, again: number): Promise<readonly TakenMessage[]> {
    const due = [...this.#waiting.values()].filter(({ dueAt }) => dueAt <= now)
    const taken = due.sort((a, b) => a.dueAt - b.dueAt).slice(0, count)
    return Promise.resolve(
      taken.map(({ dueAt: _, ...message }) => {
        const next = { ...message, attempt: message.attempt + 1 }
        this.#waiting.set(message.id, { ...next, dueAt: again })
        return next
      }),
    )
  }

  remove(attempt: Attempt): Promise<boolean> {
    const held = this.#held(attempt)
    if (held) this.#waiting.delete(held.id)
    return Promise.resolve(held !== undefined)
  }

  postpone(attempt: Attempt, at: number): Promise<boolean> {
    const held = this.#held(attempt)
    if (held) this.#waiting.set(held.id, { ...held, dueAt: at })
    return Promise.resolve(held !== undefined)
  }

  bury(attempt: Attempt, reason: string, now: number): Promise<boolean> {
    const held = this.#held(attempt)
    if (held) {
      const { id, channel, createdAt } = held
      this.#waiting.delete(id)
      this.#dead.set(id, { id, channel, attempts: held.attempt, reason, createdAt, diedAt: now })
    }
    return Promise.resolve(held !== undefined)
  }

  dead(limit: number): Promise<readonly DeadLetter[]> {
    return Promise.resolve([...this.#dead.values()].reverse().slice(0, limit))
  }

  count(): Promise<OutboxCounts> {
    const waiting = [...this.#waiting.values()]
    const oldest = waiting.length > 0 ? Math.min(...waiting.map(({ createdAt }) => createdAt)) : undefined
    return Promise.resolve({
      waiting: waiting.length,
      dead: this.#dead.size,
      ...(oldest !== undefined && { oldest }),
    })
  }

  sweep({ died, occasions }: Before, limit: number): Promise<void> {
    const over = [...this.#dead.values()].filter(({ diedAt }) => diedAt <= died)
    for (const { id } of over.slice(0, limit)) this.#dead.delete(id)
    const gone = [...this.#occasions].filter(([, at]) => at <= occasions)
    for (const [occasion] of gone.slice(0, limit)) this.#occasions.delete(occasion)
    return Promise.resolve()
  }

  /** The message, if this attempt is the latest. */
  #held({ id, attempt }: Attempt): Waiting | undefined {
    const held = this.#waiting.get(id)
    return held?.attempt === attempt ? held : undefined
  }
}
