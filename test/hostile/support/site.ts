import express from 'express'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'

export interface SiteOptions {
  readonly express?: typeof express
  readonly passport?: typeof passport
  readonly parsers?: readonly RequestHandler[]
  readonly trustProxy?: boolean | number | string
}

/** What a site tells of a login: the user, or the code and status of what went wrong. */
export interface Told {
  readonly user?: unknown
  readonly account?: unknown
  readonly code?: string | undefined
}

const onError: ErrorRequestHandler = (error: { code?: string; status?: number }, _req, res, _next) => {
  res.status(error.status ?? 500).json({ code: error.code ?? 'no code' } satisfies Told)
}

/**
 * A site as people write them: sessions in memory, `POST /auth/civic` to log in, `POST /link` to link an identity,
 * `POST /logout`, `GET /me`.
 */
export function createSite(strategy: object, options: SiteOptions = {}): Express {
  const { express: framework = express, passport: passportModule = passport, trustProxy } = options
  const { parsers = [framework.json(), framework.urlencoded({ extended: true })] } = options
  const auth = new passportModule.Passport()
  auth.use(strategy as passport.Strategy)
  auth.serializeUser((user, done) => done(null, user))
  auth.deserializeUser((user: object, done) => done(null, user))
  const site = framework()
  if (trustProxy !== undefined) site.set('trust proxy', trustProxy)
  site.use(session({ secret: 'a secret of the test', resave: false, saveUninitialized: true }))
  site.use(...parsers)
  site.use(auth.initialize() as RequestHandler, auth.session() as RequestHandler)
  site.all('/auth/civic', (req, res, next) => {
    const done = (error: unknown, user?: object, challenge?: { code?: string }, status?: number): void => {
      if (error) next(error)
      else if (!user) res.status(status ?? 401).json({ code: challenge?.code } satisfies Told)
      else req.logIn(user, (failed: unknown) => (failed ? next(failed) : res.json({ user } satisfies Told)))
    }
    ;(auth.authenticate('civic', done as never) as RequestHandler)(req, res, next)
  })
  site.all('/link', auth.authorize('civic') as RequestHandler, (req, res) => {
    res.json({ user: req.user, account: (req as { account?: unknown }).account } satisfies Told)
  })
  site.post('/logout', (req, res, next) => {
    req.logOut((error: unknown) => (error ? next(error) : res.json({})))
  })
  site.get('/me', (req, res) => {
    res.json({ user: req.user } satisfies Told)
  })
  site.use(onError)
  return site
}
