import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { sha256 } from './sha256.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** As many digits as a number holds exactly. Longer texts are decoded in steps of this size, with BigInt. */
const AT_ONCE = 9
const CHECKSUM = 4

/**
 * Decodes base58 with a checksum. The bytes have a known length and do not begin with zero.
 *
 * @returns the bytes before the checksum; undefined if the text is anything else
 */
export function decodeBase58Check(text: string, length: number): Uint8Array | undefined {
  let value = 0n
  for (let at = 0; at < text.length; at += AT_ONCE) {
    const part = text.slice(at, at + AT_ONCE)
    let number = 0
    for (const letter of part) {
      const digit = ALPHABET.indexOf(letter)
      if (digit < 0) return undefined
      number = number * 58 + digit
    }
    value = value * 58n ** BigInt(part.length) + BigInt(number)
  }
  const hex = value.toString(16).padStart(2 * (length + CHECKSUM), '0')
  if (hex.length !== 2 * (length + CHECKSUM)) return undefined
  const bytes = hexToBytes(hex)
  const payload = bytes.subarray(0, length)
  const checksum = sha256(sha256(payload)).subarray(0, CHECKSUM)
  return bytesToHex(checksum) === bytesToHex(bytes.subarray(length)) ? payload : undefined
}
