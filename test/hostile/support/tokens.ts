import { sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { base64url } from '../../support/sip.ts'

/** The order of P-256's group: r and s are below it (FIPS 186-5, SEC 2). */
export const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

export const HEADER = { alg: 'ES256', typ: 'JWT' }

/** ES256 over any two parts, encoded by the caller, so that the encoding itself can be wrong. */
export function signParts(head: string, body: string, key: KeyObject): string {
  const signature = sign('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' })
  return `${head}.${body}.${signature.toString('base64url')}`
}

/** Signs raw bytes, which need not be JSON or UTF-8, as header and payload. */
export function signBytes(payload: Uint8Array | string, key: KeyObject, header: unknown = HEADER): string {
  return signParts(base64url(header), Buffer.from(payload).toString('base64url'), key)
}

/** The same token with another signature. */
export function withSignature(token: string, signature: Uint8Array): string {
  return `${signingInput(token)}.${Buffer.from(signature).toString('base64url')}`
}

export function signingInput(token: string): string {
  return token.slice(0, token.lastIndexOf('.'))
}

export function signatureOf(token: string): Buffer {
  return Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')
}

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

/** R or s as 32 bytes. */
export function scalar(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

/** A second valid signature exists for every one: (r, n − s). The higher s, or the lower, as asked. */
export function withS(token: string, which: 'high' | 'low'): string {
  const signature = signatureOf(token)
  const s = number(signature.subarray(32))
  const isHigh = s > N / 2n
  const wanted = isHigh === (which === 'high') ? s : N - s
  return withSignature(token, Buffer.concat([signature.subarray(0, 32), scalar(wanted)]))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Every other spelling of the same bytes: those whose last character differs in bits that mean nothing. */
export function slackSpellings(part: string): string[] {
  const bytes = Buffer.from(part, 'base64url')
  return Array.from(ALPHABET)
    .map((last) => part.slice(0, -1) + last)
    .filter((other) => other !== part && Buffer.from(other, 'base64url').equals(bytes))
}
