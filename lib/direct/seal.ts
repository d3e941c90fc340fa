import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { privateKeyHex } from '../keys.ts'

const INFO = 'passport-civic-sip direct record'
const IV_BYTES = 12
const TAG_BYTES = 16

const derived = new WeakMap<KeyObject, Buffer>()

/** Derives the key that seals records from the signing key. */
function recordKey(key: KeyObject): Buffer {
  const known = derived.get(key)
  if (known) return known
  const made = Buffer.from(hkdfSync('sha256', Buffer.from(privateKeyHex(key), 'hex'), '', INFO, 32))
  derived.set(key, made)
  return made
}

/**
 * Seals a record with AES-256-GCM. The record's key in the store is the additional data, so that records cannot be
 * swapped.
 *
 * @param value anything that JSON can represent
 * @returns IV, ciphertext and tag as base64url
 */
export function sealRecord(name: string, value: object, key: KeyObject): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', recordKey(key), iv).setAAD(Buffer.from(name))
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()])
  return Buffer.concat([iv, ciphertext, cipher.getAuthTag()]).toString('base64url')
}

/**
 * Opens a record that `sealRecord` made.
 *
 * @param keys any of which may have sealed it
 * @returns undefined if no key opens it, or it is another record
 */
export function openRecord(name: string, sealed: string, keys: readonly KeyObject[]): unknown {
  const bytes = Buffer.from(sealed, 'base64url')
  const iv = bytes.subarray(0, IV_BYTES)
  const ciphertext = bytes.subarray(IV_BYTES, -TAG_BYTES)
  for (const key of keys) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', recordKey(key), iv, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES))
      return JSON.parse(Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString())
    } catch {
      // Sealed by another key, for another name, or not at all
    }
  }
  return undefined
}
