import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { isSignedBy } from '../../attestations/lib/ecdsa.ts'
import type { Verifier } from '../../attestations/lib/verifier.ts'
import { VERIFIERS } from './support/verifiers.ts'

interface Vector {
  tcId: number
  comment: string
  flags: string[]
  msg: string
  sig: string
  result: 'valid' | 'invalid'
}

interface Vectors {
  flags: string[]
  sets: { file: string; groups: { publicKey: string; tests: Vector[] }[] }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/wycheproof-ecdsa-secp256k1.json', import.meta.url), 'utf8'),
) as Vectors

const BITCOIN = 'ecdsa_secp256k1_sha256_bitcoin_test.json'
const DER = 'ecdsa_secp256k1_sha256_test.json'
const P1363 = 'ecdsa_secp256k1_sha256_p1363_test.json'

/** The vectors that verify but for their high S: the Bitcoin set calls them invalid, the DER set valid. */
const HIGH_S: Record<string, number[]> = { [BITCOIN]: [1, 388], [DER]: [1, 2, 5] }

function groupsOf(file: string) {
  return vectors.sets.find((set) => set.file === file)!.groups
}

/** A public key in both forms of SEC 1: 33 bytes, as xpubs carry it, and 65 bytes, which scripts may use. */
function formsOf(publicKey: string): Uint8Array[] {
  const point = secp256k1.Point.fromHex(publicKey)
  return [point.toBytes(true), point.toBytes(false)]
}

function assertEach(expected: boolean, verify: (by: Verifier) => boolean): void {
  const results = Object.entries(VERIFIERS).map(([name, by]) => [name, verify(by)])
  const same = Object.keys(VERIFIERS).map((name) => [name, expected])
  assert.deepEqual(results, same)
}

describe('attestations: the vectors of Wycheproof, by each verifier', () => {
  it('have one for each flag of the sets', () => {
    const tests = vectors.sets.flatMap(({ groups }) => groups.flatMap((group) => group.tests))
    assert.deepEqual([...new Set(tests.flatMap(({ flags }) => flags))].sort(), vectors.flags)
  })

  it('have public keys that are points', () => {
    for (const { groups } of vectors.sets)
      for (const { publicKey } of groups) assertEach(true, (by) => by.isPoint(formsOf(publicKey)[0]!))
  })

  for (const file of [BITCOIN, DER]) {
    describe(file, () => {
      for (const { publicKey, tests } of groupsOf(file)) {
        for (const { tcId, comment, msg, sig, result } of tests) {
          const [message, der] = [Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')]
          const isValid = result === 'valid'
          const isHighS = HIGH_S[file]!.includes(tcId)

          // Transactions need low S (BIP 146)
          it(`${tcId}, ${comment.trim()}: ${isValid && !isHighS ? 'passes' : 'fails'} in a transaction`, () => {
            for (const point of formsOf(publicKey))
              assertEach(isValid && !isHighS, (by) => isSignedBy(message, der, point, { lowS: true, by }))
          })

          // Attestations are signed by plain ECDSA, where high S passes
          it(`${tcId}, ${comment.trim()}: ${isValid || isHighS ? 'passes' : 'fails'} in an attestation`, () => {
            for (const point of formsOf(publicKey))
              assertEach(isValid || isHighS, (by) => isSignedBy(message, der, point, { lowS: false, by }))
          })
        }
      }
    })
  }

  describe(P1363, () => {
    for (const { publicKey, tests } of groupsOf(P1363)) {
      for (const { tcId, comment, msg, sig, result } of tests) {
        const [message, signature] = [Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')]

        // Attestations and transactions carry DER only
        it(`${tcId}, ${comment.trim()}: fails, as it is not DER`, () => {
          for (const point of formsOf(publicKey))
            for (const lowS of [true, false])
              assertEach(false, (by) => isSignedBy(message, signature, point, { lowS, by }))
        })

        // What DER is parsed to: always 64 bytes
        if (signature.length !== 64) continue
        it(`${tcId}, ${comment.trim()}: is ${result} as r ‖ s`, () => {
          for (const point of formsOf(publicKey))
            assertEach(result === 'valid', (by) => by.verify(message, signature, point))
        })
      }
    }
  })
})
