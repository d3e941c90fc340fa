import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares two strings in constant time. */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer]
  return timingSafeEqual(a, b)
}
