import { hexToBytes } from '@noble/hashes/utils.js'
import { verifier } from './verifier.ts'

/** The order of secp256k1. */
const N = hexToBytes('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')
/** The greatest S that is low: half the order, rounded down. */
const HALF_N = hexToBytes('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0')
const ZERO = new Uint8Array(32)

const SEQUENCE = 0x30
const INTEGER = 0x02

/** Compares numbers of 32 bytes. */
function isLess(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, index) => byte !== b[index])
  return at !== -1 && Number(a[at]) < Number(b[at])
}

/**
 * Reads an INTEGER as 32 bytes, in strict DER: positive, and without needless zeros.
 *
 * @returns undefined also for one that does not fit
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
 * Reads a DER signature (BIP 66): one spelling for each signature.
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
 * @param point of the curve
 * @param options.lowS whether S must be at most n / 2 (BIP 146)
 */
export function isSignedBy(
  message: Uint8Array,
  der: Uint8Array,
  point: Uint8Array,
  { lowS }: { lowS: boolean },
): boolean {
  const signature = parseSignature(der)
  if (!signature || (lowS && isLess(HALF_N, signature.subarray(32)))) return false
  return verifier().verify(message, signature, point)
}
