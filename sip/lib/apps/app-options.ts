import { publicKey, publicKeyHex } from 'passport-civic-sip/crypto'
import * as v from 'valibot'
import { InputError } from '../http/http.ts'
import { options, parsedBy } from '../http/read.ts'
import { parseWhitelist } from './allowed-domains.ts'
import { wireValue } from './scopes.ts'

const NAME = 'a text of 1 to 80 characters'

const Name = v.pipe(v.string(NAME), v.maxLength(80, NAME), v.trim(), v.minLength(1, NAME))
const Whitelist = parsedBy(parseWhitelist)
const Scopes = parsedBy(parseScopes)
const Switch = v.boolean('true or false')
const ReturnPaths = parsedBy(parsePaths)

/** Partners have live and test applications, each with its own ids and keys (Civic's documentation, "Environments"). */
export const Environment = v.picklist(['live', 'test'], "'live' or 'test'")
export type Environment = v.InferOutput<typeof Environment>

/** Uncompressed P-256 point, 130 hex digits. The private key stays with the partner. */
export const PublicKey = parsedBy(parsePublicKey)

/** What a partner may change of an app. */
export const AppChange = options({
  name: v.optional(Name),
  whitelist: v.optional(Whitelist),
  scopes: v.optional(Scopes),
})
export type AppChange = v.InferOutput<typeof AppChange>

/** What a partner says of a new app. */
export const NewApp = options({
  ...AppChange.entries,
  name: Name,
  environment: v.optional(Environment),
  attestations: v.optional(Switch),
  confirm: v.optional(Switch),
  returnPaths: v.optional(ReturnPaths),
  pubKey: v.optional(PublicKey, ''),
})

function parseScopes(scopes: unknown): string[] {
  if (!Array.isArray(scopes)) throw new InputError('scopes: an array of scope request names')
  return [...new Set(scopes.map((scope: unknown) => wireValue(scope)))]
}

function parsePaths(paths: unknown): string[] {
  const isPath = (path: unknown): boolean => typeof path === 'string' && /^\/(?![/\\])[^?#\\\s]*$/.test(path)
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every(isPath)) {
    throw new InputError('returnPaths: an array of paths, such as /login, without query and fragment')
  }
  return paths as string[]
}

function parsePublicKey(pubKey: unknown): string {
  try {
    if (typeof pubKey === 'string') return publicKeyHex(publicKey(pubKey))
  } catch {
    // Refused below
  }
  throw new InputError('pubKey: an uncompressed P-256 point, 130 hex digits')
}
