import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

const HASH = /^[0-9a-f]{64}$/

/** A tree that an attester says it built. */
export interface OfferedTree {
  readonly root: string
  readonly leaves: readonly { label: string; value: string; nonce: string }[]
}

/**
 * The root over all of a tree's leaves, computed from labels, values and nonces alone: whoever signs it knows every
 * leaf that it commits to. An odd node moves up unchanged.
 */
export function rootOf(leaves: OfferedTree['leaves']): string {
  let level = leaves.map(({ label, value, nonce }) => {
    const salt = bytesToHex(sha256(concatBytes(hexToBytes(nonce), utf8ToBytes(label))))
    return sha256(utf8ToBytes(salt + value))
  })
  while (level.length > 1) {
    level = level.flatMap((left, index) => {
      const right = level[index + 1]
      return index % 2 === 1 ? [] : [right ? sha256(concatBytes(left, right)) : left]
    })
  }
  return bytesToHex(level[0] ?? new Uint8Array())
}

/**
 * Whether a tree holds exactly these claims, and its root nothing else.
 *
 * @param tree from an attester; unread
 */
export function isTreeOf(tree: unknown, claims: Readonly<Record<string, string>>): tree is OfferedTree {
  const { root, leaves } = (tree ?? {}) as Record<string, unknown>
  if (typeof root !== 'string' || !HASH.test(root) || !Array.isArray(leaves)) return false
  const wanted = new Map(Object.entries(claims))
  const isLeaf = (leaf: unknown): boolean => {
    const { label, value, nonce } = (leaf ?? {}) as Record<string, unknown>
    if (typeof label !== 'string' || typeof nonce !== 'string' || !HASH.test(nonce)) return false
    return wanted.get(label) === value && wanted.delete(label)
  }
  return leaves.every(isLeaf) && wanted.size === 0 && rootOf(leaves as OfferedTree['leaves']) === root
}
