import { CivicError } from '../errors.ts'
import { guard } from '../guard.ts'
import type { AuthenticateOptions } from '../guard.ts'
import { readHeader } from '../headers.ts'
import { isObject, isPlainObject } from '../objects.ts'
import type { AnyRequest, OriginCheck, RequestLike } from '../origin.ts'
import { deliver, outcomeOf } from '../outcome.ts'
import type { Verified } from '../outcome.ts'
import { requireKnown, requireThat } from '../require.ts'
import { Base, readArguments, States } from '../strategy-state.ts'
import type { AnyVerify } from '../strategy-state.ts'
import { UserData } from '../user-data.ts'
import type { Verify, VerifyWithRequest } from '../verify-callback.ts'
import { cookieName, readCookie } from './cookie.ts'
import type { DirectCore } from './core.ts'
import { coreOf } from './requests.ts'
import type { DirectRequests } from './requests.ts'

export interface CivicDirectStrategyOptions {
  /**
   * The strategy's name for `passport.authenticate`.
   *
   * @default `civic-direct`
   */
  name?: string
  /**
   * Give the request to the verify callback, first.
   *
   * @default `false`
   */
  passReqToCallback?: false
  /**
   * `'strict'` also rejects requests with neither `Sec-Fetch-Site` nor `Origin`. `false`: off, except when linking.
   *
   * @default `true`
   */
  originCheck?: OriginCheck
}

/** The options for a verify callback that gets the request. */
export interface CivicDirectStrategyOptionsWithRequest extends Omit<
  CivicDirectStrategyOptions,
  'passReqToCallback'
> {
  passReqToCallback: true
}

interface Settings {
  readonly core: DirectCore
  readonly name: string
  readonly passReqToCallback: boolean
  readonly originCheck: OriginCheck
  readonly trustedOrigins: ReadonlySet<string>
}

interface State {
  readonly settings: Settings
  readonly verify: AnyVerify
}

const states = new States<State>()

/**
 * Passport strategy for the Direct option. The body is `{ uuid, responseCode?, confirm? }`, the JSON of CivicJS's
 * event. The strategy logs in the person whose wallet approved that request, once, in the browser that started it.
 */
export class CivicDirectStrategy<User = unknown, Req extends AnyRequest = RequestLike> extends Base {
  /** The strategy's name for `passport.authenticate`. */
  name: string
  declare success: (user: unknown, info?: unknown) => void
  declare fail: (challenge?: unknown, status?: number) => void
  declare redirect: (url: string, status?: number) => void
  declare pass: () => void
  declare error: (error: unknown) => void

  /**
   * @param direct the site's DirectRequests
   * @param verify finds, creates or links the account, as CivicStrategy's does
   * @throws TypeError naming the option that is wrong
   */
  constructor(direct: DirectRequests, verify: Verify<User>)
  /** The same, with options between the two. */
  constructor(direct: DirectRequests, options: CivicDirectStrategyOptions, verify: Verify<User>)
  constructor(
    direct: DirectRequests,
    options: CivicDirectStrategyOptionsWithRequest,
    verify: VerifyWithRequest<User, Req>,
  )
  constructor(direct: DirectRequests, ...rest: readonly unknown[]) {
    super()
    const { before, verify } = readArguments(rest, [0, 1])
    const settings = readSettings(coreOf(direct), before.length === 1 ? before[0] : {})
    states.set(this, { settings, verify })
    this.name = settings.name
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
      // Async, so that an exception becomes a rejection
      async () => Promise.resolve(states.of(this).settings),
      (settings) => logIn(settings, req, options),
      (_settings, error) => missingMember(error),
    )
    void outcome.then((what) => deliver(this, what))
  }
}

/** What the body did not have, for the debug line. */
export function missingMember({ code }: CivicError): string | undefined {
  return code === 'CIVIC_REQUEST_MISSING' ? 'uuid' : undefined
}

function readSettings(core: DirectCore, options: unknown): Settings {
  requireThat(isPlainObject(options), 'options must be an object')
  requireKnown(options, ['name', 'passReqToCallback', 'originCheck'])
  const { name = 'civic-direct', passReqToCallback = false, originCheck = true } = options
  requireThat(typeof name === 'string' && name !== '', 'name must be a string')
  requireThat(typeof passReqToCallback === 'boolean', 'passReqToCallback must be true or false')
  requireThat(
    originCheck === true || originCheck === false || originCheck === 'strict',
    "originCheck must be true, false or 'strict'",
  )
  const { trustedOrigins } = core.settings
  return { core, name, passReqToCallback, originCheck, trustedOrigins }
}

/** M5: checks origin, cookie, state and code, then takes the data, once. @throws CivicError */
async function logIn(settings: Settings, req: AnyRequest, options: AuthenticateOptions): Promise<Verified> {
  const { core } = settings
  const uuid = own(req.body, 'uuid')
  // Before the origin check, so that a chain of strategies responds "bad request", not "forbidden"
  if (typeof uuid !== 'string' || uuid === '') {
    throw new CivicError(
      'CIVIC_REQUEST_MISSING',
      'The request contains no uuid (is its body parsed, and is it what CivicJS gave the page?)',
    )
  }
  const refusal = guard(req, options, settings)
  if (refusal) throw refusal
  const { origin, proximity } = core.settings
  const browser = readCookie(readHeader(req.headers, 'cookie'), cookieName(origin)) ?? ''
  const { userId, items, sameNetwork } = await core.finish(uuid, browser, {
    responseCode: own(req.body, 'responseCode'),
    confirm: own(req.body, 'confirm'),
  })
  const data = new UserData(items)
  return proximity === 'report' ? { userId, data, info: { sameNetwork } } : { userId, data }
}

/** Own properties only: a member must not come from a body's prototype. */
function own(body: unknown, name: string): unknown {
  return isObject(body) && Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined
}
