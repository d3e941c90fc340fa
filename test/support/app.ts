import express from 'express'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import passport from 'passport'
import { CivicStrategy } from '../../lib/index.ts'
import type { CivicStrategyOptions, Verify } from '../../lib/index.ts'

interface Body {
  outcome: 'success' | 'fail' | 'error'
  user?: unknown
  info?: unknown
  message?: string | undefined
  code?: string | undefined
  status?: number | undefined
  retryAfter?: number | undefined
  challenge?: { message?: string; code?: string }
}

export type { Body as Outcome }

type Callback = (error: unknown, user?: unknown, info?: unknown, status?: number) => void

/** Responds with the outcome of the login as JSON, with Passport's status. */
function report(authenticate: (callback: Callback) => RequestHandler): RequestHandler {
  return (req, res, next) => {
    const callback: Callback = (error, user, info, status) => {
      if (error) next(error)
      else if (user) res.json({ outcome: 'success', user, info } satisfies Body)
      else res.status(status ?? 401).json({ outcome: 'fail', challenge: info as object } satisfies Body)
    }
    void authenticate(callback)(req, res, next)
  }
}

const onError: ErrorRequestHandler = (
  error: Error & { code?: string; status?: number; retryAfter?: number },
  _req,
  res,
  _next,
) => {
  const { message, code, status = 500, retryAfter } = error
  res.status(status).json({ outcome: 'error', message, code, status, retryAfter } satisfies Partial<Body>)
}

export interface AppOptions {
  /** Runs before the login, for example to log a person in. */
  before?: RequestHandler
  parsers?: RequestHandler[]
  /** Use `passport.authorize`. */
  link?: boolean
}

const DEFAULT_VERIFY: Verify<unknown> = (userId, scopeData) => ({ userId, scopeData: [...scopeData] })

/** A small Express app with `/auth/civic`, which responds with JSON. */
export function createApp(
  options: CivicStrategyOptions,
  verify: Verify<unknown> = DEFAULT_VERIFY,
  { before, parsers = [express.json(), express.urlencoded({ extended: true })], link }: AppOptions = {},
): Express {
  const instance = new passport.Passport()
  instance.use(new CivicStrategy(options, verify))
  const app = express()
  app.use(...parsers, instance.initialize())
  if (before) app.use(before)
  app.all(
    '/auth/civic',
    report((callback) =>
      link
        ? (instance.authorize('civic', {}, callback as never) as RequestHandler)
        : (instance.authenticate('civic', callback as never) as RequestHandler),
    ),
  )
  app.use(onError)
  return app
}
