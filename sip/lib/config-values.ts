import { isIP } from 'node:net'
import type { Environment } from './environment.ts'
import { parseSignedUrl } from './http/signed-call.ts'

/** Where data is stored. */
export interface Where {
  /** A `postgres://` URL, or the folder of the embedded database. */
  readonly database: string
  /** The folder of the embedded database; undefined with a PostgreSQL server. */
  readonly dataFolder: string | undefined
}

export interface Smtp {
  readonly url: string
  readonly from: string
}

/** The trusted proxies: none, the number in front of the server, or their addresses. */
export type TrustProxy = false | number | readonly string[]

export const ORIGIN =
  'must be an https origin, such as https://sip.example.org, with no path; http only for this machine'
export const HTTPS = 'must be an https URL without user and password; http only for this machine'
export const SIGNED =
  'must be an https URL with a random key of 24 characters or more: https://:KEY@host.example.org/path; http only for this machine'
export const SECRET =
  'must be 64 random hex digits, or two of them: current,previous. Make one: openssl rand -hex 32'

/** The message for a required value. */
export function required<T>(env: Environment, name: string, value: T | undefined): T | undefined {
  if (value === undefined && env.text(name) === undefined) env.wrong(name, 'is not set')
  return value
}

export function readHost(env: Environment): string {
  const rule = 'must be an address of this machine, such as 127.0.0.1 or 0.0.0.0'
  return env.parsed('HOST', rule, hostOf) ?? '127.0.0.1'
}

/** @param folder the embedded database's folder, if none is set */
export function readDatabase(env: Environment, folder: string): Where {
  const url = env.parsed('DATABASE_URL', DATABASE, databaseOf)
  const isServer = env.text('DATABASE_URL') !== undefined
  if (isServer && env.text('DATA_FOLDER') !== undefined)
    env.wrong('DATA_FOLDER', 'is for the embedded database: remove it, or DATABASE_URL')
  const dataFolder = isServer ? undefined : (env.text('DATA_FOLDER') ?? folder)
  return { database: url ?? dataFolder ?? '', dataFolder }
}

export function readSmtp(env: Environment): Smtp | undefined {
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

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

/** An https URL, or http to this machine. */
export function secureUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return undefined
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname)) ? text : undefined
}

/** The password signs the calls and is not sent. */
export function signedUrl(text: string): string | undefined {
  try {
    parseSignedUrl(text, '')
    return text
  } catch {
    return undefined
  }
}

export const NETWORK = 'must be the name of a chain: letters and digits, such as bitcoin'

export function networkOf(text: string): string | undefined {
  return /^[a-z][a-z0-9-]{0,19}$/.test(text) ? text : undefined
}

export function originOf(text: string): string | undefined {
  const url = secureUrl(text)
  if (url === undefined) return undefined
  const { origin, href } = new URL(url)
  return href === `${origin}/` ? origin : undefined
}

/** Every random secret has at least this many different bytes. */
const MIN_BYTES = 16

export function secretsOf(text: string): [string, ...string[]] | undefined {
  const secrets = text.split(',').map((secret) => secret.trim().toLowerCase())
  const [first, second] = secrets
  if (first === undefined || secrets.length > 2 || first === second) return undefined
  const isRandom = (secret: string): boolean =>
    /^[0-9a-f]{64}$/.test(secret) &&
    new Set(Buffer.from(secret, 'hex')).size >= MIN_BYTES &&
    !EXAMPLES.test(secret)
  return secrets.every(isRandom) ? [first, ...secrets.slice(1)] : undefined
}

/** Bytes that count up, which people type instead of a random secret. */
const EXAMPLES = /^(?:000102030405|010203040506|0123456789abcdef)/

const DATABASE = 'must be a postgres:// URL; for another machine, with a password that is not a default one'
const DEFAULT_PASSWORDS = ['', 'postgres', 'password', 'changeme', 'secret', 'admin', 'civic', 'sip']

function databaseOf(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return undefined
  const { hostname, username, password } = new URL(text)
  // A Unix socket is named in the query, and client certificates are files: neither needs a password
  const isHere = hostname === '' || LOOPBACK.test(hostname) || /[?&](?:host=(?:\/|%2f)|sslcert=)/i.test(text)
  const isDefault = DEFAULT_PASSWORDS.includes(password) || (password !== '' && password === username)
  return isHere || !isDefault ? text : undefined
}

export const PROXIES =
  'must be the number of proxies in front, from 0 to 10, or their addresses: 10.0.0.0/8,loopback'
const PROXY_NAMES = ['loopback', 'linklocal', 'uniquelocal']

export function proxiesOf(text: string): TrustProxy | undefined {
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
