import PassportStrategy from 'passport-strategy'
import type { CivicUser } from './answer.ts'
import { debug, expectation } from './debug.ts'
import { CivicError } from './errors.ts'
import { internals } from './exchange.ts'
import { logIn } from './login.ts'
import type { AuthenticateOptions } from './login.ts'
import type { AnyRequest, RequestLike } from './origin.ts'
import { readSettings } from './strategy-options.ts'
import type {
  AnyStrategyOptions,
  CivicStrategyOptions,
  CivicStrategyOptionsWithRequest,
  StrategySettings,
} from './strategy-options.ts'
import { asError, callVerify } from './verify-callback.ts'
import type { Done, Verify, VerifyWithRequest } from './verify-callback.ts'

/** Options, or a function from a request to them, for one process that serves several apps. */
export type OptionsSource<Options, Req extends AnyRequest = RequestLike> =
  Options | ((req: Req) => Options | Promise<Options>)

/** What Passport adds to a strategy for one request. */
interface Actions {
  success(user: unknown, info?: unknown): void
  fail(challenge: unknown, status: number): void
  error(error: unknown): void
}

interface State {
  readonly settingsFor: (req: AnyRequest) => StrategySettings | Promise<StrategySettings>
  readonly verify: (...args: unknown[]) => unknown
}

// Passport runs each request behind Object.create(strategy), which has no private fields and is no WeakMap's key
const states = new WeakMap<object, State>()

// Typed here, so that the published types need neither @types/passport-strategy nor @types/express
const Base = PassportStrategy as unknown as new () => object

/**
 * Passport strategy for Civic's Secure Identity Platform. A request brings the authorization code token that
 * CivicJS gave the page; the strategy verifies it, exchanges it for the person's data and asks the verify callback
 * whose account that is.
 */
export class CivicStrategy<User = unknown, Req extends AnyRequest = RequestLike> extends Base {
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
  constructor(options: OptionsSource<CivicStrategyOptions<Req>, Req>, verify: Verify<User>)
  constructor(
    options: OptionsSource<CivicStrategyOptionsWithRequest<Req>, Req>,
    verify: VerifyWithRequest<User, Req>,
  )
  constructor(options: OptionsSource<AnyStrategyOptions<Req>, Req>, verify: (...args: never[]) => unknown) {
    super()
    if (typeof verify !== 'function') throw new TypeError('verify must be a function, after the options')
    states.set(this, {
      settingsFor:
        typeof options === 'function'
          ? cached(options as Source)
          : always(readSettings(options as AnyStrategyOptions)),
      verify: verify as State['verify'],
    })
    if (typeof options !== 'function' && options.name !== undefined) this.name = options.name
  }

  /** Ends in exactly one of success, fail and error; never throws. Passport calls it for each request. */
  authenticate(req: AnyRequest, options: AuthenticateOptions = {}): void {
    void attempt(this, req, options).then((outcome) => deliver(this, outcome))
  }
}

/** The state of a strategy, or of the object that Passport made of it for one request. */
function stateOf(strategy: object): State {
  let at = strategy
  while (!states.has(at)) at = Object.getPrototypeOf(at) as object
  return states.get(at) as State
}

function always(settings: StrategySettings) {
  return (): StrategySettings => settings
}

type Source = (req: AnyRequest) => AnyStrategyOptions | Promise<AnyStrategyOptions>

/** Keeps what was made of each options object as long as the app keeps the object. */
function cached(source: Source) {
  const made = new WeakMap<AnyStrategyOptions, StrategySettings>()
  return async (req: AnyRequest): Promise<StrategySettings> => {
    const options = await source(req)
    const settings = made.get(options) ?? readSettings(options)
    made.set(options, settings)
    return settings
  }
}

type Outcome =
  | { kind: 'success'; user: unknown; info: unknown }
  | { kind: 'fail'; challenge: unknown; status: number }
  | { kind: 'error'; error: unknown }

/** One request, from what it brings to what becomes of it. */
async function attempt(strategy: object, req: AnyRequest, options: AuthenticateOptions): Promise<Outcome> {
  let settings: StrategySettings | undefined
  let user: CivicUser
  let verify: (done: Done<unknown>) => unknown
  try {
    const state = stateOf(strategy)
    settings = await state.settingsFor(req)
    user = await logIn(settings, req, options)
    const args: unknown[] = [user.userId, user.data]
    if (settings.passReqToCallback) args.unshift(req)
    verify = (done) => state.verify(...args, done)
  } catch (error) {
    if (!(error instanceof CivicError)) return failure(error, 'the options or the request cannot be read')
    const { message, code, reason, status, expose } = error
    const kind = expose ? 'fail' : 'error'
    debug('login %j', { outcome: kind, status, code, reason, expected: expectedIn(settings, error) })
    return expose ? { kind: 'fail', challenge: { message, code, reason }, status } : { kind: 'error', error }
  }
  try {
    const verdict = await callVerify(verify)
    if (verdict.user) {
      debug('login %j', { outcome: 'success', status: 200 })
      return { kind: 'success', ...verdict }
    }
    debug('login %j', { outcome: 'fail', status: 401, reason: 'the verify callback gave no user' })
    return { kind: 'fail', challenge: verdict.info, status: 401 }
  } catch (error) {
    return failure(error, 'the verify callback failed')
  }
}

/** What the site was configured to expect, where that is what the request did not meet. */
function expectedIn(settings: StrategySettings | undefined, error: CivicError): string | undefined {
  if (!settings) return undefined
  if (error.reason === 'missing') return settings.tokenPlace
  return expectation(error, internals.expected(settings.client))
}

/** What is thrown besides a CivicError may hold anything, so that no log line shows it. */
function failure(thrown: unknown, reason: string): Outcome {
  debug('login %j', { outcome: 'error', reason })
  return { kind: 'error', error: asError(thrown) }
}

/** An action runs the app's own code on the way: what that throws must not leave the request without an outcome. */
function deliver(strategy: Actions, outcome: Outcome): void {
  try {
    if (outcome.kind === 'success') strategy.success(outcome.user, outcome.info)
    else if (outcome.kind === 'fail') strategy.fail(outcome.challenge, outcome.status)
    else strategy.error(outcome.error)
  } catch (thrown) {
    try {
      strategy.error(thrown)
    } catch (again) {
      process.emitWarning(again instanceof Error ? again : new Error('passport-civic-sip: error() threw'))
    }
  }
}
