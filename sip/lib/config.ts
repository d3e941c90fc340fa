import { isIP } from 'node:net'
import { ConfigError, Environment, nearlyKnown } from './environment.ts'
import { parseSignedUrl } from './http/signed-call.ts'

/** What the environment says; docs/hosting.md lists the variables. */
export interface Config {
  /** Where the server is reached, an origin. */
  readonly publicUrl: string
  /** Where people open the wallet, an origin apart. */
  readonly walletUrl: string
  /** What everything sealed is sealed under: 64 hex digits each, the current one first. */
  readonly secrets: readonly [string, ...string[]]
  readonly host: string
  /** Of the pages and the API. */
  readonly port: number
  /** Of the wallet's page, beside `port`, which serves it for its Host. Undefined: none. */
  readonly walletPort: number | undefined
  /** Of health and metrics. */
  readonly managementPort: number
  /** A `postgres://` URL, or the folder of the embedded database. */
  readonly database: string
  /** The folder of the embedded database; undefined with a PostgreSQL server. */
  readonly dataFolder: string | undefined
  /** Undefined: email addresses cannot be attested. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined
  /** Undefined: phone numbers cannot be attested. */
  readonly smsWebhookUrl: string | undefined
  /** Undefined: a private ledger in the database. */
  readonly esploraUrl: string | undefined
  /** The name of the ledger's chain. */
  readonly network: string
  /** How many blocks must hold an anchor. */
  readonly confirmations: number
  /** Whether the browser that asked has to bring the wallet's code. */
  readonly confirm: boolean
  /** Who has the attester's second key; undefined: this process has both. */
  readonly cosignerUrl: string | undefined
  readonly trustProxy: TrustProxy
  readonly logLevel: LogLevel
}

/** Which proxies are believed: none, so many from the server on, or those of these addresses. */
export type TrustProxy = false | number | readonly string[]

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
  'LOG_LEVEL',
] as const

const ORIGIN =
  'must be an https origin, such as https://sip.example.org, with no path; http only for this machine'
const HTTPS = 'must be an https URL without a user name; http only for this machine'
const SIGNED =
  'must be an https URL with a random key of 24 characters or more: https://:KEY@host.example.org/path; http only for this machine'
const SECRET = 'must be 64 random hex digits, or two such: current,previous. Make one: openssl rand -hex 32'

export interface ReadConfig {
  readonly config: Config
  /** Sentences for the operator: what is allowed, and perhaps not meant. */
  readonly warnings: readonly string[]
}

/**
 * Reads what the server is told by its environment. Each value can stand in a file that `NAME_FILE` names.
 *
 * @param readFile returns a file's text
 * @throws ConfigError that names everything that is wrong
 */
export function readConfig(variables: NodeJS.ProcessEnv, readFile?: (path: string) => string): ReadConfig {
  const env = new Environment(variables, VARIABLES, readFile)
  const required = <T>(name: string, value: T | undefined): T | undefined =>
    value ?? (env.text(name) === undefined ? env.wrong(name, 'is not set') : undefined)
  const publicUrl = required('PUBLIC_URL', env.parsed('PUBLIC_URL', ORIGIN, originOf))
  const walletUrl = required('WALLET_URL', env.parsed('WALLET_URL', ORIGIN, originOf))
  if (publicUrl !== undefined && publicUrl === walletUrl)
    env.wrong('WALLET_URL', 'must be another origin than PUBLIC_URL: people keep their keys there')
  const secrets = required('SIP_SECRET', env.parsed('SIP_SECRET', SECRET, secretsOf))
  const ports = readPorts(env, publicUrl, walletUrl)
  const databaseUrl = env.parsed('DATABASE_URL', DATABASE, databaseOf)
  if (env.text('DATABASE_URL') !== undefined && env.text('DATA_FOLDER') !== undefined)
    env.wrong('DATA_FOLDER', 'is of the embedded database: leave it out with DATABASE_URL')
  const dataFolder = env.text('DATABASE_URL') === undefined ? (env.text('DATA_FOLDER') ?? 'data') : undefined
  const config = {
    host:
      env.parsed('HOST', 'must be an address of this machine, such as 127.0.0.1 or 0.0.0.0', hostOf) ??
      '127.0.0.1',
    ...ports,
    database: databaseUrl ?? dataFolder ?? '',
    dataFolder,
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
      'ESPLORA_URL is not set: attestations are anchored on a private ledger in the database, which only this server vouches for.',
    config.esploraUrl !== undefined &&
      !config.cosignerUrl &&
      'COSIGNER_URL is not set: both keys of the attester are in this process, and somebody who breaks into it can attest anything.',
    !config.confirm &&
      'CONFIRM is false: somebody who is sent a link and approves it logs in the sender of the link.',
  ]
  return warnings.filter((warning) => warning !== false)
}

/** A server that people reach without a proxy listens where its URL says. */
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

/** TLS ends at a proxy, which has a port itself. */
function ownPort(url: string | undefined): number | undefined {
  if (url === undefined) return undefined
  const { protocol, port } = new URL(url)
  return protocol === 'http:' ? Number(port || 80) : undefined
}

function readSmtp(env: Environment): Config['smtp'] {
  const url = env.parsed(
    'SMTP_URL',
    'must be an smtp or smtps URL, such as smtps://user:password@mail.example.org',
    (text) => (/^smtps?:\/\/[^/]/.test(text) && URL.canParse(text) ? text : undefined),
  )
  const from = env.parsed(
    'MAIL_FROM',
    'must be an email address, such as Civic <login@example.org>',
    (text) => (/^(?:[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/.test(text) ? text : undefined),
  )
  if (env.text('SMTP_URL') !== undefined && env.text('MAIL_FROM') === undefined)
    env.wrong('MAIL_FROM', 'is not set: with SMTP_URL, set the address that emails are from')
  return url !== undefined && from !== undefined ? { url, from } : undefined
}

/** A private ledger has no money that is worth anything, and does not claim the name of one that has. */
function readNetwork(env: Environment): string {
  const isPrivate = env.text('ESPLORA_URL') === undefined
  const network = env.parsed(
    'NETWORK',
    'must be the name of a chain: letters and digits, such as bitcoin',
    (text) => (/^[a-z][a-z0-9-]{0,19}$/.test(text) ? text : undefined),
  )
  if (isPrivate && network === 'bitcoin')
    env.wrong('NETWORK', 'must not be bitcoin without ESPLORA_URL: the ledger is a private one')
  return network ?? (isPrivate ? 'tbch' : 'bitcoin')
}

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

/** https, or http to this machine. */
function secureUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return undefined
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname)) ? text : undefined
}

/** The password signs the calls, and is not sent. */
function signedUrl(text: string): string | undefined {
  try {
    parseSignedUrl(text, '')
    return text
  } catch {
    return undefined
  }
}

function originOf(text: string): string | undefined {
  const url = secureUrl(text)
  if (url === undefined) return undefined
  const { origin, href } = new URL(url)
  return href === `${origin}/` ? origin : undefined
}

/** Fewer different bytes than any random secret has. */
const MIN_BYTES = 16

function secretsOf(text: string): [string, ...string[]] | undefined {
  const secrets = text.split(',').map((secret) => secret.trim().toLowerCase())
  const [first, second] = secrets
  if (first === undefined || secrets.length > 2 || first === second) return undefined
  const isRandom = (secret: string): boolean =>
    /^[0-9a-f]{64}$/.test(secret) &&
    new Set(Buffer.from(secret, 'hex')).size >= MIN_BYTES &&
    !EXAMPLES.test(secret)
  return secrets.every(isRandom) ? [first, ...secrets.slice(1)] : undefined
}

/** What people type for want of a secret, beyond what repeats itself: bytes that count up. */
const EXAMPLES = /^(?:000102030405|010203040506|0123456789abcdef)/

const DATABASE =
  'must be a postgres:// URL; one that leaves this machine with a password that is not the default one'
const DEFAULT_PASSWORDS = ['', 'postgres', 'password', 'changeme', 'secret', 'admin', 'civic', 'sip']

function databaseOf(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return undefined
  const { hostname, username, password } = new URL(text)
  // A socket's folder stands in the query, and clients' certificates in files: neither needs a password
  const isHere = hostname === '' || LOOPBACK.test(hostname) || /[?&](?:host=(?:\/|%2f)|sslcert=)/i.test(text)
  const isDefault = DEFAULT_PASSWORDS.includes(password) || (password !== '' && password === username)
  return isHere || !isDefault ? text : undefined
}

const PROXIES =
  'must be how many proxies stand in front, from 0 to 10, or their addresses: 10.0.0.0/8,loopback'
const PROXY_NAMES = ['loopback', 'linklocal', 'uniquelocal']

function proxiesOf(text: string): TrustProxy | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 10 ? Number(text) || false : undefined
  const proxies = text.split(',').map((proxy) => proxy.trim())
  return proxies.every((proxy) => PROXY_NAMES.includes(proxy) || isRange(proxy)) ? proxies : undefined
}

function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return (
    most > 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  )
}

function hostOf(text: string): string | undefined {
  return isIP(text) > 0 || text === 'localhost' ? text : undefined
}
