import { randomUUID } from 'node:crypto'
import type { Clock } from 'civic-sip-server'

/** A message to a test user. */
export interface Mail {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly to: string
  readonly subject: string
  readonly text: string
}

const LENGTH = 100

/** The one mailbox of all test users, which the dashboard shows. Nothing is actually sent. */
export class Mailbox {
  readonly #mails: Mail[] = []
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Newest first. */
  list(): readonly Mail[] {
    return this.#mails
  }

  send(message: Pick<Mail, 'to' | 'subject' | 'text'>): void {
    this.#mails.unshift({ id: randomUUID(), at: this.#clock(), ...message })
    this.#mails.splice(LENGTH)
  }
}
