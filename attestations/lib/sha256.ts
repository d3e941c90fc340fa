import { sha256 as inJavaScript } from '@noble/hashes/sha2.js'
import { nodeModule } from './node.ts'

const crypto = nodeModule('node:crypto')

/** SHA-256, by Node if it is there: in JavaScript it takes ten times as long. */
export function sha256(bytes: Uint8Array): Uint8Array {
  // A copy, since a Buffer is a Uint8Array with other methods
  return crypto ? new Uint8Array(crypto.hash('sha256', bytes, 'buffer')) : inJavaScript(bytes)
}
