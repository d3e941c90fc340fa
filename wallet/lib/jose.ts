import { gcm } from '@noble/ciphers/aes.js'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, hexToBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { base64urlnopad } from '@scure/base'

// Uses @noble because crypto.subtle is missing on plain http, where test users' wallets run

/** A public P-256 key: its uncompressed point. */
export type Point = Uint8Array

/** Decodes canonical base64url without padding. @throws Error for any other text */
export function decode(text: string): Uint8Array {
  return base64urlnopad.decode(text)
}

export function encode(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes)
}

/** Parses a JSON object from bytes. @throws Error for anything else */
export function parseObject(bytes: Uint8Array): Record<string, unknown> {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no JSON object')
  return value as Record<string, unknown>
}

/** Whether an object has exactly these members. */
export function hasExactly(value: object, ...members: readonly string[]): boolean {
  return Object.keys(value).sort().join() === members.toSorted().join()
}

/** The point of a JWK's coordinates. @throws Error for one that is not on the curve */
export function pointOf(x: string, y: string): Point {
  const [left, right] = [decode(x), decode(y)]
  if (left.length !== 32 || right.length !== 32) throw new Error('no P-256 coordinates')
  return onCurve(concatBytes(Uint8Array.of(4), left, right))
}

/** The point in 130 hex digits. @throws Error for one that is not on the curve */
export function pointOfHex(hex: string): Point {
  if (!/^04[0-9a-f]{128}$/.test(hex)) throw new Error('no uncompressed point')
  return onCurve(hexToBytes(hex))
}

function onCurve(bytes: Uint8Array): Point {
  p256.Point.fromBytes(bytes).assertValidity()
  return bytes
}

/** The RFC 7638 thumbprint of a P-256 key. */
export function thumbprint(x: string, y: string): string {
  return encode(sha256(utf8ToBytes(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))))
}

/** A compact JWS in parts, with a parsed header. Nothing is verified. */
export interface Jws {
  readonly header: Record<string, unknown>
  readonly payload: Uint8Array
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** @throws Error if it is not a compact JWS */
export function readJws(token: string): Jws {
  const parts = token.split('.')
  const [header = '', payload = '', signature = ''] = parts
  if (parts.length !== 3) throw new Error('no compact JWS')
  return {
    header: parseObject(decode(header)),
    payload: decode(payload),
    signed: utf8ToBytes(`${header}.${payload}`),
    signature: decode(signature),
  }
}

/** Verifies ES256; high S is accepted. */
export function isSignedBy({ signed, signature }: Jws, point: Point): boolean {
  return signature.length === 64 && p256.verify(signature, signed, point, { lowS: false })
}

function uint32(number: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

function prefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes(uint32(bytes.length), bytes)
}

/**
 * Encrypts W2: JWE compact (RFC 7516), ECDH-ES with Concat KDF (RFC 7518 section 4.6.2), A256GCM.
 *
 * @param text the plaintext
 * @param point the requester's one-time key
 * @param token the request token, to which the key agreement is bound
 */
export function sealAnswer(text: string, point: Point, token: string): string {
  const pair = p256.keygen()
  const own = p256.getPublicKey(pair.secretKey, false)
  const apv = sha256(utf8ToBytes(token))
  const epk = { kty: 'EC', crv: 'P-256', x: encode(own.subarray(1, 33)), y: encode(own.subarray(33)) }
  const header = { alg: 'ECDH-ES', enc: 'A256GCM', typ: 'civic-answer+jwe', epk, apv: encode(apv) }
  const shared = p256.getSharedSecret(pair.secretKey, point).subarray(1, 33)
  const info = [prefixed(utf8ToBytes('A256GCM')), prefixed(new Uint8Array()), prefixed(apv), uint32(256)]
  const key = sha256(concatBytes(uint32(1), shared, ...info))
  const aad = encode(utf8ToBytes(JSON.stringify(header)))
  const iv = randomBytes(12)
  const sealed = gcm(key, iv, utf8ToBytes(aad)).encrypt(utf8ToBytes(text))
  return [aad, '', encode(iv), encode(sealed.subarray(0, -16)), encode(sealed.subarray(-16))].join('.')
}
