import type { Request, RequestHandler } from 'express'
import { HttpError } from '../http/http.ts'
import type { Session } from '../store/partner-stores.ts'
import type { Accounts } from './accounts.ts'
import { ANYBODY } from './person.ts'
import type { Person } from './person.ts'
import type { Sessions } from './sessions.ts'

/** The access control of the dashboard's API. */
export interface Access {
  /** Whether people must log in. */
  readonly hasAccounts: boolean
  /** Lets only allowed callers through. */
  readonly guard: RequestHandler
  /** The caller, after the guard. */
  personOf(req: Request): Person
  /** The caller, for connections that stay open. @returns undefined if the caller is no longer logged in */
  again(req: Request): Promise<Person | undefined>
  /** @throws HttpError 428 unless the person's wallet has just approved this act */
  checkApproved(req: Request, what: string): Promise<void>
}

/** A server without accounts, such as one for test users. */
export const OPEN: Access = {
  hasAccounts: false,
  guard: (_req, _res, next) => next(),
  personOf: () => ANYBODY,
  again: () => Promise.resolve(ANYBODY),
  checkApproved: () => Promise.resolve(),
}

/** A server whose dashboard is for members of partners and for operators. */
export class MemberAccess implements Access {
  readonly hasAccounts = true
  readonly guard: RequestHandler
  readonly #sessions: Sessions
  readonly #accounts: Accounts
  readonly #known = new WeakMap<Request, { session: Session; person: Person }>()

  constructor(sessions: Sessions, accounts: Accounts) {
    this.#sessions = sessions
    this.#accounts = accounts
    this.guard = async (req, _res, next) => {
      const known = await this.#find(req)
      if (!known) throw new HttpError(401, 'log in first')
      this.#known.set(req, known)
      next()
    }
  }

  personOf(req: Request): Person {
    return this.#of(req).person
  }

  sessionOf(req: Request): Session {
    return this.#of(req).session
  }

  async again(req: Request): Promise<Person | undefined> {
    return (await this.#find(req))?.person
  }

  checkApproved(req: Request, what: string): Promise<void> {
    if (this.#sessions.isApproved(this.#of(req).session, what)) return Promise.resolve()
    throw new HttpError(428, 'approve this with your wallet first')
  }

  #of(req: Request): { session: Session; person: Person } {
    const known = this.#known.get(req)
    if (!known) throw new HttpError(401, 'log in first')
    return known
  }

  /** A person who is no longer a member of any partner has no access. */
  async #find(req: Request): Promise<{ session: Session; person: Person } | undefined> {
    const session = await this.#sessions.find(req)
    if (!session) return undefined
    const person = await this.#accounts.person(session.userId)
    return person.memberships.length > 0 ? { session, person } : undefined
  }
}
