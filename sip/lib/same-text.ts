import { timingSafeEqual } from 'node:crypto'
import { sha256 } from './sha256.ts'

/** Compares two strings in constant time. */
export function sameText(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other))
}
