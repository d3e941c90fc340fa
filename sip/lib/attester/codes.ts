import { randomInt } from 'node:crypto'
import { HttpError } from '../http/http.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { CodeStore } from '../store/stores.ts'

/** How long a code is good, and the time over which codes are counted. */
const LIFETIME_MS = 10 * 60 * 1000
const MAX_GUESSES = 5

/**
 * How many codes go out in ten minutes: to one address whichever key asks, to one key whichever address it names,
 * and to both together. At five guesses a code, that is a hundred guesses for an address, of a million.
 */
const LIMITS = { address: 20, key: 10, both: 5 } as const

/**
 * The codes that prove that a person gets mail at an address: six digits, one live code for each address and key.
 * A code that somebody else asks for leaves the others alone.
 */
export class Codes {
  readonly #store: CodeStore
  readonly #clock: Clock

  constructor(store: CodeStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Makes a code, in place of the one before.
   * @throws HttpError 429
   */
  async make(publicKey: string, address: string): Promise<string> {
    const names = { address: JSON.stringify([address]), key: publicKey, both: nameOf(publicKey, address) }
    const counters = Object.entries(LIMITS).map(([what, limit]) => ({
      name: `${what} ${names[what as keyof typeof LIMITS]}`,
      limit,
    }))
    const wait = await this.#store.count(counters, LIFETIME_MS)
    if (wait !== undefined) throw tooMany(wait)
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    await this.#store.put(names.both, code, this.#clock() + LIFETIME_MS)
    return code
  }

  /** Whether this is the live code of this address and key; then it is used up, as it is by five wrong guesses. */
  redeem(publicKey: string, address: string, guess: unknown): Promise<boolean> {
    // What is no text is a wrong guess as well
    return this.#store.redeem(nameOf(publicKey, address), typeof guess === 'string' ? guess : '', MAX_GUESSES)
  }

  sweep(): Promise<void> {
    return this.#store.sweep()
  }
}

function tooMany(milliseconds: number): HttpError {
  const seconds = Math.ceil(milliseconds / 1000)
  return new HttpError(429, `too many codes: wait ${seconds} s`, { 'Retry-After': String(seconds) })
}

function nameOf(publicKey: string, address: string): string {
  return JSON.stringify([publicKey, address])
}
