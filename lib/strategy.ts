import { expectation } from './debug.ts'
import type { CivicError } from './errors.ts'
import type { AuthenticateOptions } from './guard.ts'
import { logIn } from './login.ts'
import type { AnyRequest, RequestLike } from './origin.ts'
import { deliver, outcomeOf } from './outcome.ts'
import { readSettings } from './strategy-options.ts'
import type {
  AnyStrategyOptions,
  CivicStrategyOptions,
  CivicStrategyOptionsWithRequest,
  StrategySettings,
} from './strategy-options.ts'
import { Base, readArguments, States } from './strategy-state.ts'
import type { AnyVerify } from './strategy-state.ts'
import type { Verify, VerifyWithRequest } from './verify-callback.ts'

/** Options; or a function from a request to options, for one process that serves several apps. */
export type OptionsSource<Options, Req extends AnyRequest = RequestLike> =
  Options | ((req: Req) => Options | Promise<Options>)

interface State {
  readonly settingsFor: (req: AnyRequest) => StrategySettings | Promise<StrategySettings>
  readonly verify: AnyVerify
}

const states = new States<State>()

/**
 * Passport strategy for Civic's Secure Identity Platform. A request brings the authorization code token that
 * CivicJS gave the page; the strategy verifies it, exchanges it for the person's data and asks the verify callback
 * whose account that is.
 *
 * @example
 * ```ts
 * import { CivicStrategy, Labels } from 'passport-civic-sip'
 *
 * const { appId, appSecret, prvKey } = options
 * passport.use(
 *   new CivicStrategy({ appId, appSecret, prvKey }, async (userId, scopeData) => {
 *     const email = scopeData.value(Labels.EMAIL) // undefined unless it is verified
 *     return accounts.findOrCreate({ userId, email })
 *   }),
 * )
 * app.post('/auth/civic', passport.authenticate('civic'), (req, res) => res.json(req.user))
 * ```
 */
export class CivicStrategy<User = unknown, Req extends AnyRequest = RequestLike> extends Base {
  /** The strategy's name for `passport.authenticate`. */
  name = 'civic'
  declare success: (user: unknown, info?: unknown) => void
  declare fail: (challenge?: unknown, status?: number) => void
  declare redirect: (url: string, status?: number) => void
  declare pass: () => void
  declare error: (error: unknown) => void

  /**
   * @param options as the README lists them; a function is called for each request. It should return the same object
   *   for the same app: a client and a replay store are kept for each object
   * @param verify finds, creates or links the account: `(userId, scopeData, done)`, with the request first where
   * `passReqToCallback` is true; calls `done(error, user, info)` or returns the user
   * @throws TypeError naming the option that is wrong
   */
  constructor(options: OptionsSource<CivicStrategyOptions<Req>, Req>, verify: Verify<User>)
  constructor(
    options: OptionsSource<CivicStrategyOptionsWithRequest<Req>, Req>,
    verify: VerifyWithRequest<User, Req>,
  )
  constructor(...args: readonly unknown[]) {
    super()
    const { before, verify } = readArguments(args, [1])
    const [options] = before as [Source | AnyStrategyOptions]
    if (typeof options === 'function') {
      states.set(this, { settingsFor: cached(options), verify })
    } else {
      states.set(this, { settingsFor: always(readSettings(options)), verify })
      if (options.name !== undefined) this.name = options.name
    }
  }

  /** Passport calls this for each request. It ends in exactly one of success, fail and error, and never throws. */
  authenticate(req: AnyRequest, options: AuthenticateOptions = {}): void {
    const attempt = {
      name: this.name,
      req,
      verify: (...args: unknown[]): unknown => states.of(this).verify(...args),
    }
    const outcome = outcomeOf(
      attempt,
      async () => states.of(this).settingsFor(req),
      (settings) => logIn(settings, req, options),
      expectedIn,
    )
    void outcome.then((what) => deliver(this, what))
  }
}

function always(settings: StrategySettings) {
  return (): StrategySettings => settings
}

type Source = (req: AnyRequest) => AnyStrategyOptions | Promise<AnyStrategyOptions>

/** Keeps the state for each options object as long as the app keeps the object. */
function cached(source: Source) {
  const made = new WeakMap<AnyStrategyOptions, StrategySettings>()
  return async (req: AnyRequest): Promise<StrategySettings> => {
    const options = await source(req)
    const settings = made.get(options) ?? readSettings(options)
    made.set(options, settings)
    return settings
  }
}

/** The configured value that the request did not match, if any. */
function expectedIn({ app, tokenPlace }: StrategySettings, error: CivicError): string | undefined {
  return error.reason === 'missing' ? tokenPlace : expectation(error, app.settings.expected)
}
