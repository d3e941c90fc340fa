import express, { Router } from 'express'
import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import passport from 'passport'
import { CivicStrategy } from 'passport-civic-sip'
import type { CivicStrategyOptions } from 'passport-civic-sip'
import type { Accounts, EventKind } from './accounts.ts'
import { Refusal } from './problems.ts'
import { localPath } from './requests.ts'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- this is how Passport's types learn of an app's user
  namespace Express {
    interface User {
      readonly id: string
    }
  }
}

/** Reads the session of every request, and handles logins, sign-ups, links and proofs at `POST /auth/civic`. */
export function loginRoutes(
  accounts: Accounts,
  civic: CivicStrategyOptions,
  loginsPerMinute: number,
): Router {
  const authenticator = new passport.Passport()
  authenticator.use(
    new CivicStrategy({ ...civic, passReqToCallback: true }, async (req: express.Request, userId, data) => {
      const visitor = { userId, data, ip: req.ip ?? '', accountId: req.user?.id }
      const { id, kind } = await accounts.enter(visitor)
      return { user: { id }, info: kind }
    }),
  )
  authenticator.serializeUser<string>((user, done) => done(null, user.id))
  authenticator.deserializeUser<string>((id, done) => {
    accounts.exists(id).then((exists) => done(null, exists && { id }), done)
  })

  // Each instance counts for itself: this is to keep one address from taking all of our time, not a quota
  const limit = rateLimit({
    windowMs: 60_000,
    limit: loginsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_req, _res, next) => next(new Refusal('TOO_MANY_LOGINS')),
  })
  /** Logs in the person that Civic vouches for; anything else goes to the error handler. */
  const answer: RequestHandler = (req, res, next) => {
    const settle: passport.AuthenticateCallback = (error, user, info) => {
      if (!user) next(error ?? info)
      // Passport makes a new session, so a session id from before no longer works
      else req.logIn(user, (error) => (error ? next(error) : greet(info as unknown as EventKind)))
    }
    const greet = (kind: EventKind): void => {
      const path = localPath((req.body as { returnTo?: unknown }).returnTo) ?? '/account'
      res.format({
        html: () => res.redirect(303, path === '/account' ? `${path}?done=${kind}` : path),
        json: () => res.json({ kind, returnTo: path }),
      })
    }
    ;(authenticator.authenticate('civic', settle) as RequestHandler)(req, res, next)
  }

  const router = Router()
  router.use(authenticator.session())
  // The strategy checks the origin itself, more strictly for a person who is logged in already and so is linking
  router.post('/auth/civic', limit, express.urlencoded({ extended: false }), express.json(), answer)
  return router
}
