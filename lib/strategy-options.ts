import { CivicClient } from './exchange.ts'
import { hasMethods, isObject, requireThat, type CivicClientOptions } from './options.ts'
import type { OriginCheck, RequestLike } from './origin.ts'
import { MemoryReplayStore, type ReplayStore } from './replay.ts'

export interface CivicStrategyOptions extends CivicClientOptions {
  /** What `passport.authenticate` calls the strategy. Default `civic`. */
  name?: string
  /** Give the request to the verify callback, first. Default `false`. */
  passReqToCallback?: false
  /** The token's own property of `req.body`. Default `authToken`. */
  tokenField?: string
  /** Finds the token anywhere else; what it returns is checked like a field's value. */
  tokenFromRequest?: (req: RequestLike) => unknown
  /** Characters of a token. Default 8192. */
  maxTokenLength?: number
  /** `'strict'`: refuse what does not say where it is from; `false`: off, except when linking. Default `true`. */
  originCheck?: OriginCheck
  /** Exact origins of other sites whose pages may post tokens here, such as `https://www.example.org`. */
  trustedOrigins?: readonly string[]
  /** Where used codes are remembered; `false` leaves that to SIP. Default: this process's memory. */
  replayStore?: ReplayStore | false
}

/** The same, for a verify callback that gets the request. */
export interface CivicStrategyOptionsWithRequest extends Omit<CivicStrategyOptions, 'passReqToCallback'> {
  passReqToCallback: true
}

export type AnyStrategyOptions = CivicStrategyOptions | CivicStrategyOptionsWithRequest

/** Options, checked and normalised. */
export interface StrategySettings {
  readonly client: CivicClient
  readonly passReqToCallback: boolean
  readonly tokenOf: (req: RequestLike) => unknown
  readonly maxTokenLength: number
  readonly originCheck: OriginCheck
  readonly trustedOrigins: ReadonlySet<string>
  readonly replayStore: ReplayStore | false
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
    'trustedOrigins must be an array of exact origins, such as https://www.example.org',
  )
  requireThat(
    replayStore === undefined || replayStore === false || hasMethods(replayStore, 'consume', 'release'),
    'replayStore must be an object with consume and release, or false',
  )
  return {
    client: new CivicClient(options),
    passReqToCallback,
    tokenOf: tokenFromRequest ?? fieldReader(tokenField),
    maxTokenLength,
    originCheck,
    trustedOrigins: new Set(trustedOrigins as readonly string[]),
    replayStore: replayStore ?? new MemoryReplayStore(),
  }
}

/** Own properties only: a body that a parser made must not find `authToken` on a prototype. */
const fieldReader =
  (field: string) =>
  ({ body }: RequestLike): unknown =>
    isObject(body) && Object.hasOwn(body, field) ? (body as Record<string, unknown>)[field] : undefined

const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
