import type { Mailer } from '../attester/mailer.ts'
import type { EmailStore, Owner } from '../store/partner-stores.ts'

/** What owners of partners are told by email. */
export interface OwnerMessage {
  readonly subject: string
  readonly text: string
  /** Each owner gets one message of an occasion. Default: each time. */
  readonly occasion?: string
}

/** Which owners a message is kept for, to be sent. */
export interface Told {
  readonly owners: number
  /** Owners who confirmed no address. */
  readonly withoutAddress: number
  /** The names of partners none of whose owners gets it. */
  readonly unreached: readonly string[]
}

export interface OwnerMailParts {
  readonly emails: EmailStore
  /** Undefined: the server sends no mail. */
  readonly mailer: Mailer | undefined
  /** Gets why a message could not be kept. */
  readonly failed: (error: unknown) => void
}

/** Tells the owners of partners what they have to know. */
export class OwnerMail {
  readonly #parts: OwnerMailParts

  constructor(parts: OwnerMailParts) {
    this.#parts = parts
  }

  /**
   * Tells the owners of a partner.
   * @param partnerId undefined, for an app that no partner has: nobody
   */
  async tell(partnerId: string | undefined, message: OwnerMessage): Promise<void> {
    if (partnerId !== undefined) await this.#tell(await this.#parts.emails.owners(partnerId), message)
  }

  /** Tells the owners of all partners: somebody who owns several gets one message. */
  async tellAll(message: OwnerMessage): Promise<Told> {
    return this.#tell(await this.#parts.emails.owners(), message)
  }

  /** Keeps a message to be sent to those with a confirmed address. */
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

  /** Somebody who cannot be told stops neither the others nor what they are told of. */
  async #send({ occasion, ...message }: OwnerMessage, userId: string, to: string): Promise<boolean> {
    const { mailer, failed } = this.#parts
    if (!mailer) return false
    try {
      const once = occasion === undefined ? {} : { occasion: `${occasion} ${userId}` }
      await mailer.send({ to, ...message, ...once })
      return true
    } catch (error) {
      failed(error)
      return false
    }
  }
}
