import {
  HTTPS,
  NETWORK,
  networkOf,
  ORIGIN,
  originOf,
  PROXIES,
  proxiesOf,
  readDatabase,
  readHost,
  readSmtp,
  required,
  SECRET,
  secretsOf,
  secureUrl,
  SIGNED,
  signedUrl,
} from './config-values.ts'
import type { Smtp, TrustProxy, Where } from './config-values.ts'
import { USUAL_LIMITS } from './http/rate-limits.ts'
import type { LimitSettings } from './http/rate-limits.ts'
import { ConfigError, Environment, nearlyKnown } from './environment.ts'

/** The server's environment; docs/hosting.md lists the variables. */
export interface Config extends Where {
  /** Where people reach the server, an origin. */
  readonly publicUrl: string
  /** Where people open the wallet, another origin. */
  readonly walletUrl: string
  /** The sealing keys derive from these: 64 hex digits each, the current one first. */
  readonly secrets: readonly [string, ...string[]]
  readonly host: string
  /** The port of the pages and the API. */
  readonly port: number
  /** A second port, for the wallet's page only. `port` serves the page too, for its Host. Undefined: none. */
  readonly walletPort: number | undefined
  /** The port of health and metrics. */
  readonly managementPort: number
  /** Undefined: email addresses cannot be attested. */
  readonly smtp: Smtp | undefined
  /** Undefined: phone numbers cannot be attested. */
  readonly smsWebhookUrl: string | undefined
  /** Undefined: a private ledger in the database. */
  readonly esploraUrl: string | undefined
  /** The name of the ledger's chain. */
  readonly network: string
  /** The confirmations that an anchor must have. */
  readonly confirmations: number
  /** Whether the browser must send the wallet's code. */
  readonly confirm: boolean
  /** The cosigner, which holds the attester's second key; undefined: this process holds both. */
  readonly cosignerUrl: string | undefined
  readonly trustProxy: TrustProxy
  /** How much one address, app or key may ask for. */
  readonly limits: LimitSettings
  readonly logLevel: LogLevel
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const VARIABLES = [
  'PUBLIC_URL',
  'WALLET_URL',
  'SIP_SECRET',
  'HOST',
  'PORT',
  'WALLET_PORT',
  'MANAGEMENT_PORT',
  'DATABASE_URL',
  'DATA_FOLDER',
  'SMTP_URL',
  'MAIL_FROM',
  'SMS_WEBHOOK_URL',
  'ESPLORA_URL',
  'NETWORK',
  'CONFIRMATIONS',
  'CONFIRM',
  'COSIGNER_URL',
  'TRUST_PROXY',
  'LIMIT_ADDRESS',
  'LIMIT_APP',
  'LIMIT_ATTEST',
  'LIMIT_KEY',
  'LIMIT_DOCUMENTS',
  'LOG_LEVEL',
] as const

/** More than one server can do. */
const MAX_LIMIT = 1_000_000

export interface ReadConfig {
  readonly config: Config
  /** Warnings for the operator about settings that are allowed, but perhaps not intended. */
  readonly warnings: readonly string[]
}

/**
 * Reads the server's environment. Each value can be in a file that `NAME_FILE` names.
 *
 * @param readFile returns a file's text
 * @throws ConfigError that names everything that is wrong
 */
export function readConfig(variables: NodeJS.ProcessEnv, readFile?: (path: string) => string): ReadConfig {
  const env = new Environment(variables, VARIABLES, readFile)
  const publicUrl = required(env, 'PUBLIC_URL', env.parsed('PUBLIC_URL', ORIGIN, originOf))
  const walletUrl = required(env, 'WALLET_URL', env.parsed('WALLET_URL', ORIGIN, originOf))
  if (publicUrl !== undefined && publicUrl === walletUrl)
    env.wrong('WALLET_URL', 'must be another origin than PUBLIC_URL: people keep their keys there')
  const secrets = required(env, 'SIP_SECRET', env.parsed('SIP_SECRET', SECRET, secretsOf))
  const ports = readPorts(env, publicUrl, walletUrl)
  const config = {
    host: readHost(env),
    ...ports,
    ...readDatabase(env, 'data'),
    smtp: readSmtp(env),
    smsWebhookUrl: env.parsed('SMS_WEBHOOK_URL', SIGNED, signedUrl),
    esploraUrl: env.parsed('ESPLORA_URL', HTTPS, secureUrl),
    network: readNetwork(env),
    confirmations: env.number('CONFIRMATIONS', 1, 100) ?? 1,
    confirm: env.oneOf('CONFIRM', ['true', 'false'], 'true') === 'true',
    cosignerUrl: env.parsed('COSIGNER_URL', SIGNED, signedUrl),
    trustProxy:
      env.parsed('TRUST_PROXY', PROXIES, proxiesOf) ??
      (publicUrl?.startsWith('https:') ? ['loopback'] : false),
    limits: readLimits(env),
    logLevel: env.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  }
  if (env.problems.length > 0 || publicUrl === undefined || walletUrl === undefined || secrets === undefined)
    throw new ConfigError(env.problems)
  return {
    config: { publicUrl, walletUrl, secrets, ...config },
    warnings: [...nearlyKnown(variables, VARIABLES), ...warningsOf(config)],
  }
}

function warningsOf(
  config: Pick<Config, 'smtp' | 'smsWebhookUrl' | 'esploraUrl' | 'cosignerUrl' | 'confirm'>,
): string[] {
  const warnings: (string | false)[] = [
    !config.smtp && 'SMTP_URL is not set: email addresses cannot be verified.',
    !config.esploraUrl &&
      'ESPLORA_URL is not set: attestations are anchored on a private ledger in the database. Only this server vouches for it.',
    config.esploraUrl !== undefined &&
      !config.cosignerUrl &&
      'COSIGNER_URL is not set: this process holds both keys of the attester, and somebody who breaks into it can attest anything.',
    !config.confirm &&
      'CONFIRM is false: a person who approves a link from somebody else logs that sender in.',
  ]
  return warnings.filter((warning) => warning !== false)
}

function readLimits(env: Environment): LimitSettings {
  const limit = (name: (typeof VARIABLES)[number], usual: number): number =>
    env.number(name, 1, MAX_LIMIT) ?? usual
  return {
    address: limit('LIMIT_ADDRESS', USUAL_LIMITS.address),
    app: limit('LIMIT_APP', USUAL_LIMITS.app),
    attest: limit('LIMIT_ATTEST', USUAL_LIMITS.attest),
    key: limit('LIMIT_KEY', USUAL_LIMITS.key),
    documents: limit('LIMIT_DOCUMENTS', USUAL_LIMITS.documents),
  }
}

/** Without a proxy, the server listens on the ports of its URLs. */
function readPorts(
  env: Environment,
  publicUrl: string | undefined,
  walletUrl: string | undefined,
): Pick<Config, 'port' | 'walletPort' | 'managementPort'> {
  const own = {
    port: env.number('PORT', 1, 65_535) ?? ownPort(publicUrl) ?? 4000,
    walletPort: env.number('WALLET_PORT', 1, 65_535) ?? ownPort(walletUrl),
    managementPort: env.number('MANAGEMENT_PORT', 1, 65_535) ?? 4002,
  }
  if (own.walletPort === own.port) env.wrong('WALLET_PORT', 'must be another port than PORT')
  if ([own.port, own.walletPort].includes(own.managementPort))
    env.wrong('MANAGEMENT_PORT', 'must be another port than PORT and WALLET_PORT')
  return own
}

/** @returns the port of an http URL. With https, TLS ends at a proxy, which has the URL's port */
function ownPort(url: string | undefined): number | undefined {
  if (url === undefined) return undefined
  const { protocol, port } = new URL(url)
  return protocol === 'http:' ? Number(port || 80) : undefined
}

/** A private ledger's money is worth nothing, so the ledger may not call itself bitcoin. */
function readNetwork(env: Environment): string {
  const isPrivate = env.text('ESPLORA_URL') === undefined
  const network = env.parsed('NETWORK', NETWORK, networkOf)
  if (isPrivate && network === 'bitcoin')
    env.wrong('NETWORK', 'must not be bitcoin without ESPLORA_URL: the ledger is private')
  return network ?? (isPrivate ? 'tbch' : 'bitcoin')
}
