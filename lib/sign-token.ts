import type { KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Claims } from './token.ts'

/**
 * Signs a token: compact JWS, ES256, header `{"alg":"ES256","typ":"JWT"}`.
 *
 * @param claims the payload; `iat` and `exp` in epoch seconds
 * @param key a P-256 private key, as `privateKey` returns it
 */
export function signToken(claims: Claims, key: KeyObject): string {
  return jwt.sign(claims, key, { algorithm: 'ES256' })
}
