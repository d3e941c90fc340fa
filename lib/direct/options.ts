import type { KeyObject } from 'node:crypto'
import type { Ledger } from 'civic-attestations'
import { privateKey } from '../keys.ts'
import { isLoopback } from '../loopback.ts'
import { hasMethods, isObject } from '../objects.ts'
import type { RequestLike } from '../origin.ts'
import { requireKnown, requireThat } from '../require.ts'
import { scopeLabels, ScopeRequests } from '../user-data.ts'
import type { ScopeRequestName } from '../user-data.ts'
import type { DirectOptions, Proximity } from './direct-options.ts'
import { isPrivate } from './network.ts'
import { REQUEST_TOKEN_SECONDS } from './request-token.ts'
import { MemoryDirectStore } from './store.ts'
import type { DirectStore } from './store.ts'

/** The labels that one scope request asks for. */
export interface Asked {
  /** Wire value. */
  readonly label: string
  readonly attributes: readonly string[]
}

/** Options, checked and normalised. Contains keys: do not expose it. */
export interface DirectSettings {
  readonly origin: string
  readonly mount: string
  readonly name: string
  /** The key that signs and seals, then older keys that open records. */
  readonly keys: () => readonly [KeyObject, ...KeyObject[]]
  /** By wire value; the first is the default. */
  readonly asked: ReadonlyMap<string, Asked>
  readonly trust: { ledger: Ledger; authorities: readonly string[]; confirmations: number }
  readonly walletUrl: string
  readonly confirm: boolean
  readonly proximity: Proximity
  readonly returnTo: string
  readonly timeout: number
  readonly maxOpen: number
  readonly store: DirectStore
  readonly look: { logo?: string; primaryColor?: string; secondaryColor?: string }
  readonly description: (req: RequestLike, uuid: string) => string
  readonly trustedOrigins: ReadonlySet<string>
  readonly wellKnown: boolean
}

const DESCRIPTION = '$name would like to access the following data on your identity'
const LOGO = /^data:image\/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/
const MAX_LOGO = 16 * 1024
const COLOR = /^[0-9a-f]{6}$/i
const MAX_DESCRIPTION = 1000

/** @throws TypeError naming the first wrong option, never showing a secret's value */
export function readDirectOptions(options: DirectOptions): DirectSettings {
  requireThat(isObject(options), 'options must be an object')
  requireKnown(options, KNOWN)
  const { origin, mount, name, scopeRequests, ledger, authorities, walletUrl } = options
  const { confirmations = 1, confirm = true, proximity = 'off', returnTo = '/' } = options
  const { timeout = 120_000, maxOpen = 10_000, store = new MemoryDirectStore(), logo } = options
  const { primaryColor, secondaryColor, description = DESCRIPTION, trustedOrigins = [] } = options
  const { insecureLan = false, wellKnown = true } = options
  requireThat(typeof insecureLan === 'boolean', 'insecureLan must be true or false')
  requireThat(
    isOrigin(origin) && isSecure(origin, insecureLan),
    'origin must be an exact https origin, such as https://shop.example (http only on loopback)',
  )
  requireThat(
    typeof mount === 'string' && /^(?:\/[\w-][\w.-]*)+$/.test(mount),
    'mount must be a path such as /civic, without a slash at its end',
  )
  requireThat(isText(name, 100), 'name must be a string of 1 to 100 characters')
  requireThat(
    hasMethods(ledger, 'txHex', 'txStatus', 'outspend', 'tipHeight'),
    'ledger must be a ledger of civic-attestations',
  )
  requireThat(
    Array.isArray(authorities) && authorities.every((xpub) => typeof xpub === 'string'),
    'authorities must be an array of xpubs',
  )
  requireThat(
    typeof walletUrl === 'string' &&
      URL.canParse(walletUrl) &&
      !walletUrl.includes('#') &&
      isSecure(walletUrl, insecureLan),
    'walletUrl must be an https URL without a fragment (http only on loopback)',
  )
  requireThat(isCount(confirmations), 'confirmations must be a whole number, from 1')
  requireThat(
    ['off', 'report', 'same-network'].includes(proximity),
    "proximity must be 'off', 'report' or 'same-network'",
  )
  requireThat(typeof confirm === 'boolean', 'confirm must be true or false')
  requireThat(confirm || proximity === 'same-network', "confirm: false needs proximity: 'same-network'")
  requireThat(isPath(returnTo), 'returnTo must be a path of the site, such as /login')
  requireThat(
    typeof timeout === 'number' && timeout >= 1 && timeout <= 1000 * REQUEST_TOKEN_SECONDS,
    'timeout must be milliseconds, from 1 to 180,000',
  )
  requireThat(isCount(maxOpen), 'maxOpen must be a whole number, from 1')
  requireThat(
    hasMethods(store, 'set', 'add', 'get', 'take'),
    'store must be an object with set, add, get and take',
  )
  requireThat(
    logo === undefined || (typeof logo === 'string' && logo.length <= MAX_LOGO && LOGO.test(logo)),
    'logo must be a PNG or JPEG as a data: URI of at most 16 KiB',
  )
  requireThat(isColor(primaryColor), 'primaryColor must be six hex digits')
  requireThat(isColor(secondaryColor), 'secondaryColor must be six hex digits')
  requireThat(
    typeof description === 'function' || isText(description, MAX_DESCRIPTION),
    'description must be a string of 1 to 1000 characters, or a function from a request to one',
  )
  requireThat(
    Array.isArray(trustedOrigins) && trustedOrigins.every(isOrigin),
    'trustedOrigins must be an array of exact origins, such as https://www.example.org',
  )
  requireThat(typeof wellKnown === 'boolean', 'wellKnown must be true or false')
  return {
    origin,
    mount,
    name,
    keys: keysOf(options.prvKey),
    asked: readScopeRequests(scopeRequests),
    trust: { ledger, authorities: [...authorities], confirmations },
    walletUrl,
    confirm,
    proximity,
    returnTo,
    timeout,
    maxOpen,
    store,
    look: {
      ...(logo !== undefined && { logo }),
      ...(primaryColor !== undefined && { primaryColor }),
      ...(secondaryColor !== undefined && { secondaryColor }),
    },
    description: (req, uuid) => described(description, name, req, uuid),
    trustedOrigins: new Set([origin, ...trustedOrigins]),
    wellKnown,
  }
}

const KNOWN: readonly (keyof DirectOptions)[] = [
  'origin',
  'mount',
  'name',
  'prvKey',
  'scopeRequests',
  'ledger',
  'authorities',
  'walletUrl',
  'confirmations',
  'confirm',
  'proximity',
  'returnTo',
  'timeout',
  'maxOpen',
  'store',
  'logo',
  'primaryColor',
  'secondaryColor',
  'description',
  'trustedOrigins',
  'insecureLan',
  'wellKnown',
]

function isOrigin(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
}

function isSecure(url: string, insecureLan: boolean): boolean {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:') return true
  return protocol === 'http:' && (isLoopback(hostname) || (insecureLan && isPrivate(hostname)))
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= most
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

function isColor(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && COLOR.test(value))
}

/** A path that no browser resolves to another origin, without a fragment. */
function isPath(value: unknown): boolean {
  return typeof value === 'string' && /^\/(?![/\\])[^#\\\s]*$/.test(value)
}

function readScopeRequests(names: unknown): ReadonlyMap<string, Asked> {
  const message = `scopeRequests must be an array of ${Object.keys(ScopeRequests).join(', ')}`
  requireThat(Array.isArray(names) && names.length > 0, message)
  const asked = (names as unknown[]).map((name): Asked => {
    const labels = typeof name === 'string' ? scopeLabels(name) : undefined
    requireThat(labels !== undefined, message)
    const label = wireValue(name as string)
    // A private login has no labels here: the site computes the userId itself
    return { label, attributes: label === ScopeRequests.ANONYMOUS_LOGIN ? [] : labels }
  })
  return new Map(asked.map((one) => [one.label, one]))
}

/** A scope request's wire value, from its name or its wire value. */
export function wireValue(name: string): string {
  return Object.hasOwn(ScopeRequests, name) ? ScopeRequests[name as ScopeRequestName] : name
}

/** Reads keys that do not change once. */
function keysOf(prvKey: DirectOptions['prvKey']): DirectSettings['keys'] {
  if (typeof prvKey === 'function') return () => readKeys(prvKey())
  const list: readonly unknown[] = Array.isArray(prvKey) ? (prvKey as unknown[]) : [prvKey]
  requireThat(list.length <= 2, 'prvKey must be one key, or [current, previous]')
  const keys = readKeys(list.filter((key, index) => index === 0 || key !== undefined))
  return () => keys
}

function readKeys(input: readonly unknown[]): readonly [KeyObject, ...KeyObject[]] {
  const [current, ...others] = input
  return [privateKey(current), ...others.map((key) => privateKey(key))]
}

function described(
  description: NonNullable<DirectOptions['description']>,
  name: string,
  req: RequestLike,
  uuid: string,
): string {
  const text = typeof description === 'function' ? description(req, uuid) : description
  requireThat(isText(text, MAX_DESCRIPTION), 'description must return a string of 1 to 1000 characters')
  return text.replaceAll('$name', () => name)
}
