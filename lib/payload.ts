import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import type { CipherKey } from 'node:crypto'
import { CivicError } from './errors.ts'
import { canonicalJson, textOf } from './json.ts'

/**
 * The second half of an exchange's Authorization header (docs/protocol.md#request-extension).
 *
 * @param body the request body, before it is serialised
 * @param secretText the appSecret as in the portal: its text, not its bytes, is the HMAC key
 * @returns HMAC-SHA256 over the canonical body, as padded base64
 */
export function requestExtension(body: unknown, secretText: string): string {
  return createHmac('sha256', secretText).update(canonicalJson(body)).digest('base64')
}

const IV_DIGITS = 32
const BLOCK_BYTES = 16

/**
 * Encrypts for a partner (docs/protocol.md#data-token): AES-CBC with PKCS#7 padding and a fresh IV.
 *
 * @param text the plaintext
 * @param secretHex the appSecret: 32, 48 or 64 hex digits, whose bytes are the key
 * @returns the IV as 32 hex digits, then the ciphertext as padded base64
 */
export function sealPayload(text: string, secretHex: string): string {
  const iv = randomBytes(BLOCK_BYTES)
  const cipher = createCipheriv(aesName(secretHex), aesKey(secretHex), iv)
  return iv.toString('hex') + cipher.update(text, 'utf8', 'base64') + cipher.final('base64')
}

/**
 * Decrypts what `sealPayload` returned.
 *
 * @param data IV and ciphertext
 * @param secretHex the appSecret: 32, 48 or 64 hex digits
 * @returns the plaintext, not parsed
 * @throws CivicError `CIVIC_BAD_ANSWER`, the same for every way to fail, so that it reveals nothing
 */
export function openPayload(data: string, secretHex: string): string {
  const iv = data.slice(0, IV_DIGITS)
  const base64 = data.slice(IV_DIGITS)
  const ciphertext = Buffer.from(base64, 'base64')
  if (!/^[0-9a-f]{32}$/i.test(iv) || ciphertext.toString('base64') !== base64) throw undecryptable()
  let plaintext: Buffer
  try {
    const decipher = createDecipheriv(aesName(secretHex), aesKey(secretHex), Buffer.from(iv, 'hex'))
    plaintext = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch {
    throw undecryptable()
  }
  const text = textOf(plaintext)
  if (text === undefined) throw undecryptable()
  return text
}

/** The one error of every failed decryption. */
export function undecryptable(): CivicError {
  return new CivicError('CIVIC_BAD_ANSWER', "SIP's response cannot be decrypted: is appSecret this app's?", {
    reason: 'decryption',
  })
}

function aesName(secretHex: string): string {
  return `aes-${secretHex.length * 4}-cbc`
}

function aesKey(secretHex: string): CipherKey {
  return Buffer.from(secretHex, 'hex')
}
