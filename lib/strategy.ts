import { createHash } from 'node:crypto'
import PassportStrategy from 'passport-strategy'
import type { CivicUser } from './answer.ts'
import type { Deadline } from './deadline.ts'
import { CivicError } from './errors.ts'
import { internals, type VerifiedAuthCode } from './exchange.ts'
import { isFromOwnPage, type RequestLike } from './origin.ts'
import type { ReplayStore } from './replay.ts'
import {
  readSettings,
  type AnyStrategyOptions,
  type CivicStrategyOptions,
  type CivicStrategyOptionsWithRequest,
  type StrategySettings,
} from './strategy-options.ts'
import { asError, callVerify, type Done, type Verify, type VerifyWithRequest } from './verify-callback.ts'

/** Options, or a function from a request to them, for one process that serves several apps. */
export type OptionsSource<Options> = Options | ((req: RequestLike) => Options | Promise<Options>)

/** What Passport passes on of `authenticate`'s and `authorize`'s options, as far as it matters here. */
export interface AuthenticateOptions {
  /** Set by `passport.authorize`: the request links an identity to somebody who is logged in. */
  assignProperty?: string
  userProperty?: string
}

/** What Passport adds to a strategy for one request. */
interface Actions {
  success(user: unknown, info?: unknown): void
  fail(challenge: unknown, status: number): void
  error(error: unknown): void
}

interface State {
  readonly settingsFor: (req: RequestLike) => StrategySettings | Promise<StrategySettings>
  readonly verify: (...args: unknown[]) => unknown
}

// Passport runs each request behind Object.create(strategy), which has no private fields and is no WeakMap's key
const states = new WeakMap<object, State>()

// typed here, so that the published types need neither @types/passport-strategy nor @types/express
const Base = PassportStrategy as unknown as new () => object

/**
 * Passport strategy for Civic's Secure Identity Platform. A request brings the authorization code token that
 * CivicJS gave the page; the strategy proves it, trades it for the person's data and asks the verify callback
 * whose account that is.
 */
export class CivicStrategy<User = unknown, Req extends RequestLike = RequestLike> extends Base {
  /** What `passport.authenticate` calls it. */
  name = 'civic'
  declare success: (user: unknown, info?: unknown) => void
  declare fail: (challenge?: unknown, status?: number) => void
  declare redirect: (url: string, status?: number) => void
  declare pass: () => void
  declare error: (error: unknown) => void

  /**
   * @param options as the README lists them; a function is called for each request, and should return the same
   * object for the same app, since a client and a replay store are kept for each object
   * @param verify finds, creates or links the account: `(userId, scopeData, done)`, with the request first where
   * `passReqToCallback` is true; calls `done(error, user, info)` or returns the user
   * @throws TypeError naming the option that is wrong
   */
  constructor(options: OptionsSource<CivicStrategyOptionsWithRequest>, verify: VerifyWithRequest<User, Req>)
  constructor(options: OptionsSource<CivicStrategyOptions>, verify: Verify<User>)
  constructor(options: OptionsSource<AnyStrategyOptions>, verify: (...args: never[]) => unknown) {
    super()
    if (typeof verify !== 'function') throw new TypeError('verify must be a function, after the options')
    states.set(this, {
      settingsFor: typeof options === 'function' ? cached(options) : always(readSettings(options)),
      verify: verify as State['verify'],
    })
    if (typeof options !== 'function' && options.name !== undefined) this.name = options.name
  }

  /** Ends in exactly one of success, fail and error; never throws. Passport calls it for each request. */
  authenticate(req: RequestLike, options: AuthenticateOptions = {}): void {
    void attempt(this, req, options).then((outcome) => deliver(this, outcome))
  }
}

/** The state of a strategy, or of the object that Passport made of it for one request. */
function stateOf(strategy: object): State {
  let at = strategy
  while (!states.has(at)) at = Object.getPrototypeOf(at) as object
  return states.get(at) as State
}

const always = (settings: StrategySettings) => (): StrategySettings => settings

/** Keeps what was made of each options object as long as the app keeps the object. */
function cached(source: (req: RequestLike) => AnyStrategyOptions | Promise<AnyStrategyOptions>) {
  const made = new WeakMap<AnyStrategyOptions, StrategySettings>()
  return async (req: RequestLike): Promise<StrategySettings> => {
    const options = await source(req)
    const settings = made.get(options) ?? readSettings(options)
    made.set(options, settings)
    return settings
  }
}

type Outcome = (strategy: Actions) => void

/** One request, from what it brings to what becomes of it. */
async function attempt(strategy: object, req: RequestLike, options: AuthenticateOptions): Promise<Outcome> {
  let user: CivicUser
  let verify: (done: Done<unknown>) => unknown
  try {
    const state = stateOf(strategy)
    const settings = await state.settingsFor(req)
    user = await prove(settings, req, options)
    const args: unknown[] = [user.userId, user.data]
    if (settings.passReqToCallback) args.unshift(req)
    verify = (done) => state.verify(...args, done)
  } catch (error) {
    if (!(error instanceof CivicError) || !error.expose) return failure(error)
    const { message, code, status } = error
    return (actions) => actions.fail({ message, code }, status)
  }
  try {
    const verdict = await callVerify(verify)
    if (verdict.user) return (actions) => actions.success(verdict.user, verdict.info)
    return (actions) => actions.fail(verdict.info, 401)
  } catch (error) {
    return failure(error)
  }
}

const failure =
  (error: unknown): Outcome =>
  (actions) =>
    actions.error(asError(error))

/** An action runs the app's own code on the way: what that throws must not leave the request without an outcome. */
function deliver(strategy: Actions, outcome: Outcome): void {
  try {
    outcome(strategy)
  } catch (thrown) {
    try {
      strategy.error(thrown)
    } catch (again) {
      process.emitWarning(again instanceof Error ? again : new Error('passport-civic-sip: error() threw'))
    }
  }
}

/** Steps 1 to 5: from a request to a proved person. */
async function prove(
  settings: StrategySettings,
  req: RequestLike,
  options: AuthenticateOptions,
): Promise<CivicUser> {
  checkOrigin(settings, req, options)
  const token = checkToken(await settings.tokenOf(req), settings.maxTokenLength)
  const verified = settings.client.verifyAuthCode(token)
  const deadline = internals.deadline(settings.client)
  try {
    return await exchangeOnce(settings, verified, deadline)
  } finally {
    deadline.stop()
  }
}

/** Linking a stranger's identity is account take-over, so there the check is strict and cannot be turned off. */
function checkOrigin(settings: StrategySettings, req: RequestLike, options: AuthenticateOptions): void {
  const user = userOf(req, options)
  const isLinking = options.assignProperty !== undefined || Boolean(user)
  if (!isFromOwnPage(req, isLinking ? 'strict' : settings.originCheck, settings.trustedOrigins)) {
    throw new CivicError(
      'CIVIC_CROSS_ORIGIN',
      "The request is not from one of this site's own pages (trustedOrigins lists others)",
    )
  }
  if (isLinking && !user) {
    throw new CivicError(
      'CIVIC_LINK_REFUSED',
      'Log in first: an identity is linked to the account that is logged in',
    )
  }
}

/** Whoever is logged in already, under the name that the app gave it. */
function userOf(
  req: RequestLike & { _userProperty?: string },
  { userProperty }: AuthenticateOptions,
): unknown {
  // what passport.initialize({ userProperty }) leaves on the request
  const { _userProperty: named = 'user' } = req
  return (req as unknown as Record<string, unknown>)[userProperty ?? named]
}

function checkToken(token: unknown, maxLength: number): string {
  if (token === undefined || token === null || token === '') {
    throw new CivicError(
      'CIVIC_TOKEN_MISSING',
      'The request holds no authorization code token (is its body parsed, and tokenField the right name?)',
    )
  }
  if (typeof token !== 'string') throw new CivicError('CIVIC_TOKEN_MALFORMED', 'The token must be a string')
  if (token.length > maxLength) throw new CivicError('CIVIC_TOKEN_MALFORMED', 'The token is too long')
  return token
}

/** Remembers the code as used, trades it, and forgets it again only where nothing can have used it. */
async function exchangeOnce(
  { client, replayStore }: StrategySettings,
  verified: VerifiedAuthCode,
  deadline: Deadline,
): Promise<CivicUser> {
  if (replayStore === false) return internals.exchange(client, verified, deadline)
  const { sub, jti, data, iat, exp } = verified
  const key = createHash('sha256')
    .update(JSON.stringify([sub, jti, data.codeToken]))
    .digest('hex')
  // no clock difference lets a token outlive its key
  const ttlMs = Math.ceil((exp - iat + 2 * internals.clockTolerance(client)) * 1000)
  await consume(replayStore, key, ttlMs, deadline)
  try {
    return await internals.exchange(client, verified, deadline)
  } catch (error) {
    // a store that cannot forget the key now costs this token, and must not hide the first error
    if ((error as CivicError).retryable) await deadline.race(release(replayStore, key)).catch(() => undefined)
    throw error
  }
}

const release = async (store: ReplayStore, key: string): Promise<unknown> => store.release(key)

async function consume(store: ReplayStore, key: string, ttlMs: number, deadline: Deadline): Promise<void> {
  const consumed = (async () => store.consume(key, ttlMs))()
  const isFirst = await deadline.race(consumed).catch(() => undefined)
  if (isFirst === false) throw new CivicError('CIVIC_TOKEN_REPLAYED', 'The token was used before')
  if (isFirst === true) return
  // one that comes too late marks a code as used that nobody used
  consumed.then((late) => late && store.release(key)).catch(() => undefined)
  // the store's own error stays out: ioredis puts the command's arguments, so the key, in it
  throw new CivicError('CIVIC_STORE_UNAVAILABLE', 'The replay store fails, is full or is too slow', {
    retryable: true,
  })
}
