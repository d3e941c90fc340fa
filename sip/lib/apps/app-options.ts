import { publicKey, publicKeyHex } from 'passport-civic-sip/crypto'
import * as v from 'valibot'
import { InputError } from '../http/http.ts'
import { parsedBy } from '../http/read.ts'
import { options } from '../http/schema.ts'
import { isPlainText } from '../plain-text.ts'
import { parseWhitelist } from './allowed-domains.ts'
import { Environment, EXPECTED } from './expected.ts'
import { parseLogo } from './logo.ts'
import { wireValue } from './scopes.ts'

const Name = v.pipe(
  v.string(EXPECTED.name),
  v.maxLength(80, EXPECTED.name),
  v.trim(),
  v.minLength(1, EXPECTED.name),
  v.check(isPlainText, EXPECTED.name),
)
const Whitelist = parsedBy(parseWhitelist)
const Scopes = parsedBy(parseScopes)
const Switch = v.boolean(EXPECTED.switch)
const ReturnPaths = parsedBy(parsePaths)
const Logo = parsedBy(parseLogo)

/** Uncompressed P-256 point, 130 hex digits. The private key stays with the partner. */
export const PublicKey = parsedBy(parsePublicKey)

/** The parts of an app that a partner may change. */
export const AppChange = options({
  name: v.optional(Name),
  whitelist: v.optional(Whitelist),
  scopes: v.optional(Scopes),
  returnPaths: v.optional(ReturnPaths),
  logo: v.optional(Logo),
})

/** The options of a new app. */
export const NewApp = options({
  ...AppChange.entries,
  name: Name,
  environment: v.optional(Environment),
  attestations: v.optional(Switch),
  confirm: v.optional(Switch),
  pubKey: v.optional(PublicKey, ''),
})

function parseScopes(scopes: unknown): string[] {
  if (!Array.isArray(scopes)) throw new InputError(`scopes: ${EXPECTED.scopes}`)
  return [...new Set(scopes.map((scope: unknown) => wireValue(scope)))]
}

function parsePaths(paths: unknown): string[] {
  const isPath = (path: unknown): boolean => typeof path === 'string' && /^\/(?![/\\])[^?#\\\s]*$/.test(path)
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every(isPath)) {
    throw new InputError(`returnPaths: ${EXPECTED.returnPaths}`)
  }
  return paths as string[]
}

function parsePublicKey(pubKey: unknown): string {
  try {
    if (typeof pubKey === 'string') return publicKeyHex(publicKey(pubKey))
  } catch {
    // Refused below
  }
  throw new InputError(`pubKey: ${EXPECTED.pubKey}`)
}
