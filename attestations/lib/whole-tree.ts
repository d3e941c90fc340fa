import { AttestationError } from './errors.ts'
import { readTree } from './read.ts'
import { grow } from './tree.ts'
import type { Tree } from './tree.ts'

/**
 * Checks that a tree contains exactly its leaves: recomputed from their labels, values and nonces, it must be
 * identical. A signature over a root commits to every leaf below it, so both the wallet and the issuer call this before
 * they sign: a hidden leaf could be shown to somebody later.
 *
 * @param tree as received, not trusted: all leaves, in the order of the tree
 * @returns a copy with only these fields
 * @throws AttestationError `MALFORMED` if it is not a tree, has no leaf, a label twice, or a leaf without a nonce
 *   (which does not commit to its label); `LEAF_MISMATCH`, `ROOT_MISMATCH`, `PROOF_MISMATCH` if a part of it differs
 */
export function verifyTree(tree: unknown): Tree {
  const { root, leaves } = readTree(tree)
  const seeds = leaves.map(({ label, value, nonce }) => {
    if (nonce === undefined) throw new AttestationError('MALFORMED', 'a leaf has no nonce')
    return { label, value, nonce }
  })
  if (new Set(seeds.map(({ label }) => label)).size < seeds.length) {
    throw new AttestationError('MALFORMED', 'the tree has a label twice')
  }
  const whole = grow(seeds)
  const differs = (what: (leaf: Tree['leaves'][0]) => unknown): boolean =>
    whole.leaves.some((leaf, index) => {
      const given = leaves[index]
      return given === undefined || JSON.stringify(what(given)) !== JSON.stringify(what(leaf))
    })
  if (differs(({ salt, hash }) => [salt, hash])) {
    throw new AttestationError('LEAF_MISMATCH', 'a leaf does not match its nonce, label and value')
  }
  if (whole.root !== root) {
    throw new AttestationError('ROOT_MISMATCH', 'the root does not match the leaves')
  }
  if (differs(({ proof }) => proof)) {
    throw new AttestationError('PROOF_MISMATCH', 'a proof does not match its leaf')
  }
  return whole
}
