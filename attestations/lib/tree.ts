import { bytesToHex, concatBytes, hexToBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Leaf, ProofStep } from './forms.ts'
import { sha256 } from './sha256.ts'

/** A Merkle tree over labels and their values. The issuer makes it, and the user signs its root. */
export interface Tree {
  root: string
  leaves: Leaf[]
}

/** The leaf's salt: SHA-256 over the nonce's 32 bytes and the label's UTF-8, which binds the label to the leaf. */
export function saltOf(nonce: string, label: string): string {
  return bytesToHex(sha256(concatBytes(hexToBytes(nonce), utf8ToBytes(label))))
}

/** The leaf's hash: SHA-256 over the text salt ‖ value (docs/protocol.md#leaf; the salt as its hex digits). */
export function leafHash(salt: string, value: string): string {
  return bytesToHex(sha256(utf8ToBytes(salt + value)))
}

function nodeHash(left: string, right: string): string {
  return bytesToHex(sha256(concatBytes(hexToBytes(left), hexToBytes(right))))
}

/** Climbs from a leaf's hash to the root. */
export function climb(hash: string, proof: readonly ProofStep[]): string {
  return proof.reduce(
    (node, step) => ('left' in step ? nodeHash(step.left, node) : nodeHash(node, step.right)),
    hash,
  )
}

/**
 * Builds the tree over `claims`, each leaf with a fresh nonce of 32 random bytes.
 *
 * @param claims label to value; well-formed Unicode, at least one
 * @throws TypeError if there is no claim, or one is not a well-formed string of allowed length
 */
export function merkleTree(claims: Readonly<Record<string, string>>): Tree {
  const seeds = Object.entries(claims).map(([label, value]): Seed => {
    if (!isLabel(label)) throw new TypeError('a label must be well-formed text of 1 to 256 characters')
    if (!isValue(value))
      throw new TypeError('a value must be a well-formed string of at most 4 Mi characters')
    return { label, value, nonce: bytesToHex(randomBytes(32)) }
  })
  if (seeds.length === 0) throw new TypeError('claims must hold at least one label')
  return grow(seeds)
}

/** Everything that a leaf is computed from. */
type Seed = Required<Pick<Leaf, 'label' | 'value' | 'nonce'>>

/**
 * Computes a tree from its labels, values and nonces. A level's odd node moves up unchanged: doubling it, as Bitcoin
 * does, would give two sets of leaves the same root.
 * @param seeds at least one
 */
export function grow(seeds: readonly Seed[]): Tree {
  const leaves = seeds.map(({ label, value, nonce }): Leaf => {
    const salt = saltOf(nonce, label)
    return { label, value, salt, nonce, hash: leafHash(salt, value), proof: [] }
  })
  let level = leaves.map((leaf) => ({ hash: leaf.hash, below: [leaf] }))
  while (level.length > 1) {
    const above: typeof level = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = level.slice(i, i + 2)
      if (left && right) {
        for (const leaf of left.below) leaf.proof.push({ right: right.hash })
        for (const leaf of right.below) leaf.proof.push({ left: left.hash })
        above.push({ hash: nodeHash(left.hash, right.hash), below: [...left.below, ...right.below] })
      } else if (left) above.push(left)
    }
    level = above
  }
  return { root: level[0]?.hash ?? '', leaves }
}

const LONE_SURROGATE = /\p{Surrogate}/u

/** Well-formed Unicode within a length limit. */
export function isText(value: unknown, maximum: number): value is string {
  return typeof value === 'string' && value.length <= maximum && !LONE_SURROGATE.test(value)
}

/** A label: 1 to 256 characters. */
export function isLabel(value: unknown): value is string {
  return isText(value, 256) && value !== ''
}

/** A value: a document's image is about 1 MB; four times as much still hashes in a fraction of a second. */
export function isValue(value: unknown): value is string {
  return isText(value, 4 * 1024 * 1024)
}
