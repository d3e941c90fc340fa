import {
  HTTPS,
  NETWORK,
  networkOf,
  readDatabase,
  readHost,
  readSmtp,
  required,
  SECRET,
  secretsOf,
  secureUrl,
  SIGNED,
  signedUrl,
} from '../config-values.ts'
import type { Smtp, Where } from '../config-values.ts'
import { ConfigError, Environment, nearlyKnown } from '../environment.ts'

/** A cosigner's environment; docs/hosting.md lists the variables. */
export interface CosignerConfig extends Where {
  /** They seal the cosigner's key; the current one first. They differ from the server's. */
  readonly secrets: readonly [string, ...string[]]
  /** The password of the server's COSIGNER_URL. */
  readonly callKey: string
  /** The extended public key of the third key. */
  readonly recovery: string
  readonly host: string
  readonly port: number
  readonly smtp: Smtp | undefined
  readonly smsWebhookUrl: string | undefined
  /** P-256 public keys, as hex. */
  readonly reviewers: readonly string[]
  /** The blockchain that holds the money, for `recover`. */
  readonly esploraUrl: string | undefined
  readonly network: string
}

export const COSIGNER_VARIABLES = [
  'COSIGNER_SECRET',
  'COSIGNER_KEY',
  'RECOVERY_XPUB',
  'REVIEWER_KEYS',
  'HOST',
  'PORT',
  'DATABASE_URL',
  'DATA_FOLDER',
  'SMTP_URL',
  'MAIL_FROM',
  'SMS_WEBHOOK_URL',
  'ESPLORA_URL',
  'NETWORK',
] as const

const KEY = 'must be 24 random characters or more, the password of COSIGNER_URL: openssl rand -hex 24'
const XPUB = 'must be an extended public key, as cosign --new-recovery-key prints it'
const REVIEWERS = 'must be public keys of 130 hex digits, separated by commas'

/**
 * Reads a cosigner's environment.
 *
 * @param readFile returns a file's text
 * @throws ConfigError that names everything that is wrong
 */
export function readCosignerConfig(
  variables: NodeJS.ProcessEnv,
  readFile?: (path: string) => string,
): { readonly config: CosignerConfig; readonly warnings: readonly string[] } {
  const env = new Environment(variables, COSIGNER_VARIABLES, readFile)
  const secrets = required(env, 'COSIGNER_SECRET', env.parsed('COSIGNER_SECRET', SECRET, secretsOf))
  const callKey = required(env, 'COSIGNER_KEY', env.parsed('COSIGNER_KEY', KEY, keyOf))
  const recovery = required(env, 'RECOVERY_XPUB', env.parsed('RECOVERY_XPUB', XPUB, xpubOf))
  const others = {
    host: readHost(env),
    port: env.number('PORT', 1, 65_535) ?? 4003,
    ...readDatabase(env, 'cosigner'),
    smtp: readSmtp(env),
    smsWebhookUrl: env.parsed('SMS_WEBHOOK_URL', SIGNED, signedUrl),
    reviewers: env.parsed('REVIEWER_KEYS', REVIEWERS, reviewersOf) ?? [],
    esploraUrl: env.parsed('ESPLORA_URL', HTTPS, secureUrl),
    network: env.parsed('NETWORK', NETWORK, networkOf) ?? 'bitcoin',
  }
  if (env.problems.length > 0 || secrets === undefined || callKey === undefined || recovery === undefined)
    throw new ConfigError(env.problems)
  return {
    config: { secrets, callKey, recovery, ...others },
    warnings: nearlyKnown(variables, COSIGNER_VARIABLES),
  }
}

function keyOf(text: string): string | undefined {
  return text.length >= 24 ? text : undefined
}

function xpubOf(text: string): string | undefined {
  return /^xpub[1-9A-HJ-NP-Za-km-z]{107}$/.test(text) ? text : undefined
}

function reviewersOf(text: string): string[] | undefined {
  const keys = text.split(',').map((key) => key.trim().toLowerCase())
  return keys.every((key) => /^04[0-9a-f]{128}$/.test(key)) ? keys : undefined
}
