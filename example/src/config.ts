import { join } from 'node:path'
import { EsploraLedger } from 'civic-attestations'
import type { CivicStrategyOptions } from 'passport-civic-sip'
import type { DirectOptions } from 'passport-civic-sip/direct'

/** The SIP that the site talks to. */
export interface Sip {
  readonly civic: CivicStrategyOptions
  /** CivicJS. */
  readonly scriptUrl: string
}

/** The settings of the Direct option. */
export type Direct = Pick<DirectOptions, 'origin' | 'walletUrl' | 'ledger' | 'authorities' | 'insecureLan'>

/** The settings in the environment; README.md lists the variables. */
export interface Config {
  /** Undefined if no CIVIC_* credentials are set. */
  readonly sip: Sip | undefined
  /** Undefined if DIRECT is not set. */
  readonly direct: Direct | undefined
  readonly host: string
  /** Undefined: 3000 if it is free, otherwise any port. */
  readonly port: number | undefined
  /** Whether people reach the site over https. */
  readonly https: boolean
  /** The number of proxies in front. */
  readonly trustProxy: number
  /** The folder for data that no database server stores. */
  readonly dataFolder: string
  /** A `postgres://` URL, or the data folder. */
  readonly database: string
  readonly redisUrl: string | undefined
  /** The secrets that sign session cookies, the current one first. Undefined: one from the data folder. */
  readonly sessionSecrets: readonly string[] | undefined
}

/** A wrong setting, or a port or folder that is in use. The message says what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

const CIVIC_API = 'https://api.civic.com/sip/'
const CIVIC_SCRIPT = 'https://hosted-sip.civic.com/js/civic.sip.min.js'
const DIRECT = ['SITE_URL', 'WALLET_URL', 'ESPLORA_URL', 'AUTHORITIES'] as const
const CREDENTIALS = ['CIVIC_APP_ID', 'CIVIC_APP_SECRET', 'CIVIC_PRIVATE_KEY'] as const

/** @throws SetupError */
export function readConfig(variables: NodeJS.ProcessEnv): Config {
  // Container platforms set empty variables, which count as not set
  const env = Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim()))
  const isProduction = env.NODE_ENV === 'production'
  const siteUrl = env.SITE_URL === undefined ? undefined : readUrl('SITE_URL', env.SITE_URL)
  const https = siteUrl ? siteUrl.protocol === 'https:' : isProduction
  const dataFolder = env.DATA_FOLDER ?? join(import.meta.dirname, '../.data')
  return {
    sip: readSip(env, isProduction),
    direct: readDirect(env, siteUrl),
    host: env.HOST ?? '127.0.0.1',
    port: env.PORT === undefined ? undefined : readNumber('PORT', env.PORT, 65_535),
    https,
    // The site itself serves http: a proxy ends https
    trustProxy:
      env.TRUST_PROXY === undefined ? Number(https) : readNumber('TRUST_PROXY', env.TRUST_PROXY, 10),
    dataFolder,
    database: env.DATABASE_URL ?? dataFolder,
    redisUrl: env.REDIS_URL,
    sessionSecrets: readSessionSecrets(env, isProduction),
  }
}

/** `current,previous`: cookies are signed with the first, and accepted with each. */
function readSessionSecrets(env: NodeJS.ProcessEnv, isProduction: boolean): string[] | undefined {
  if (env.SESSION_SECRET === undefined) {
    if (!isProduction) return undefined
    throw new SetupError('NODE_ENV is production: set SESSION_SECRET to 32 or more random characters')
  }
  const secrets = env.SESSION_SECRET.split(',').map((secret) => secret.trim())
  if (secrets.every(({ length }) => length >= 32)) return secrets
  throw new SetupError('SESSION_SECRET must be 32 or more random characters, or two such: current,previous')
}

/** All or none: a missing variable must not put the sandbox, where anyone can log in as anyone, on the internet. */
function readSip(env: NodeJS.ProcessEnv, isProduction: boolean): Sip | undefined {
  const { CIVIC_APP_ID: appId, CIVIC_APP_SECRET: appSecret, CIVIC_PRIVATE_KEY: prvKey } = env
  const missing = CREDENTIALS.filter((name) => env[name] === undefined)
  if (missing.length === CREDENTIALS.length) {
    if (!isProduction) return undefined
    throw new SetupError(`NODE_ENV is production: set ${CREDENTIALS.join(', ')}`)
  }
  if (!appId || !appSecret || !prvKey)
    throw new SetupError(
      `${missing.join(' and ')} not set: set all of ${CREDENTIALS.join(', ')}, or none of them`,
    )
  const civic = {
    appId,
    appSecret,
    prvKey,
    ...(env.CIVIC_ENV && { env: env.CIVIC_ENV }),
    ...(env.CIVIC_API && { api: readUrl('CIVIC_API', env.CIVIC_API).href }),
    ...(env.CIVIC_AUDIENCE && { audience: env.CIVIC_AUDIENCE }),
    ...(env.CIVIC_SIP_PUBLIC_KEY && { sipPublicKey: env.CIVIC_SIP_PUBLIC_KEY }),
  }
  return { civic, scriptUrl: readScript(env) }
}

/** @param siteUrl people's userIds are derived from it, so it can never change */
function readDirect(env: NodeJS.ProcessEnv, siteUrl: URL | undefined): Direct | undefined {
  if (env.DIRECT !== '1') return undefined
  const missing = DIRECT.filter((name) => env[name] === undefined)
  if (missing.length > 0 || !siteUrl) throw new SetupError(`DIRECT=1 needs ${missing.join(', ')} as well`)
  return {
    origin: siteUrl.origin,
    walletUrl: readUrl('WALLET_URL', env.WALLET_URL ?? '').href,
    ledger: new EsploraLedger(readUrl('ESPLORA_URL', env.ESPLORA_URL ?? '').href),
    authorities: (env.AUTHORITIES ?? '').split(',').map((xpub) => xpub.trim()),
  }
}

/** A sandbox serves CivicJS next to its API; Civic uses another host for it. */
function readScript({ CIVIC_SCRIPT: script, CIVIC_API: api = CIVIC_API }: NodeJS.ProcessEnv): string {
  if (script) return readUrl('CIVIC_SCRIPT', script).href
  return api.startsWith(CIVIC_API) ? CIVIC_SCRIPT : new URL('/js/civic.sip.min.js', api).href
}

function readUrl(name: string, value: string): URL {
  if (URL.canParse(value) && /^https?:/i.test(value)) return new URL(value)
  throw new SetupError(`${name} must be an http or https URL`)
}

function readNumber(name: string, value: string, most: number): number {
  if (/^\d+$/.test(value) && Number(value) <= most) return Number(value)
  throw new SetupError(`${name} must be a whole number from 0 to ${most}`)
}
