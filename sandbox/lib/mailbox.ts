import { randomUUID } from 'node:crypto'
import type { Clock } from 'civic-sip-server'
import type { Mail } from './wire.ts'

type Message = Omit<Mail, 'isOld' | 'code'>

const LENGTH = 100
const CODE = /\b\d{6}\b/

/** The one mailbox of all test users. Nothing is actually sent. */
export class Mailbox {
  readonly #messages: Message[] = []
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Newest first. */
  list(): readonly Mail[] {
    const seen = new Set<string>()
    return this.#messages.map((message) => {
      const code = CODE.exec(message.text)?.[0]
      const isOld = seen.has(message.to)
      seen.add(message.to)
      return { ...message, ...(code !== undefined && { code }), isOld }
    })
  }

  send({ to, subject, text }: Pick<Message, 'to' | 'subject' | 'text'>): void {
    this.#messages.unshift({ id: randomUUID(), at: this.#clock(), to, subject, text })
    this.#messages.splice(LENGTH)
  }
}
