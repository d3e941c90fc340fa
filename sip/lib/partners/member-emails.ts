import { codeMessage } from '../attester/code-message.ts'
import type { Codes } from '../attester/codes.ts'
import type { Mailer } from '../attester/mailer.ts'
import { HttpError } from '../http/http.ts'
import type { EmailStore } from '../store/partner-stores.ts'
import type { MakeChanges } from './changes.ts'
import { homeOf } from './person.ts'
import type { Person } from './person.ts'

export interface MemberEmailParts {
  readonly store: EmailStore
  readonly codes: Codes
  /** Undefined: the server sends no email. */
  readonly mailer: Mailer | undefined
  readonly change: MakeChanges
  /** The server's host name and port. */
  readonly host: string
}

/** The email addresses of owners of partners. An owner confirms one with a code that the server sends there. */
export class MemberEmails {
  readonly #parts: MemberEmailParts

  constructor(parts: MemberEmailParts) {
    this.#parts = parts
  }

  /** @returns undefined if the person can have no address here */
  async of(person: Person): Promise<{ readonly address?: string } | undefined> {
    const { store, mailer } = this.#parts
    const userId = ownerOf(person)
    if (!mailer || userId === undefined) return undefined
    const address = await store.find(userId)
    return address === undefined ? {} : { address }
  }

  /**
   * Sends a code to an address.
   * @param source the source of the request, if it is known
   * @throws HttpError 403 if the person owns no partner, 429, 503 if the server sends no email
   */
  async ask(person: Person, address: string, source: string | undefined): Promise<void> {
    const { codes, mailer, host } = this.#parts
    const publicKey = checkOwner(person)
    if (!mailer) throw new HttpError(503, 'this server sends no email')
    const { code, until } = await codes.make({ address, publicKey, source })
    await mailer.send({ to: address, ...codeMessage(code, host), until })
  }

  /** Confirms an address with the code that was sent there. @throws HttpError 400 for a wrong code, 403, 429 */
  async confirm(person: Person, address: string, code: string, source: string | undefined): Promise<void> {
    const { codes, change } = this.#parts
    const publicKey = checkOwner(person)
    if (!(await codes.redeem({ address, publicKey, source }, code)))
      throw new HttpError(400, 'code: not the one that was sent to this address, or it is over')
    await change(async ({ emails, audit }) => {
      if (!(await emails.put(publicKey, address))) throw notOwner()
      await audit.note(person, { what: 'email.confirmed', ...homeOf(person) })
    })
  }

  async remove(person: Person): Promise<void> {
    const userId = checkOwner(person)
    await this.#parts.change(async ({ emails, audit }) => {
      await emails.remove(userId)
      await audit.note(person, { what: 'email.removed', ...homeOf(person) })
    })
  }
}

/** @returns the person's userId @throws HttpError 403 */
function checkOwner(person: Person): string {
  const userId = ownerOf(person)
  if (userId === undefined) throw notOwner()
  return userId
}

/** The userId of a person who owns a partner. */
function ownerOf({ userId, memberships }: Person): string | undefined {
  return memberships.some(({ role }) => role === 'OWNER') ? userId : undefined
}

function notOwner(): HttpError {
  return new HttpError(403, 'only owners of partners get email')
}
