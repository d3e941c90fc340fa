import express from 'express'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import session from 'express-session'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { Passport } from 'passport'
import { CivicDirectStrategy, DirectRequests } from '../../lib/direct/index.ts'
import type { CivicDirectStrategyOptions, DirectOptions } from '../../lib/direct/index.ts'
import type { Verify } from '../../lib/index.ts'
import { Cookies } from './cookies.ts'
import { listen } from './http.ts'
import type { Listening } from './http.ts'
import { OPTIONS } from './shop.ts'

/** The response of the login route. */
export interface Login {
  readonly status: number
  readonly json: {
    user?: Record<string, unknown>
    code?: string
    reason?: string
    info?: unknown
    session?: string
  }
}

export interface SiteOptions {
  readonly direct?: Partial<DirectOptions>
  readonly strategy?: CivicDirectStrategyOptions
  readonly verify?: Verify<unknown>
  /** Runs before the login. */
  readonly before?: RequestHandler
  /** Whether `X-Forwarded-For` names the address. */
  readonly trustProxy?: boolean
}

const VERIFY: Verify<unknown> = (userId, scopeData) => ({ id: userId, data: [...scopeData] })

/** A login site with sessions and the Direct option, on a free port of this machine. */
export class Site {
  readonly origin: string
  #listening: Listening

  private constructor(listening: Listening, origin: string) {
    this.#listening = listening
    this.origin = origin
  }

  static async start(options: SiteOptions = {}): Promise<Site> {
    const server = createServer()
    // So that no connection closes while a client, which keeps it for four seconds, sends on it
    server.keepAliveTimeout = 60_000
    const listening = await listen(server)
    const origin = `http://localhost:${listening.port}`
    server.on('request', createApp(origin, options) as RequestListener)
    return new Site(listening, origin)
  }

  stop(): Promise<void> {
    return this.#listening.close()
  }

  /** A new browser, with its cookies. */
  browser(): Browser {
    return new Browser(this.origin)
  }
}

function createApp(
  origin: string,
  { direct: more, strategy, verify = VERIFY, before, trustProxy = false }: SiteOptions,
): Express {
  const direct = new DirectRequests({ ...OPTIONS, origin, ...more })
  const passport = new Passport()
  passport.use(new CivicDirectStrategy(direct, strategy ?? {}, verify))
  passport.serializeUser((user, done) => done(null, user))
  passport.deserializeUser((user: Express.User, done) => done(null, user))
  const app = express()
  app.set('trust proxy', trustProxy)
  app.use(direct.routes)
  app.use(express.json())
  app.use(session({ secret: 'test', resave: false, saveUninitialized: true }))
  app.use(passport.initialize(), passport.session() as RequestHandler)
  if (before) app.use(before)
  app.get('/me', (req, res) => void res.json({ user: req.user, session: req.sessionID }))
  app.post('/auth/civic-direct', (req, res, next) => {
    const name = strategy?.name ?? 'civic-direct'
    const done = (error: unknown, user?: Express.User, info?: object, status?: number): void => {
      if (error) return next(error)
      if (!user) return void res.status(status ?? 401).json({ ...info })
      req.logIn(user, (failed: unknown) => {
        if (failed) next(failed)
        else res.json({ user, info, session: req.sessionID })
      })
    }
    ;(passport.authenticate(name, done as never) as RequestHandler)(req, res, next)
  })
  const onError: ErrorRequestHandler = (error: { status?: number; code?: string }, _req, res, _next) => {
    res.status(error.status ?? 500).json({ code: error.code })
  }
  app.use(onError)
  return app
}

/** Keeps cookies, and sends the headers of a browser on a page of the site. */
export class Browser {
  readonly #origin: string
  readonly #headers: Readonly<Record<string, string>>
  readonly cookies = new Cookies()

  /** @param headers of every request */
  constructor(origin: string, headers: Readonly<Record<string, string>> = {}) {
    this.#origin = origin
    this.#headers = headers
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(this.#origin + path, {
      method,
      headers: {
        'Sec-Fetch-Site': 'same-origin',
        ...this.cookies.header,
        ...this.#headers,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    this.cookies.keep(response)
    const text = await response.text()
    return { status: response.status, json: text ? (JSON.parse(text) as Record<string, unknown>) : {} }
  }

  async begin(channel: 'scan' | 'link' = 'scan', scopeRequest = 'ANONYMOUS_LOGIN') {
    const { json } = await this.send('POST', '/civic/start', { channel, scopeRequest })
    return json as unknown as { uuid: string; link: string; timeout: number }
  }

  async poll(uuid: string) {
    return (await this.send('GET', `/civic/${uuid}`)).json
  }

  async logIn(body: unknown, headers: Record<string, string> = {}): Promise<Login> {
    return await this.send('POST', '/auth/civic-direct', body, headers)
  }
}

/** What a wallet on the same device adds to the address. */
export function codesIn(redirectUri = ''): { uuid: string; responseCode: string } {
  const fragment = new URLSearchParams(new URL(redirectUri).hash.slice(1))
  return { uuid: fragment.get('uuid') ?? '', responseCode: fragment.get('response_code') ?? '' }
}
