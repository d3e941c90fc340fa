import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import { ExpiringMap } from '../store/expiring-map.ts'
import type { Clock } from '../store/expiring-map.ts'
import { HttpError } from '../http/http.ts'

/** How long a code is good, and the time over which codes are counted. */
const LIFETIME_MS = 10 * 60 * 1000
const MAX_GUESSES = 5
/** Live codes and counters, each: more than a sandbox ever has, and a few megabytes. */
const MAX_ENTRIES = 10_000

/**
 * How many codes go out in ten minutes: to one address whichever key asks, to one key whichever address it names,
 * and to both together. At five guesses a code, that is a hundred guesses for an address, of a million.
 */
const LIMITS = { address: 20, key: 10, both: 5 } as const

interface Code {
  readonly code: string
  guesses: number
}

/**
 * The codes that prove that a person gets mail at an address: six digits, one live code for each address and key.
 * A code that somebody else asks for leaves the others alone.
 */
export class Codes {
  readonly #live: ExpiringMap<Code>
  readonly #sent: ExpiringMap<{ count: number; readonly until: number }>
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    this.#live = new ExpiringMap(clock)
    this.#sent = new ExpiringMap(clock)
  }

  /**
   * Makes a code, in place of the one before.
   * @throws HttpError 429
   */
  make(publicKey: string, address: string): string {
    this.#count({ address: JSON.stringify([address]), key: publicKey, both: nameOf(publicKey, address) })
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    this.#live.set(nameOf(publicKey, address), { code, guesses: 0 }, this.#clock() + LIFETIME_MS)
    return code
  }

  /** Whether this is the live code of this address and key; then it is used up, as it is by five wrong guesses. */
  redeem(publicKey: string, address: string, guess: unknown): boolean {
    const name = nameOf(publicKey, address)
    const live = this.#live.get(name)
    if (!live) return false
    live.guesses += 1
    const isRight = typeof guess === 'string' && timingSafeEqual(digest(live.code), digest(guess))
    if (isRight || live.guesses >= MAX_GUESSES) this.#live.delete(name)
    return isRight
  }

  sweep(): void {
    this.#live.sweep()
    this.#sent.sweep()
  }

  #count(names: Readonly<Record<keyof typeof LIMITS, string>>): void {
    const now = this.#clock()
    const counters = Object.entries(LIMITS).map(([what, limit]) => {
      const name = names[what as keyof typeof LIMITS]
      return { name: `${what} ${name}`, limit, counter: this.#sent.get(`${what} ${name}`) }
    })
    const full = counters.find(({ counter, limit }) => counter !== undefined && counter.count >= limit)
    if (full?.counter) throw tooMany(full.counter.until - now)
    // A full table refuses: to forget a counter would be to allow what it counts
    if (this.#sent.size + counters.length > MAX_ENTRIES) throw tooMany(LIFETIME_MS)
    for (const { name, counter } of counters) {
      if (counter) counter.count += 1
      else this.#sent.set(name, { count: 1, until: now + LIFETIME_MS }, now + LIFETIME_MS)
    }
  }
}

function tooMany(milliseconds: number): HttpError {
  const seconds = Math.ceil(milliseconds / 1000)
  return new HttpError(429, `too many codes: wait ${seconds} s`, { 'Retry-After': String(seconds) })
}

function nameOf(publicKey: string, address: string): string {
  return JSON.stringify([publicKey, address])
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
