import { hexToBytes } from '@noble/hashes/utils.js'
import { nodeModule } from './node.ts'

const HEX = /^[0-9a-f]*$/

/**
 * Reads lower-case hex, by Node if it is there: a transaction in JavaScript takes four times as long.
 *
 * @returns undefined for any other text
 */
export function bytesOfHex(hex: string, node = nodeModule('node:buffer')): Uint8Array | undefined {
  if (node) {
    // Node ignores what is no hex, so the bytes must give the same text
    const bytes = node.Buffer.from(hex, 'hex')
    return bytes.toString('hex') === hex ? new Uint8Array(bytes) : undefined
  }
  return hex.length % 2 === 0 && HEX.test(hex) ? hexToBytes(hex) : undefined
}
