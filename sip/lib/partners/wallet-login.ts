import { Router } from 'express'
import type { Request } from 'express'
import { CivicDirectStrategy, DirectRequests } from 'passport-civic-sip/direct'
import type { DirectOptions } from 'passport-civic-sip/direct'
import { HttpError } from '../http/http.ts'
import { logFailure } from '../operations/describe-error.ts'
import type { Act, Session } from '../store/partner-stores.ts'
import type { Sessions } from './sessions.ts'

/** Below the path of the server's callback URLs, so that its well-known document applies to these as well. */
const MOUNT = '/sip/partners'
const NAME = 'Civic partners'
const DESCRIPTION = 'Log in to the dashboard of Civic partners'

export interface WalletLoginParts extends Pick<DirectOptions, 'prvKey' | 'ledger' | 'walletUrl'> {
  /** The server's origin, the site for the wallet. */
  readonly url: string
  readonly store: NonNullable<DirectOptions['store']>
  readonly sessions: Sessions
}

/** Logs people in to the dashboard with their wallet: the server itself is a site with the Direct option. */
export class WalletLogin {
  /** The routes for CivicJS and wallets, and CivicJS's files. */
  readonly routes: Router
  readonly #strategy: CivicDirectStrategy

  constructor({ url, prvKey, ledger, walletUrl, store, sessions }: WalletLoginParts) {
    const shown = new WeakMap<object, { session: Session; act: Act }>()
    const direct = new DirectRequests({
      origin: url,
      mount: MOUNT,
      name: NAME,
      prvKey,
      ledger,
      walletUrl,
      store,
      authorities: [],
      scopeRequests: ['ANONYMOUS_LOGIN'],
      // The SIP serves the well-known document
      wellKnown: false,
      description: (req, uuid) => {
        const asked = shown.get(req)
        if (!asked) return DESCRIPTION
        // If this fails, the approval does not count
        sessions.show(asked.session, asked.act, uuid).catch(logFailure)
        return asked.act.description
      },
    })
    this.#strategy = new CivicDirectStrategy(direct, (userId) => ({ userId }))
    this.routes = Router()
    this.routes.post(`${MOUNT}/start`, async (req, _res, next) => {
      const session = await sessions.find(req)
      if (session?.act) shown.set(req, { session, act: session.act })
      next()
    })
    this.routes.use((req, res, next) => direct.routes(req, res, next))
  }

  /**
   * Finishes the request that the body names: `{ uuid, confirm?, responseCode? }`.
   *
   * @returns the userId of the person whose wallet approved it, once, for the requesting browser
   * @throws HttpError 400, 401, 403, 409 or 503, with CivicDirectStrategy's message
   */
  async userIdOf(req: Request): Promise<string> {
    const { userId } = await new Promise<{ userId: string }>((resolve, reject) => {
      // As in Passport: the outcome of one request goes to an object that is made from the strategy
      const attempt = Object.create(this.#strategy) as CivicDirectStrategy
      attempt.success = (user) => resolve(user as { userId: string })
      attempt.fail = (challenge, status = 401) => reject(new HttpError(status, messageOf(challenge)))
      attempt.error = (error) => reject(unavailable(error))
      attempt.authenticate(req)
    })
    return userId
  }
}

function messageOf(challenge: unknown): string {
  const { message } = (challenge ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : 'the wallet did not log you in'
}

/** A failing store has a status; any other error is the server's own. */
function unavailable(error: unknown): unknown {
  const { status, message } = (error ?? {}) as { status?: unknown; message?: unknown }
  return status === 503 ? new HttpError(503, String(message)) : error
}
