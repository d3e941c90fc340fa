import { createApp } from './exchange.ts'
import type { App } from './exchange.ts'
import { hasMethods, isObject } from './objects.ts'
import { requireThat } from './require.ts'
import type { CivicClientOptions } from './options.ts'
import { isOrigin } from './origin.ts'
import type { AnyRequest, OriginCheck, RequestLike } from './origin.ts'
import { MemoryReplayStore } from './replay.ts'
import type { ReplayStore } from './replay.ts'

/** @typeParam Req the framework's request, such as Express's */
export interface CivicStrategyOptions<Req extends AnyRequest = RequestLike> extends CivicClientOptions {
  /**
   * What `passport.authenticate` calls the strategy.
   *
   * @default `civic`
   */
  name?: string
  /**
   * Give the request to the verify callback, first.
   *
   * @default `false`
   */
  passReqToCallback?: false
  /**
   * The token's own property of `req.body`.
   *
   * @default `authToken`
   */
  tokenField?: string
  // A method, so that options for one kind of request fit where the strategy's is not known, as in NestJS's mixin
  /**
   * Reads the token from anywhere else. Its result is checked like a field's value.
   *
   * @default reads `tokenField`
   */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- it is called without `this`
  tokenFromRequest?(this: void, req: Req): unknown
  /**
   * The longest token, in characters.
   *
   * @default 8192
   */
  maxTokenLength?: number
  /**
   * `'strict'` also rejects requests with neither `Sec-Fetch-Site` nor `Origin`. `false`: off, except when linking.
   *
   * @default `true`
   */
  originCheck?: OriginCheck
  /**
   * Exact origins of other sites whose pages may post tokens here, such as `https://www.example.org`, and of native
   * apps and extensions, such as `capacitor://localhost`.
   *
   * @default none
   */
  trustedOrigins?: readonly string[]
  /**
   * Remembers used codes; `false` leaves that to SIP.
   *
   * @default this process's memory
   */
  replayStore?: ReplayStore | false
}

/** The options for a verify callback that gets the request. */
export interface CivicStrategyOptionsWithRequest<Req extends AnyRequest = RequestLike> extends Omit<
  CivicStrategyOptions<Req>,
  'passReqToCallback'
> {
  /** `true`; `boolean` also fits an options object that was declared before. */
  passReqToCallback: boolean
}

export type AnyStrategyOptions<Req extends AnyRequest = RequestLike> =
  CivicStrategyOptions<Req> | CivicStrategyOptionsWithRequest<Req>

/** Options, checked and normalised. */
export interface StrategySettings {
  readonly app: App
  readonly passReqToCallback: boolean
  /** Where the token comes from, for an error message. */
  readonly tokenPlace: string
  readonly tokenOf: (req: AnyRequest) => unknown
  readonly maxTokenLength: number
  readonly originCheck: OriginCheck
  readonly trustedOrigins: ReadonlySet<string>
  readonly replayStore: ReplayStore | false
  /** Tokens that this process refused as cross-origin. Every login checks it. */
  readonly burnt: MemoryReplayStore
}

/** @throws TypeError naming the first wrong option, never showing its value */
export function readSettings(options: AnyStrategyOptions): StrategySettings {
  requireThat(isObject(options), 'options must be an object with appId, appSecret and prvKey, or a function')
  const {
    name = 'civic',
    passReqToCallback = false,
    tokenField = 'authToken',
    maxTokenLength = 8192,
  } = options
  const { tokenFromRequest, originCheck = true, trustedOrigins = [], replayStore } = options
  requireThat(typeof name === 'string' && name !== '', 'name must be a string')
  requireThat(typeof passReqToCallback === 'boolean', 'passReqToCallback must be true or false')
  requireThat(typeof tokenField === 'string' && tokenField !== '', 'tokenField must be a string')
  requireThat(
    tokenFromRequest === undefined || typeof tokenFromRequest === 'function',
    'tokenFromRequest must be a function',
  )
  requireThat(
    Number.isInteger(maxTokenLength) && maxTokenLength > 0,
    'maxTokenLength must be a whole number, from 1',
  )
  requireThat([true, false, 'strict'].includes(originCheck), "originCheck must be true, false or 'strict'")
  requireThat(
    Array.isArray(trustedOrigins) && trustedOrigins.every(isOrigin),
    'trustedOrigins must be an array of exact origins, such as https://www.example.org or capacitor://localhost',
  )
  requireThat(
    replayStore === undefined || replayStore === false || hasMethods(replayStore, 'consume', 'release'),
    'replayStore must be an object with consume and release, or false',
  )
  const ownStore = new MemoryReplayStore()
  return {
    app: createApp(options, replayStore || ownStore),
    passReqToCallback,
    tokenPlace: tokenFromRequest ? 'tokenFromRequest' : `req.body.${tokenField}`,
    tokenOf: (tokenFromRequest as ((req: AnyRequest) => unknown) | undefined) ?? fieldReader(tokenField),
    maxTokenLength,
    originCheck,
    trustedOrigins: new Set(trustedOrigins as readonly string[]),
    replayStore: replayStore ?? ownStore,
    burnt: ownStore,
  }
}

/** Own properties only: `authToken` must not come from a body's prototype. */
function fieldReader(field: string) {
  return ({ body }: AnyRequest): unknown =>
    isObject(body) && Object.hasOwn(body, field) ? (body as Record<string, unknown>)[field] : undefined
}
