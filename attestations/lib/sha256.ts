import { sha256 as inJavaScript } from '@noble/hashes/sha2.js'
import { nodeModule } from './node.ts'

// Other runtimes may have the module without this function
const hash = nodeModule('node:crypto')?.hash

/** SHA-256, by Node if it is there: in JavaScript it takes ten times as long. */
export function sha256(bytes: Uint8Array): Uint8Array {
  // A copy, since a Buffer is a Uint8Array with other methods
  return hash ? new Uint8Array(hash('sha256', bytes, 'buffer')) : inJavaScript(bytes)
}
