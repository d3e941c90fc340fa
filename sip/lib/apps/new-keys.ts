import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto'
import { privateKeyHex, publicKeyHex } from 'passport-civic-sip/crypto'

/** A P-256 key pair in the form of the partner portal (docs/protocol.md#keys). */
export interface KeyPair {
  /** The scalar, 64 hex digits. */
  readonly prvKey: string
  /** The uncompressed point, 130 hex digits starting `04`. */
  readonly pubKey: string
}

/** Makes a P-256 key pair. */
export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { prvKey: privateKeyHex(privateKey), pubKey: publicKeyHex(publicKey) }
}

/** @returns `bytes` random bytes as hex digits */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** @returns nine letters and digits, like most of Civic's application ids */
export function newAppId(): string {
  return Array.from({ length: 9 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('')
}
