import express, { Router } from 'express'
import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import passport from 'passport'
import { CivicStrategy } from 'passport-civic-sip'
import type { CivicStrategyOptions, UserData } from 'passport-civic-sip'
import { CivicDirectStrategy } from 'passport-civic-sip/direct'
import type { DirectRequests } from 'passport-civic-sip/direct'
import type { Accounts, EventKind, Provider } from './accounts.ts'
import { Refusal } from './problems.ts'
import { localPath } from './requests.ts'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- this is how Passport's types get an app's user
  namespace Express {
    interface User {
      readonly id: string
    }
  }
}

/** The key of the account page's next message. */
type Greeting = EventKind | 'known'

/**
 * Reads the session of every request, and handles logins, sign-ups, links and proofs: at `POST /auth/civic` through a
 * SIP, at `POST /auth/civic-direct` with the Direct option.
 */
export function loginRoutes(
  accounts: Accounts,
  civic: CivicStrategyOptions,
  direct: DirectRequests | undefined,
  loginsPerMinute: number,
): Router {
  const authenticator = new passport.Passport()
  const passReqToCallback = true
  /** The verify callback of both strategies. */
  const enter = (provider: Provider) => async (req: express.Request, userId: string, data: UserData) => {
    const visitor = { provider, userId, data, ip: req.ip ?? '', accountId: req.user?.id }
    const { id, kind } = await accounts.enter(visitor)
    // A person who links an identity that they already have is only told so
    const isKnown = kind === 'login' && visitor.accountId !== undefined
    return { user: { id }, info: isKnown ? 'known' : kind }
  }
  authenticator.use(new CivicStrategy({ ...civic, passReqToCallback }, enter('civic')))
  if (direct) authenticator.use(new CivicDirectStrategy(direct, { passReqToCallback }, enter('civic-direct')))
  authenticator.serializeUser<string>((user, done) => done(null, user.id))
  authenticator.deserializeUser<string>((id, done) => {
    accounts.exists(id).then((exists) => done(null, exists && { id }), done)
  })

  // Each instance counts separately: this stops one address from taking all capacity, and is not an exact quota
  const limit = rateLimit({
    windowMs: 60_000,
    limit: loginsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_req, _res, next) => next(new Refusal('TOO_MANY_LOGINS')),
  })
  /** Logs in the person that the strategy found; anything else goes to the error handler. */
  const answer =
    (strategy: Provider): RequestHandler =>
    (req, res, next) => {
      const settle: passport.AuthenticateCallback = (error, user, info) => {
        if (!user) next(error ?? info)
        // Passport makes a new session, so a session id from before no longer works
        else req.logIn(user, (error) => (error ? next(error) : greet(info as unknown as Greeting)))
      }
      const greet = (kind: Greeting): void => {
        const path = localPath((req.body as { returnTo?: unknown }).returnTo) ?? '/account'
        res.format({
          html: () => res.redirect(303, path === '/account' ? `${path}?done=${kind}` : path),
          json: () => res.json({ kind, returnTo: path }),
        })
      }
      ;(authenticator.authenticate(strategy, settle) as RequestHandler)(req, res, next)
    }

  const router = Router()
  router.use(authenticator.session())
  // The strategies check the origin themselves, more strictly for a person who is logged in already and so is linking
  const parsers = [express.urlencoded({ extended: false }), express.json()]
  router.post('/auth/civic', limit, parsers, answer('civic'))
  if (direct) router.post('/auth/civic-direct', limit, parsers, answer('civic-direct'))
  return router
}
