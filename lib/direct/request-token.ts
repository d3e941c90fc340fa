import { createHash, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { hasDuplicates, parseJsonObject, textOf } from '../json.ts'
import { isPlainObject } from '../objects.ts'
import { decode, hasExactly } from './compact.ts'
import { REQUEST_TOKEN_TYPE } from './wire.ts'
import type { RequestClaims, WellKnownKey } from './wire.ts'

/** Seconds that a request token lives. */
export const REQUEST_TOKEN_SECONDS = 180

/** A key as in W0; its id is the RFC 7638 thumbprint. */
export function wellKnownKey(key: KeyObject): WellKnownKey {
  // An EC key's JWK has all of these members
  const { x, y } = key.export({ format: 'jwk' }) as { x: string; y: string }
  const members = { crv: 'P-256', kty: 'EC', x, y } as const
  const kid = createHash('sha256').update(JSON.stringify(members)).digest('base64url')
  return { ...members, use: 'sig', alg: 'ES256', kid }
}

/**
 * Signs W1: compact JWS, ES256, with a `typ` that no other token has.
 *
 * @param claims the payload
 * @param key the P-256 private key to a public key in W0
 */
export function signRequestToken(claims: RequestClaims, key: KeyObject): string {
  const header = { alg: 'ES256', typ: REQUEST_TOKEN_TYPE, kid: wellKnownKey(key).kid }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const text = signed.join('.')
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

/**
 * Verifies W1's form and signature. The caller must check its claims.
 *
 * @param keys P-256 public keys, any of which may have signed
 * @returns the unchecked claims; undefined if it is not such a token
 */
export function verifyRequestToken(
  token: string,
  keys: readonly KeyObject[],
): Record<string, unknown> | undefined {
  const parts = token.split('.', 4)
  const [head, body, mac] = parts.map(decode)
  if (parts.length !== 3 || !head || !body || mac?.length !== 64) return undefined
  const parsedHead = parseJsonObject(textOf(head))
  if (!parsedHead || !hasExactly(parsedHead.object, 'alg', 'kid', 'typ')) return undefined
  const header = parsedHead.object
  if (header['alg'] !== 'ES256' || header['typ'] !== REQUEST_TOKEN_TYPE) return undefined
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')))
  const isSigner = (key: KeyObject): boolean =>
    wellKnownKey(key).kid === header['kid'] &&
    verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, mac)
  if (!keys.some(isSigner)) return undefined
  const parsedBody = parseJsonObject(textOf(body))
  const isClean = parsedBody && !hasDuplicates(parsedHead) && !hasDuplicates(parsedBody)
  return isClean && isPlainObject(parsedBody.object['data']) ? parsedBody.object : undefined
}
