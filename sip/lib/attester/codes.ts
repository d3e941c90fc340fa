import { createHmac } from 'node:crypto'
import { HttpError } from '../http/http.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { CodeStore } from '../store/stores.ts'
import { DIGITS } from './code-rules.ts'
import type { CodeLimits, CodeRules } from './code-rules.ts'

/** How long a code is valid, and the period for counting sent codes. */
const LIFETIME_MS = 10 * 60 * 1000
/** The period for counting tries. */
const LOCKOUT_MS = 60 * 60 * 1000
const MAX_GUESSES = 5

/** Whose code it is. */
export interface CodeOwner {
  /** An email address or a phone number. */
  readonly address: string
  /** A wallet's, 66 hex digits. */
  readonly publicKey: string
  /** The source of the request, if known. */
  readonly source?: string | undefined
}

export interface CodesOptions {
  readonly store: CodeStore
  readonly clock: Clock
  /** The key for hashing codes and addresses before they are stored. */
  readonly secret: string
  /** Default: six digits, for test users. */
  readonly rules?: CodeRules
}

/**
 * The codes that prove that a person gets mail at an address: one live code for each address and key, so that nobody
 * can replace another's code. Only hashes of codes and addresses are stored.
 */
export class Codes {
  readonly #options: CodesOptions
  readonly #rules: CodeRules

  constructor(options: CodesOptions) {
    this.#options = options
    this.#rules = options.rules ?? DIGITS
  }

  /**
   * Makes a code, which replaces the previous one.
   * @returns the code, and when it expires
   * @throws HttpError 429
   */
  async make(owner: CodeOwner): Promise<{ readonly code: string; readonly until: number }> {
    const { store, clock } = this.#options
    await this.#count('sent', owner, this.#rules.sent, LIFETIME_MS)
    const code = this.#rules.make()
    const until = clock() + LIFETIME_MS
    await store.put(this.#nameOf(owner), this.#hash('code', code), until)
    return { code, until }
  }

  /**
   * Whether this is the live code of this address and key. A right guess, or five wrong ones, uses it up.
   * @throws HttpError 429 if too many codes were tried, right or wrong
   */
  async redeem(owner: CodeOwner, guess: unknown): Promise<boolean> {
    // Counted before it is compared, so that simultaneous tries are limited too
    await this.#count('tried', owner, this.#rules.tried, LOCKOUT_MS)
    // Anything but a string is a wrong guess
    const typed = typeof guess === 'string' ? this.#rules.read(guess) : ''
    return this.#options.store.redeem(this.#nameOf(owner), this.#hash('code', typed), MAX_GUESSES)
  }

  sweep(): Promise<void> {
    return this.#options.store.sweep()
  }

  async #count(what: string, owner: CodeOwner, limits: CodeLimits, lifetime: number): Promise<void> {
    const { publicKey, source } = owner
    // Every spelling of an address is the same mailbox
    const address = owner.address.normalize('NFKC').toLowerCase()
    const names = { address, key: publicKey, both: [address, publicKey], source }
    const counters = Object.entries(limits).flatMap(([by, limit]: [string, number]) => {
      const name = names[by as keyof CodeLimits]
      return name === undefined ? [] : [{ name: this.#hash(what, by, name), limit }]
    })
    const wait = counters.length > 0 ? await this.#options.store.count(counters, lifetime) : undefined
    if (wait !== undefined) throw tooMany(wait)
  }

  #nameOf({ address, publicKey }: CodeOwner): string {
    return this.#hash('name', publicKey, address)
  }

  #hash(...parts: readonly unknown[]): string {
    return createHmac('sha256', this.#options.secret)
      .update(JSON.stringify(['codes', ...parts]))
      .digest('hex')
  }
}

function tooMany(milliseconds: number): HttpError {
  const seconds = Math.ceil(milliseconds / 1000)
  return new HttpError(429, `too many codes: wait ${seconds} s`, { 'Retry-After': String(seconds) })
}
