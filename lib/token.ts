import { verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { CivicError } from './errors.ts'
import type { CivicErrorReason } from './errors.ts'
import { hasDuplicates, parseJsonObject, textOf } from './json.ts'

/** The claims of every SIP token (docs/protocol.md#code-token); times are epoch seconds, often fractional. */
export interface Claims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  readonly iat: number
  readonly exp: number
  readonly jti?: unknown
  readonly data?: unknown
  readonly [claim: string]: unknown
}

/** The claims to expect. */
export interface ExpectedClaims {
  readonly issuer: string
  readonly audience: string
  readonly subject: string
  /** Seconds of clock difference to allow. */
  readonly clockTolerance: number
  /**
   * Ignore `nbf`: partners' libraries send it ahead of their clock.
   *
   * @default `false`
   */
  readonly ignoreNotBefore?: boolean
}

const MAX_LIFETIME_SECONDS = 86_400
/** Characters of base64url. Parsing more, such as nested arrays, can cost much more than verifying a signature. */
const CHEAP_LENGTH = 1024

/**
 * Verifies a token: strict compact JWS (RFC 7515 section 7.1), ES256 under one of the keys and no other algorithm,
 * and, given `expected`, issuer, audience, subject and times (RFC 7519 section 4.1).
 *
 * @param keys P-256 public keys, any of which may have signed
 * @returns the claims
 * @throws CivicError `CIVIC_TOKEN_EXPIRED` if only the expiry is wrong, otherwise `CIVIC_TOKEN_INVALID`
 */
export function verifyToken(token: string, keys: readonly KeyObject[], expected: ExpectedClaims): Claims
export function verifyToken(token: string, keys: readonly KeyObject[]): Record<string, unknown>
export function verifyToken(
  token: string,
  keys: readonly KeyObject[],
  expected?: ExpectedClaims,
): Record<string, unknown> {
  const parts = token.split('.', 4)
  const [head, body, mac] = parts as [string, string, string]
  if (parts.length !== 3 || head.length > CHEAP_LENGTH) throw malformed()
  const header = parseJsonObject(textOf(decode(head)))
  if (!header) throw malformed()
  checkHeader(header.object)
  const signature = decode(mac)
  if (signature.length !== 64) throw unsigned()
  const checkSignature = (): void => {
    const signed = Buffer.from(token.slice(0, head.length + 1 + body.length))
    const isSignedBy = (key: KeyObject): boolean =>
      verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
    if (!keys.some(isSignedBy)) throw unsigned()
  }
  // Cheap checks come before the signature, which costs ten times as much as everything else
  const isCheap = body.length <= CHEAP_LENGTH
  if (!isCheap) checkSignature()
  const parsed = parseJsonObject(textOf(decode(body)))
  if (!parsed) throw malformed()
  const claims = parsed.object
  const now = Date.now() / 1000
  if (expected) checkClaims(claims, expected, now)
  if (isCheap) checkSignature()
  // After the signature, so that an attacker's token costs no search
  if (hasDuplicates(header) || hasDuplicates(parsed)) throw malformed()
  // Last, so that only a genuine token is reported as expired
  if (expected && (claims as Claims).exp + expected.clockTolerance <= now)
    throw new CivicError('CIVIC_TOKEN_EXPIRED', 'The token has expired')
  return claims
}

const NOTHING = Buffer.alloc(0)

/** Decodes canonical base64url (RFC 4648 sections 3.5 and 5): no padding, no slack bits. */
function decode(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : NOTHING
}

function checkHeader(header: Record<string, unknown>): void {
  if (header['alg'] !== 'ES256') throw invalid('algorithm', 'its algorithm is not ES256')
  if ('typ' in header && header['typ'] !== 'JWT') throw invalid('type', 'its type is not JWT')
  // Both change how a token is read. RFC 7515 section 4.1.11 requires refusing an unknown extension
  if ('crit' in header || 'b64' in header)
    throw invalid('extension', 'it demands an extension that SIP does not use')
}

/** The registered claims (RFC 7519 section 4.1) except expiry, and `jti`, which only the strategy needs. */
function checkClaims(claims: Record<string, unknown>, expected: ExpectedClaims, now: number): void {
  const { issuer, audience, subject, clockTolerance, ignoreNotBefore = false } = expected
  if (claims['iss'] !== issuer) throw invalid('issuer', 'its issuer is not trusted')
  if (claims['aud'] !== audience) throw invalid('audience', 'it is for another audience')
  if (claims['sub'] !== subject) throw invalid('app', 'it is for another app')
  const { iat, exp, nbf } = claims
  if (!isTime(iat) || !isTime(exp)) throw invalid('times', 'its times are missing or not numbers')
  if (exp <= iat || exp - iat > MAX_LIFETIME_SECONDS)
    throw invalid('lifetime', 'its lifetime is not between zero and a day')
  if (iat > now + clockTolerance) throw invalid('iat', 'it is from the future')
  if (nbf === undefined || ignoreNotBefore) return
  if (!isTime(nbf)) throw invalid('nbf', 'its nbf is not a number')
  if (nbf > now + clockTolerance) throw invalid('nbf', 'it is not valid yet')
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value)
}

function invalid(reason: CivicErrorReason, why: string): CivicError {
  return new CivicError('CIVIC_TOKEN_INVALID', `The token is refused: ${why}`, { reason })
}

function malformed(): CivicError {
  return invalid('structure', 'it is not a compact JWS of JSON objects')
}

function unsigned(): CivicError {
  return invalid('signature', 'no trusted key signed it')
}
