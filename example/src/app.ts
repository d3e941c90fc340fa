import { join } from 'node:path'
import connectPgSimple from 'connect-pg-simple'
import express from 'express'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import session from 'express-session'
import helmet from 'helmet'
import type { Pool } from 'pg'
import { RedisReplayStore } from 'passport-civic-sip'
import { DirectRequests, RedisDirectStore } from 'passport-civic-sip/direct'
import type { CivicStrategyOptions } from 'passport-civic-sip'
import { Accounts } from './accounts.ts'
import type { Direct, Sip } from './config.ts'
import { openDatabase } from './database.ts'
import type { Database, Log } from './database.ts'
import { loginRoutes } from './login.ts'
import { problemCode, problems, Refusal } from './problems.ts'
import { pages } from './pages.ts'
import { openRedis } from './redis.ts'
import type { Redis } from './redis.ts'
import { ownPagesOnly } from './requests.ts'
import type { CivicPage } from './views/layout.ts'
import { problemPage } from './views/problem.ts'

export interface SiteOptions extends Sip {
  /** Set if the site also asks people's wallets itself. */
  readonly direct?: Direct | undefined
  /** An address for `openDatabase`, or an open database, which the site closes. */
  readonly database: string | Database
  /** The secrets that sign session cookies, the current one first: the same for every instance of the site. */
  readonly sessionSecrets: readonly string[]
  /** Where several instances remember the tokens that they have seen. Default: each in its memory. */
  readonly redisUrl?: string | undefined
  /** Whether people reach the site over https. Default: false. */
  readonly https?: boolean
  /** The number of proxies in front, each of which adds to `X-Forwarded-For`. Default: 0. */
  readonly trustProxy?: number
  /** Logins per minute and address. Default: 100. */
  readonly loginsPerMinute?: number
  /** Gets errors for the operator, without personal data or secrets. Default: console.error. */
  readonly log?: Log
}

export interface Site {
  readonly app: Express
  /** Closes the site's connections. Stop serving first. */
  readonly close: () => Promise<void>
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000

/** @throws Error if the database, or Redis, cannot be opened; TypeError if an option of `civic` is wrong */
export async function createSite(options: SiteOptions): Promise<Site> {
  const { log = console.error } = options
  const given = options.database
  const database = typeof given === 'string' ? await openDatabase(given, log) : given
  let redis: Redis | undefined
  try {
    if (options.redisUrl !== undefined) redis = await openRedis(options.redisUrl, log)
    const sessions = new (connectPgSimple(session))({
      pool: database.pool,
      tableName: 'sessions',
      errorLog: log,
    })
    return {
      app: createApp(options, database.pool, sessions, redis),
      close: async () => {
        sessions.close()
        redis?.destroy()
        await database.close()
      },
    }
  } catch (error) {
    redis?.destroy()
    await database.close()
    throw error
  }
}

function createApp(options: SiteOptions, pool: Pool, sessions: session.Store, redis?: Redis): Express {
  const {
    civic,
    scriptUrl,
    direct: wallets,
    sessionSecrets,
    https = false,
    trustProxy = 0,
    loginsPerMinute = 100,
    log = console.error,
  } = options
  const accounts = new Accounts(pool)
  const page = civicPage(civic, scriptUrl, wallets)
  const direct = wallets && directRequests(civic, wallets, redis)
  const app = express()
  app.disable('x-powered-by')
  // Express reads the client's address, host and protocol from X-Forwarded-* over this many hops. With too few,
  // everybody shares the proxy's address and rate limit; with too many, clients can claim any address.
  app.set('trust proxy', trustProxy)
  // Before the body parsers and the rule against frames: a wallet's response is large, and the dialog is a frame
  if (direct) app.use(direct.routes)
  app.use(securityHeaders(page, civic.api, https))
  app.use(express.static(join(import.meta.dirname, '../public'), { maxAge: '1h' }))
  app.get('/health', async (_req, res) => {
    const isUp = await pool.query('select 1').then(
      () => true,
      () => false,
    )
    res.status(isUp ? 200 : 503).json({ database: isUp ? 'up' : 'down' })
  })
  app.use((_req, res, next) => {
    // Pages contain personal data: no cache may keep them, and "back" after logging out must not show them
    res.set('Cache-Control', 'no-store')
    next()
  })
  app.use(
    session({
      // The prefix makes browsers refuse the cookie without Secure, or from a sibling domain (RFC 6265bis 4.1.3)
      name: https ? '__Host-sid' : 'sid',
      secret: [...sessionSecrets],
      store: sessions,
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', secure: https, path: '/', maxAge: WEEK_MS },
    }),
  )
  const replayStore = redis && new RedisReplayStore(redis)
  app.use(loginRoutes(accounts, { ...civic, ...(replayStore && { replayStore }) }, direct, loginsPerMinute))
  app.use(ownPagesOnly, express.urlencoded({ extended: false }))
  app.use(pages(accounts, page))
  app.use(() => {
    throw new Refusal('NOT_FOUND')
  })
  app.use(problemHandler(log))
  return app
}

/** The Direct option, with the site's key. Several instances share its requests through Redis. */
function directRequests({ prvKey }: CivicStrategyOptions, wallets: Direct, redis?: Redis): DirectRequests {
  return new DirectRequests({
    ...wallets,
    mount: '/civic',
    name: 'Fernhill',
    prvKey,
    scopeRequests: ['BASIC_SIGNUP', 'ANONYMOUS_LOGIN', 'PROOF_OF_AGE', 'PROOF_OF_IDENTITY'],
    ...(redis && { store: new RedisDirectStore(redis) }),
  })
}

function civicPage(
  { appId, env = 'prod', api }: CivicStrategyOptions,
  scriptUrl: string,
  direct: Direct | undefined,
): CivicPage {
  return {
    isDirect: direct !== undefined,
    appId,
    stage: env,
    scriptUrl,
    styleUrl: new URL('../css/civic-modal.min.css', scriptUrl).href,
    // SIP uses https, except for a sandbox on this machine
    walletUrl: api?.startsWith('http:') ? new URL('/wallet', api).href : undefined,
  }
}

/** CivicJS, its style sheet and its iframe page come from one origin, and CivicJS calls SIP's. */
function securityHeaders(
  { scriptUrl, isDirect }: CivicPage,
  api = 'https://api.civic.com',
  https: boolean,
): RequestHandler {
  const civic = new URL(scriptUrl).origin
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", civic],
        styleSrc: ["'self'", civic],
        imgSrc: ["'self'", civic, 'data:'],
        connectSrc: [...new Set([...(isDirect ? ["'self'"] : []), civic, new URL(api).origin])],
        frameSrc: isDirect ? ["'self'", civic] : [civic],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        ...(https && { upgradeInsecureRequests: [] }),
      },
    },
    xFrameOptions: { action: 'deny' },
    // Helmet's default, no-referrer, makes browsers send `Origin: null` with a form, which no origin check can pass
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: https,
  })
}

/** A page for people, JSON for programs. Errors that the caller did not cause are logged, with only their stack. */
function problemHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const code = problemCode(error)
    const [status, title, advice] = problems[code]
    if (status >= 500) log(`${code}: ${(error instanceof Error && error.stack) || 'not an Error'}`)
    // A page at the posted address would post again when it is reloaded, now as same-origin, and pass the origin check
    // that refused it. So browsers, which name text/html, are redirected to a page with the problem.
    if (req.method === 'POST' && req.get('accept')?.includes('text/html')) {
      res.removeHeader('Retry-After')
      res.redirect(303, `/problem?code=${code}`)
      return
    }
    const { retryAfter } = Object(error) as { retryAfter?: unknown }
    if (typeof retryAfter === 'number') res.set('Retry-After', String(retryAfter))
    res.status(status).format({
      html: () => res.send(problemPage(title, advice, code, Boolean(req.user))),
      json: () => res.json({ error: code, message: `${title}. ${advice}` }),
      default: () => res.type('text').send(title),
    })
  }
}
