import type { Mailer } from '../attester/mailer.ts'
import type { EmailStore, Owner } from '../store/partner-stores.ts'

/** An email to owners of partners. */
export interface OwnerMessage {
  readonly subject: string
  readonly text: string
  /** Each owner gets one message for each occasion. Default: every message. */
  readonly occasion?: string
}

/** Which owners a message was queued for. */
export interface Told {
  readonly owners: number
  /** The number of owners without a confirmed address. */
  readonly withoutAddress: number
  /** The names of the partners of which no owner gets it. */
  readonly unreached: readonly string[]
}

export interface OwnerMailParts {
  readonly emails: EmailStore
  /** Undefined: the server sends no email. */
  readonly mailer: Mailer | undefined
  /** Called with the reason if a message could not be queued. */
  readonly failed: (error: unknown) => void
}

/** Emails the owners of partners. */
export class OwnerMail {
  readonly #parts: OwnerMailParts

  constructor(parts: OwnerMailParts) {
    this.#parts = parts
  }

  /**
   * Emails the owners of a partner.
   * @param partnerId undefined for an app without a partner: then nobody gets the message
   */
  async tell(partnerId: string | undefined, message: OwnerMessage): Promise<void> {
    if (partnerId !== undefined) await this.#tell(await this.#parts.emails.owners(partnerId), message)
  }

  /** Emails the owners of all partners. An owner of several gets one message. */
  async tellAll(message: OwnerMessage): Promise<Told> {
    return this.#tell(await this.#parts.emails.owners(), message)
  }

  /** Queues a message to the owners with a confirmed address. */
  async #tell(owners: readonly Owner[], message: OwnerMessage): Promise<Told> {
    const people = new Map(owners.map(({ userId, address }) => [userId, address]))
    const reached = new Set<string>()
    let withoutAddress = 0
    for (const [userId, address] of people) {
      if (address === undefined) withoutAddress += 1
      else if (await this.#send(message, userId, address)) reached.add(userId)
    }
    const all = new Map(owners.map(({ partnerId: id, partnerName }) => [id, partnerName]))
    for (const { userId, partnerId: id } of owners) if (reached.has(userId)) all.delete(id)
    return { owners: reached.size, withoutAddress, unreached: [...all.values()] }
  }

  /** A failure stops neither the other messages nor what they are about. */
  async #send({ occasion, ...message }: OwnerMessage, userId: string, to: string): Promise<boolean> {
    const { mailer, failed } = this.#parts
    if (!mailer) return false
    try {
      const once = occasion === undefined ? {} : { occasion: `${occasion} ${userId}` }
      await mailer.send({ to, ...message, ...once, evenIfFull: true })
      return true
    } catch (error) {
      failed(error)
      return false
    }
  }
}
