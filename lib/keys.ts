import { createECDH, createPrivateKey, createPublicKey, ECDH, KeyObject } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'

/** An EC P-256 key as hex (docs/protocol.md#keys), PEM, JWK or KeyObject. */
export type KeyInput = string | JsonWebKey | KeyObject

const CURVE = 'prime256v1'

function base64url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url')
}

/** Hex digits of a coordinate of an exported EC key. */
function hexOf(coordinate: string | undefined): string {
  return Buffer.from(coordinate as string, 'base64url').toString('hex')
}

function isKeyObject(input: unknown): input is KeyObject {
  return input instanceof KeyObject
}

/**
 * Normalises a P-256 private key. Hex is the 32-byte scalar, also without its leading zeros (62 or 63 digits) or with a
 * `00` byte in front (66): real portals gave all of these. White space around it is ignored.
 *
 * @param name the key's name in the error
 * @throws TypeError naming the key, never showing it, for another form, another curve or a scalar out of range
 */
export function privateKey(input: unknown, name = 'prvKey'): KeyObject {
  const form = (): string => `${name} must be a P-256 private key: 64 hex digits, PEM, JWK or KeyObject`
  if (typeof input === 'string' && !input.includes('-----BEGIN')) {
    const hex = input.trim()
    if (/^[0-9a-f]{32}$/i.test(hex)) {
      throw new TypeError(`${form()}; 32 hex digits look like an appSecret in the wrong place`)
    }
    if (!/^(?:[0-9a-f]{62,64}|00[0-9a-f]{64})$/i.test(hex)) throw new TypeError(form())
    return fromScalar(hex.slice(-64).padStart(64, '0'), form())
  }
  const key = parseKey(input, createPrivateKey, form())
  if (key.type !== 'private') throw new TypeError(form())
  const normal = fromScalar(hexOf(exportJwk(key, form()).d), form())
  if (publicKeyHex(normal) !== publicKeyHex(key))
    throw new TypeError(`${name} has the public point of another key`)
  return normal
}

/**
 * Normalises a P-256 public key. Hex is the point, uncompressed (130 digits starting `04`) or compressed (66).
 *
 * @param name the key's name in the error
 * @throws TypeError naming the key for another form, another curve, a point off the curve or a private key
 */
export function publicKey(input: unknown, name = 'sipPublicKey'): KeyObject {
  const form = `${name} must be a P-256 public key: 130 hex digits starting 04, PEM, JWK or KeyObject`
  if (typeof input === 'string' && !input.includes('-----BEGIN')) {
    const hex = input.trim()
    if (!/^(?:04[0-9a-f]{128}|0[23][0-9a-f]{64})$/i.test(hex)) throw new TypeError(form)
    let point: string
    try {
      point = ECDH.convertKey(hex, CURVE, 'hex', 'hex', 'uncompressed') as string
    } catch {
      throw new TypeError(`${form}; this point is not on the curve`)
    }
    return createPublicKey({ key: pointJwk(point), format: 'jwk' })
  }
  if (isPrivate(input)) throw new TypeError(`${form}; this one is private`)
  const key = parseKey(input, createPublicKey, form)
  exportJwk(key, form)
  return key
}

/** A public or private P-256 key's point as 130 hex digits, the form that Civic's portal shows. */
export function publicKeyHex(key: KeyObject): string {
  const { x, y } = key.export({ format: 'jwk' })
  return `04${hexOf(x)}${hexOf(y)}`
}

/** A private P-256 key's scalar as 64 hex digits. */
export function privateKeyHex(key: KeyObject): string {
  return hexOf(key.export({ format: 'jwk' }).d)
}

function pointJwk(uncompressed: string): JsonWebKey {
  const x = base64url(uncompressed.slice(2, 66))
  const y = base64url(uncompressed.slice(66))
  return { kty: 'EC', crv: 'P-256', x, y }
}

function fromScalar(hex: string, form: string): KeyObject {
  const ecdh = createECDH(CURVE)
  try {
    ecdh.setPrivateKey(hex, 'hex')
  } catch {
    throw new TypeError(`${form}; this number is not a private key of the curve`)
  }
  return createPrivateKey({
    key: { ...pointJwk(ecdh.getPublicKey('hex')), d: base64url(hex) },
    format: 'jwk',
  })
}

function isPrivate(input: unknown): boolean {
  if (isKeyObject(input)) return input.type === 'private'
  if (typeof input === 'string') return input.includes('PRIVATE KEY')
  return typeof input === 'object' && input !== null && 'd' in input
}

type ParseKey = (input: string | { key: JsonWebKey; format: 'jwk' }) => KeyObject

function parseKey(input: unknown, parse: ParseKey, form: string): KeyObject {
  if (isKeyObject(input)) return input
  // OpenSSL's own error is dropped: it names internals, not the option
  try {
    return parse(typeof input === 'string' ? input : { key: input as JsonWebKey, format: 'jwk' })
  } catch {
    throw new TypeError(form)
  }
}

function exportJwk(key: KeyObject, form: string): JsonWebKey {
  if (key.asymmetricKeyDetails?.namedCurve !== CURVE) throw new TypeError(form)
  return key.export({ format: 'jwk' })
}
