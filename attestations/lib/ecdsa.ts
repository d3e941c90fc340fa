import { hexToBytes } from '@noble/hashes/utils.js'
import { verifier } from './verifier.ts'
import type { Verifier } from './verifier.ts'

/** The order of secp256k1. */
const N = hexToBytes('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')
/** The largest low S: half the order, rounded down. */
const HALF_N = hexToBytes('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0')
const ZERO = new Uint8Array(32)

const SEQUENCE = 0x30
const INTEGER = 0x02

/** Compares two numbers of 32 bytes. */
function isLess(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, index) => byte !== b[index])
  return at !== -1 && Number(a[at]) < Number(b[at])
}

/**
 * Reads a strict DER INTEGER as 32 bytes: positive, without unnecessary zeros.
 *
 * @returns undefined if it is anything else or does not fit
 */
function integer(bytes: Uint8Array): Uint8Array | undefined {
  const [first = 0x80, second = 0x80] = bytes
  const isPadded = first === 0
  if (first >= 0x80 || (isPadded && bytes.length > 1 && second < 0x80)) return undefined
  const digits = isPadded ? bytes.subarray(1) : bytes
  if (digits.length > 32) return undefined
  const number = new Uint8Array(32)
  number.set(digits, 32 - digits.length)
  return number
}

/**
 * Reads a strict DER signature (BIP 66), which has one encoding.
 *
 * @returns r ‖ s, both from 1 to n − 1; undefined for anything else
 */
export function parseSignature(der: Uint8Array): Uint8Array | undefined {
  const [sequence, length, tag, rLength = 0] = der
  const sAt = 4 + rLength
  const sLength = Number(der[sAt + 1])
  if (sequence !== SEQUENCE || length !== der.length - 2 || tag !== INTEGER) return undefined
  if (der[sAt] !== INTEGER || sAt + 2 + sLength !== der.length) return undefined
  const [r, s] = [integer(der.subarray(4, sAt)), integer(der.subarray(sAt + 2))]
  if (!r || !s || ![r, s].every((number) => isLess(ZERO, number) && isLess(number, N))) return undefined
  const signature = new Uint8Array(64)
  signature.set(r)
  signature.set(s, 32)
  return signature
}

/**
 * Whether a key signed the SHA-256 of a message.
 *
 * @param der strict DER
 * @param point a point of the curve
 * @param options.lowS whether S must be at most n / 2 (BIP 146)
 * @param options.by the fastest verifier that works here, unless given
 */
export function isSignedBy(
  message: Uint8Array,
  der: Uint8Array,
  point: Uint8Array,
  { lowS, by = verifier() }: { lowS: boolean; by?: Verifier },
): boolean {
  const signature = parseSignature(der)
  if (!signature || (lowS && isLess(HALF_N, signature.subarray(32)))) return false
  return by.verify(message, signature, point)
}
