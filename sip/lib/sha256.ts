import { createHash } from 'node:crypto'

/** @returns 32 bytes */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
