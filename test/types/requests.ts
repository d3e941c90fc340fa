// What the types say of requests: Express's, a Fetch request, and ours where none is named. Compiled, never run.
import type { Request as ExpressRequest } from 'express'
import passport from 'passport'
import { CivicStrategy } from 'passport-civic-sip'
import type { CivicStrategyOptions, CivicStrategyOptionsWithRequest, UserData } from 'passport-civic-sip'

const credentials = { appId: 'app12345', appSecret: '0', prvKey: '0' }
const byHost: Record<string, CivicStrategyOptions<ExpressRequest>> = {}

/** What an app keeps of somebody who logs in. */
interface Account {
  id: string
  address: string | undefined
}

function toAccount(id: string, address?: string): Account {
  return { id, address }
}

// The option tokenFromRequest, with and without the request in the callback
function tokenFromRequest(req: ExpressRequest): unknown {
  return req.query['token'] ?? req.get('X-Token')
}

passport.use(new CivicStrategy({ ...credentials, tokenFromRequest }, (userId) => toAccount(userId)))
passport.use(
  new CivicStrategy(
    { ...credentials, tokenFromRequest: (req: ExpressRequest) => req.query['token'] },
    (userId, scopeData, done) => done(null, toAccount(userId, String(scopeData.labels))),
  ),
)
passport.use(
  new CivicStrategy(
    { ...credentials, tokenFromRequest, passReqToCallback: true },
    (req, userId, _data, done) => {
      done(null, toAccount(userId, req.ip))
    },
  ),
)

// The options function
passport.use(
  new CivicStrategy(
    (req: ExpressRequest) => byHost[req.hostname] ?? { ...credentials, tokenFromRequest },
    (userId) => toAccount(userId),
  ),
)
passport.use(
  new CivicStrategy(
    (req: ExpressRequest) => Promise.resolve({ ...credentials, name: req.hostname, passReqToCallback: true }),
    (req, userId) => toAccount(userId, req.ip),
  ),
)

// Options that were declared before, whose passReqToCallback is a boolean to TypeScript
const declared = { ...credentials, passReqToCallback: true }
passport.use(new CivicStrategy(declared, (req: ExpressRequest, userId) => toAccount(userId, req.ip)))
passport.use(
  new CivicStrategy(declared, (req: ExpressRequest, userId, scopeData, done) => {
    done(null, toAccount(userId, `${req.ip} ${scopeData.length}`))
  }),
)
passport.use(
  new CivicStrategy(declared, (req, userId) => toAccount(userId, String(req.headers['x-address']))),
)
const annotated: CivicStrategyOptionsWithRequest<ExpressRequest> = { ...declared, tokenFromRequest }
passport.use(
  new CivicStrategy<Account, ExpressRequest>(annotated, (req, userId) => toAccount(userId, req.ip)),
)
const asConst = { ...credentials, passReqToCallback: true } as const
passport.use(new CivicStrategy(asConst, (req: ExpressRequest, userId) => toAccount(userId, req.ip)))

// A request of the web's own, as Next.js and Hono have it
export const web = new CivicStrategy(
  { ...credentials, tokenFromRequest: async (req: Request) => (await req.formData()).get('authToken') },
  (userId) => toAccount(userId),
)
web.authenticate(new Request('https://www.example.org/auth/civic', { method: 'POST' }))

// Nothing named: what the package itself reads
export const plain = new CivicStrategy(
  { ...credentials, tokenFromRequest: ({ headers }) => headers['x-token'] },
  (userId: string, scopeData: UserData) => toAccount(userId, String(scopeData.value('x'))),
)

// @ts-expect-error a request has headers
new CivicStrategy({ ...credentials, tokenFromRequest: (req: string) => req }, () => false)

// @ts-expect-error without passReqToCallback there is no request
new CivicStrategy({ ...credentials, passReqToCallback: false }, (_req, _userId, _data, _done) => false)
