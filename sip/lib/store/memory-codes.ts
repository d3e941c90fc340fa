import { sameText } from '../same-text.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { Clock } from './expiring-map.ts'
import type { CodeStore, Counter } from './stores.ts'

/** The most codes, and the most counters: a few megabytes. */
const MAX_ENTRIES = 10_000

interface Code {
  readonly code: string
  guesses: number
}

export class MemoryCodes implements CodeStore {
  readonly #live: ExpiringMap<Code>
  readonly #sent: ExpiringMap<{ count: number; readonly until: number }>
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    this.#live = new ExpiringMap(clock)
    this.#sent = new ExpiringMap(clock)
  }

  count(wanted: readonly Counter[], lifetime: number): Promise<number | undefined> {
    const now = this.#clock()
    const counters = wanted.map((counter) => ({ ...counter, sent: this.#sent.get(counter.name) }))
    const full = counters.find(({ sent, limit }) => sent !== undefined && sent.count >= limit)
    if (full?.sent) return Promise.resolve(full.sent.until - now)
    // A full table refuses, because forgetting a counter would allow what it counts
    if (this.#sent.size + counters.length > MAX_ENTRIES) return Promise.resolve(lifetime)
    for (const { name, sent } of counters) {
      if (sent) sent.count += 1
      else this.#sent.set(name, { count: 1, until: now + lifetime }, now + lifetime)
    }
    return Promise.resolve(undefined)
  }

  put(name: string, code: string, deadline: number): Promise<void> {
    this.#live.set(name, { code, guesses: 0 }, deadline)
    return Promise.resolve()
  }

  redeem(name: string, guess: string, max: number): Promise<boolean> {
    const live = this.#live.get(name)
    if (!live) return Promise.resolve(false)
    live.guesses += 1
    const isRight = sameText(live.code, guess)
    if (isRight || live.guesses >= max) this.#live.delete(name)
    return Promise.resolve(isRight)
  }

  sweep(): Promise<void> {
    this.#live.sweep()
    this.#sent.sweep()
    return Promise.resolve()
  }
}
