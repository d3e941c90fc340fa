import { randomInt, randomUUID } from 'node:crypto'
import { ExpiringMap, type Clock } from './expiring-map.ts'

/** A message to a made-up person. */
export interface Mail {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly to: string
  readonly subject: string
  readonly text: string
}

const LENGTH = 100
const CODE_LIFETIME_MS = 10 * 60 * 1000
const MAX_GUESSES = 5

/** The one mailbox of all made-up people, which the dashboard shows. What is sent to it leaves no machine. */
export class Mailbox {
  readonly #mails: Mail[] = []
  readonly #codes: ExpiringMap<{ readonly code: string; guesses: number }>
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    this.#codes = new ExpiringMap(clock)
  }

  /** Newest first. */
  list(): readonly Mail[] {
    return this.#mails
  }

  /** Sends a code, six digits, that proves that its reader gets mail at this address. */
  sendCode(publicKey: string, to: string): Mail {
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    const at = this.#clock()
    this.#codes.set(`${publicKey} ${to}`, { code, guesses: 0 }, at + CODE_LIFETIME_MS)
    const text = `Your code is ${code}. It is good for ten minutes. If you did not ask for it, do nothing.`
    const mail = { id: randomUUID(), at, to, subject: 'Verify your e-mail address', text }
    this.#mails.unshift(mail)
    this.#mails.splice(LENGTH)
    return mail
  }

  /** Whether this is the code that was sent; then it is used up. */
  redeem(publicKey: string, to: string, code: unknown): boolean {
    const key = `${publicKey} ${to}`
    const sent = this.#codes.get(key)
    if (!sent) return false
    sent.guesses += 1
    const isRight = sent.code === code
    if (isRight || sent.guesses >= MAX_GUESSES) this.#codes.delete(key)
    return isRight
  }

  sweep(): void {
    this.#codes.sweep()
  }
}
