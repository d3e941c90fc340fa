import type { Agent } from 'node:http'
import type { KeyObject } from 'node:crypto'
import { privateKey, publicKey } from './keys.ts'
import type { KeyInput } from './keys.ts'
import { readAttestations } from './attestations.ts'
import type { AttestationsOption, AttestationSettings } from './attestations.ts'
import type { Fetch, FetchInit, FetchResponse } from './fetch.ts'
import { isLoopback } from './loopback.ts'
import { isNodeFetch, nodeFetch } from './node-fetch.ts'
import { isObject } from './objects.ts'
import { requireKnown, requireThat } from './require.ts'
import type { CivicStrategyOptions } from './strategy-options.ts'
import type { ExpectedClaims } from './token.ts'

/** Civic's production key (docs/protocol.md#keys). */
const CIVIC_PUBLIC_KEY =
  '049a45998638cfb3c4b211d72030d9ae8329a242db63bfb0076a54e7647370a8ac5708b57af6065805d5a6be72332620932dbb35e8d318fce18e7c980a0eb26aa1'

export interface CivicClientOptions {
  /** The app's id in Civic's partner portal. */
  appId: string
  /** The app's secret: 32, 48 or 64 hex digits; or `[current, previous]` while it is being rotated. */
  appSecret: string | readonly [current: string, previous?: string]
  /** The app's private key; or `[current, previous]` while it is being rotated. */
  prvKey: KeyInput | readonly [current: KeyInput, previous?: KeyInput]
  /**
   * The environment's segment of the URL.
   *
   * @default `prod`
   */
  env?: string
  /**
   * The API's base URL: https, or http to a loopback host.
   *
   * @default `https://api.civic.com/sip/`
   */
  api?: string
  /**
   * `false` leaves the environment out of the URL.
   *
   * @default `true`
   */
  includeStageInURL?: boolean
  /**
   * The audience of every token.
   *
   * @default `api`, with its slash
   */
  audience?: string
  /**
   * The issuer of SIP's tokens.
   *
   * @default `civic-sip-hosted-service`
   */
  issuer?: string
  /**
   * SIP's public key, or several while it is being rotated.
   *
   * @default Civic's production key
   */
  sipPublicKey?: KeyInput | readonly KeyInput[]
  /**
   * Seconds of clock difference to allow, at most 300.
   *
   * @default 60
   */
  clockTolerance?: number
  /**
   * Milliseconds for the whole exchange, including a large payload.
   *
   * @default 10,000
   */
  timeout?: number
  /**
   * How often to try again if SIP cannot have used the code.
   *
   * @default 1
   */
  retries?: number
  /**
   * Bytes of a response, after decompression.
   *
   * @default 4 MiB
   */
  maxResponseBytes?: number
  /**
   * Allowed hosts of a `processed` URL; one that starts with a dot includes its subdomains.
   *
   * @default `['.s3.amazonaws.com']`
   */
  payloadHosts?: readonly string[]
  /**
   * Verify what SIP sends instead of trusting it: each value by the proofs and signatures of the person's wallet
   * (docs/wallet-protocol.md#trusting-sip-less). For an app that has attestations turned on at SIP. Needs the package
   * `civic-attestations`.
   *
   * @default SIP is trusted
   */
  attestations?: AttestationsOption
  /**
   * Accept a response that is not encrypted.
   *
   * @default `false`
   */
  allowUnencrypted?: boolean
  /**
   * Node-fetch's agent; pins and proxies go here. Not with another `fetch`, nor under Bun: both would ignore it.
   *
   * @default the client's own keep-alive agents
   */
  agent?: Agent | ((url: URL) => Agent)
  /**
   * Any `fetch` with the standard's signature.
   *
   * @default node-fetch
   */
  fetch?: Fetch
}

/** The name of every option, including the strategy's: one object may serve a strategy and a client. */
const OPTIONS = Object.keys({
  appId: true,
  appSecret: true,
  prvKey: true,
  env: true,
  api: true,
  includeStageInURL: true,
  audience: true,
  issuer: true,
  sipPublicKey: true,
  clockTolerance: true,
  timeout: true,
  retries: true,
  maxResponseBytes: true,
  payloadHosts: true,
  attestations: true,
  allowUnencrypted: true,
  agent: true,
  fetch: true,
  name: true,
  passReqToCallback: true,
  tokenField: true,
  tokenFromRequest: true,
  maxTokenLength: true,
  originCheck: true,
  trustedOrigins: true,
  replayStore: true,
} satisfies Record<keyof CivicStrategyOptions, true>)

/** One pair of an app's credentials. */
export interface Credentials {
  readonly key: KeyObject
  readonly secret: string
}

/** Options, checked and normalised. Contains secrets: do not expose it. */
export interface Settings {
  readonly appId: string
  /** The pair to sign with, then the pair to fall back to while rotating. */
  readonly credentials: readonly [Credentials, ...Credentials[]]
  /** The secrets to decrypt with, current first. */
  readonly secrets: readonly string[]
  readonly exchangeUrl: string
  /** Set only if `api` is http to a loopback host: then a payload may come from there as well. */
  readonly loopbackOrigin: string | undefined
  readonly audience: string
  readonly sipKeys: readonly KeyObject[]
  readonly expected: ExpectedClaims
  readonly timeout: number
  readonly retries: number
  readonly maxResponseBytes: number
  readonly payloadHosts: readonly string[]
  readonly attestations: AttestationSettings | undefined
  readonly allowUnencrypted: boolean
  readonly agent: CivicClientOptions['agent']
  readonly fetch: (url: string, init: FetchInit) => Promise<FetchResponse>
}

/** @throws TypeError naming the first wrong option, never showing its value */
export function readOptions(options: CivicClientOptions): Settings {
  requireThat(isObject(options), 'options must be an object with appId, appSecret and prvKey')
  requireKnown(options, OPTIONS)
  const { appId, env = 'prod', includeStageInURL = true, issuer = 'civic-sip-hosted-service' } = options
  const { clockTolerance = 60, timeout = 10_000, retries = 1, maxResponseBytes = 4 * 1024 * 1024 } = options
  const { payloadHosts = ['.s3.amazonaws.com'], allowUnencrypted = false, agent } = options
  const fetch = options.fetch ?? nodeFetch
  requireThat(isText(appId), 'appId must be a string: the app id of your Civic partner portal')
  const secrets = pair(options.appSecret, 'appSecret', readSecret)
  const keys = pair(options.prvKey, 'prvKey', privateKey)
  requireThat(
    typeof env === 'string' && /^\w[\w.-]*$/.test(env),
    'env must be one segment of a URL, such as prod',
  )
  requireThat(typeof includeStageInURL === 'boolean', 'includeStageInURL must be true or false')
  const api = readApi(options.api ?? 'https://api.civic.com/sip/')
  const audience = options.audience ?? api.href
  requireThat(isText(audience), 'audience must be a string')
  requireThat(isText(issuer), 'issuer must be a string')
  requireThat(within(clockTolerance, 0, 300), 'clockTolerance must be seconds, from 0 to 300')
  requireThat(within(timeout, 1, 2 ** 31 - 1), 'timeout must be milliseconds, more than 0')
  requireThat(Number.isInteger(retries) && retries >= 0, 'retries must be a whole number, from 0')
  requireThat(
    Number.isInteger(maxResponseBytes) && maxResponseBytes > 0,
    'maxResponseBytes must be a whole number, from 1',
  )
  requireThat(
    Array.isArray(payloadHosts) && payloadHosts.every(isHost),
    'payloadHosts must be an array of lower-case host names; one may start with a dot',
  )
  requireThat(typeof allowUnencrypted === 'boolean', 'allowUnencrypted must be true or false')
  requireThat(
    agent === undefined || isObject(agent) || typeof agent === 'function',
    'agent must be an http.Agent, or a function from a URL to one',
  )
  requireThat(typeof fetch === 'function', 'fetch must be a function')
  requireThat(
    agent === undefined || fetch === nodeFetch || isNodeFetch(fetch),
    'agent must be left out with another fetch, which ignores it: pin, or set a proxy, inside that fetch',
  )
  requireThat(
    agent === undefined || process.versions['bun'] === undefined,
    'agent must be left out under Bun, whose node-fetch ignores it: pin, or set a proxy, in your own fetch',
  )
  return {
    appId,
    credentials: zip(keys, secrets),
    secrets,
    exchangeUrl: `${api.href}${includeStageInURL ? `${env}/` : ''}scopeRequest/authCode`,
    loopbackOrigin: api.protocol === 'http:' ? api.origin : undefined,
    audience,
    sipKeys: readSipKeys(options.sipPublicKey ?? CIVIC_PUBLIC_KEY),
    expected: { issuer, audience, subject: appId, clockTolerance },
    timeout,
    retries,
    maxResponseBytes,
    payloadHosts: [...(payloadHosts as readonly string[])],
    attestations: readAttestations(options.attestations, audience),
    allowUnencrypted,
    agent,
    fetch: fetch as Settings['fetch'],
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function within(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most
}

function isHost(value: unknown): boolean {
  return typeof value === 'string' && /^\.?[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(value)
}

/** `current`, or `[current, previous]`. */
function pair<T>(input: unknown, name: string, read: (one: unknown, name: string) => T): [T, ...T[]] {
  const [current, previous, ...more] = Array.isArray(input) ? (input as unknown[]) : [input]
  requireThat(more.length === 0, `${name} must be one value, or [current, previous]`)
  const first = read(current, name)
  return previous === undefined ? [first] : [first, read(previous, name)]
}

function zip(keys: [KeyObject, ...KeyObject[]], secrets: [string, ...string[]]): Settings['credentials'] {
  const current = { key: keys[0], secret: secrets[0] }
  if (keys.length === 1 && secrets.length === 1) return [current]
  return [current, { key: keys[1] ?? keys[0], secret: secrets[1] ?? secrets[0] }]
}

function readSecret(input: unknown, name: string): string {
  const isSecret = typeof input === 'string' && /^(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/i.test(input)
  requireThat(isSecret, `${name} must be 32, 48 or 64 hex digits`)
  return input
}

function readSipKeys(input: unknown): KeyObject[] {
  const keys: unknown[] = Array.isArray(input) ? input : [input]
  requireThat(keys.length > 0, 'sipPublicKey must be a key, or an array of at least one')
  return keys.map((key) => publicKey(key))
}

function readApi(input: unknown): URL {
  const message =
    'api must be an https URL (http only to a loopback host), without credentials, query or fragment'
  requireThat(typeof input === 'string' && URL.canParse(input), message)
  const url = new URL(input.endsWith('/') ? input : `${input}/`)
  const { protocol, username, password, search, hash, hostname } = url
  requireThat(protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)), message)
  requireThat(username + password + search + hash === '', message)
  return url
}
