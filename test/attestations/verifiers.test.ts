import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import * as crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { createBase58check } from '@scure/base'
import { HDKey } from '@scure/bip32'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { VerificationCache, verifyOffline, verifyOnLedger } from 'civic-attestations'
import { isSignedBy, parseSignature } from '../../attestations/lib/ecdsa.ts'
import { publicPoint } from '../../attestations/lib/keys.ts'
import { parseRedeem } from '../../attestations/lib/script.ts'
import {
  firstOf,
  inJavaScript,
  inNativeCode,
  inNode,
  inWebAssembly,
  verifier,
  works,
} from '../../attestations/lib/verifier.ts'
import { anchorTo, authorities, fundedLedger, issueTo } from '../support/issuer.ts'
import { person } from '../support/recorded.ts'
import { VERIFIERS } from './support/verifiers.ts'

const N = secp256k1.Point.Fn.ORDER
const P = secp256k1.Point.Fp.ORDER
const MESSAGE = Buffer.from('a message')
const OTHER = Buffer.from('another message')
const SECRET = createHash('sha256').update('a key').digest()
const POINT = secp256k1.getPublicKey(SECRET, true)
const LONG_POINT = secp256k1.getPublicKey(SECRET, false)

function bytes(number: bigint, length = 32): Buffer {
  return Buffer.from(number.toString(16).padStart(2 * length, '0'), 'hex')
}

/** An INTEGER in DER, with its contents as told. */
function integer(contents: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([2, contents.length]), contents])
}

function positive(number: bigint): Buffer {
  const digits = number.toString(16)
  const even = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex')
  return integer(even[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), even]) : even)
}

function sequence(...parts: Uint8Array[]): Buffer {
  const contents = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([0x30, contents.length]), contents])
}

function der(r: bigint, s: bigint): Buffer {
  return sequence(positive(r), positive(s))
}

const GOOD = secp256k1.Signature.fromBytes(secp256k1.sign(MESSAGE, SECRET))
const { r, s } = GOOD

/** Every kind of signature that the sets of Wycheproof for ECDSA on this curve try, made here. */
const SIGNATURES: Record<string, Uint8Array> = {
  'a good one': der(r, s),
  'high S': der(r, N - s),
  'swapped numbers': der(s, r),
  'r of zero': der(0n, s),
  's of zero': der(r, 0n),
  'both zero': der(0n, 0n),
  'both one': der(1n, 1n),
  'r of n': der(N, s),
  's of n': der(r, N),
  'r + n': der(r + N, s),
  's + n': der(r, s + N),
  'r of n − 1': der(N - 1n, s),
  's of n − 1': der(r, N - 1n),
  'r of p': der(P, s),
  'r of 2^256': der(1n << 256n, s),
  'r of 2^300': der(1n << 300n, s),
  'a negative r': sequence(integer(bytes(r | (1n << 255n))), positive(s)),
  'a negative s': sequence(positive(r), integer(bytes(s | (1n << 255n)))),
  'r with a zero more': sequence(integer(Buffer.concat([Buffer.from([0, 0]), bytes(r)])), positive(s)),
  's with a zero more': sequence(positive(r), integer(Buffer.concat([Buffer.from([0, 0]), bytes(s)]))),
  'an empty r': sequence(integer(Buffer.alloc(0)), positive(s)),
  'an empty s': sequence(positive(r), integer(Buffer.alloc(0))),
  'a number more': sequence(positive(r), positive(s), positive(1n)),
  'no s': sequence(positive(r)),
  'an empty sequence': sequence(),
  'a byte more': Buffer.concat([der(r, s), Buffer.from([0])]),
  'a byte less': der(r, s).subarray(0, -1),
  'a byte more inside': sequence(positive(r), positive(s), Buffer.from([0])),
  'a long length': Buffer.concat([Buffer.from([0x30, 0x81]), der(r, s).subarray(1)]),
  'an indefinite length': Buffer.concat([Buffer.from([0x30, 0x80]), der(r, s).subarray(2), Buffer.alloc(2)]),
  'a longer length': Buffer.from(der(r, s)).fill(der(r, s)[1]! + 1, 1, 2),
  'a shorter length': Buffer.from(der(r, s)).fill(der(r, s)[1]! - 1, 1, 2),
  'a set in place of a sequence': Buffer.from(der(r, s)).fill(0x31, 0, 1),
  'an octet string in place of r': Buffer.from(der(r, s)).fill(4, 2, 3),
  'an r that is too long for the rest': Buffer.from(der(r, s)).fill(0x7f, 3, 4),
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from([0x30]),
  'the compact form': GOOD.toBytes(),
  'all zeros': Buffer.alloc(72),
}

describe('attestations: signatures', () => {
  const noble = (signature: Uint8Array, message: Uint8Array, point: Uint8Array, lowS: boolean): boolean => {
    try {
      return secp256k1.verify(signature, message, point, { format: 'der', lowS })
    } catch {
      return false
    }
  }

  for (const [name, verifier] of Object.entries(VERIFIERS)) {
    describe(`by ${name}`, () => {
      const isSigned = (der: Uint8Array, message: Uint8Array, point: Uint8Array): boolean => {
        const signature = parseSignature(der)
        return signature !== undefined && verifier.verify(message, signature, point)
      }

      for (const [what, signature] of Object.entries(SIGNATURES)) {
        it(`${what}: as the reference says`, () => {
          for (const message of [MESSAGE, OTHER]) {
            for (const point of [POINT, LONG_POINT]) {
              const expected = noble(signature, message, point, false)
              assert.equal(isSigned(signature, message, point), expected)
            }
          }
        })
      }

      it('for each key and message, and with any bit changed', () => {
        for (let index = 0; index < 20; index++) {
          const secret = createHash('sha256').update(String(index)).digest()
          const point = secp256k1.getPublicKey(secret)
          const message = Buffer.alloc(index * 7, index)
          const signature = secp256k1.sign(message, secret, { format: 'der' })
          assert.equal(isSigned(signature, message, point), true)
          const changed = Uint8Array.from(signature)
          const at = (index * 13) % changed.length
          changed[at] = changed[at]! ^ (1 << (index % 8))
          assert.equal(isSigned(changed, message, point), noble(changed, message, point, false))
        }
      })

      it('if R is at infinity, or the key is −G', () => {
        const minusG = secp256k1.Point.BASE.negate().toBytes(true)
        for (const signature of [der(1n, 1n), der(N - 1n, N - 1n), der(r, s)])
          assert.equal(isSigned(signature, MESSAGE, minusG), noble(signature, MESSAGE, minusG, false))
        // H = h, Q = −(h / r) G: then u1 G + u2 Q is the point at infinity
        const { Fn, BASE } = secp256k1.Point
        const h = Fn.create(BigInt(`0x${createHash('sha256').update(MESSAGE).digest('hex')}`))
        const key = BASE.multiply(Fn.neg(Fn.mul(h, Fn.inv(r)))).toBytes(true)
        assert.equal(isSigned(der(r, s), MESSAGE, key), false)
        assert.equal(noble(der(r, s), MESSAGE, key, false), false)
      })

      it('knows points from other bytes', () => {
        const others: Uint8Array[] = [
          POINT,
          Buffer.concat([Buffer.from([POINT[0]! ^ 1]), POINT.subarray(1)]),
          Buffer.alloc(33),
          Buffer.concat([Buffer.from([2]), bytes(P)]),
          Buffer.concat([Buffer.from([2]), bytes(P + 1n)]),
          Buffer.concat([Buffer.from([2]), bytes(0n)]),
          Buffer.concat([Buffer.from([2]), bytes(5n)]),
          Buffer.concat([Buffer.from([4]), POINT.subarray(1)]),
          Buffer.concat([Buffer.from([6]), POINT.subarray(1)]),
        ]
        for (const point of others)
          assert.equal(verifier.isPoint(point), secp256k1.utils.isValidPublicKey(point, true), point.join())
      })

      it('works', () => {
        assert.ok(works(VERIFIERS[name]))
      })
    })
  }

  it('require low S if the option says so', () => {
    for (const lowS of [true, false])
      for (const signature of [der(r, s), der(r, N - s), der(r, N / 2n), der(r, N / 2n + 1n)])
        assert.equal(isSignedBy(MESSAGE, signature, POINT, { lowS }), noble(signature, MESSAGE, POINT, lowS))
  })

  describe('the keys of a script', () => {
    const hybrid = (point: Uint8Array, parity: number): Buffer =>
      Buffer.concat([Buffer.from([6 + parity]), point.subarray(1)])
    const isOdd = LONG_POINT[64]! & 1
    const offCurve = Buffer.from(LONG_POINT).fill(LONG_POINT[64]! ^ 1, 64)
    const [two, three] = [2, 3].map((secret) => secp256k1.getPublicKey(bytes(BigInt(secret)), true))
    const redeemOf = (point: Uint8Array) => {
      const pushes = [point, two!, three!].flatMap((key) => [Buffer.from([key.length]), key])
      return parseRedeem(Buffer.concat([Buffer.from([0x52]), ...pushes, Buffer.from([0x53, 0xae])]))
    }

    it('have two forms, and each verifier takes both', () => {
      for (const point of [POINT, LONG_POINT]) {
        assert.equal(redeemOf(point)?.keys[0]?.join(), point.join())
        for (const by of Object.values(VERIFIERS)) assert.ok(by.verify(MESSAGE, GOOD.toBytes(), point))
      }
    })

    // Verifiers differ about these, so none may reach one
    const others: Record<string, Uint8Array> = {
      'a hybrid point': hybrid(LONG_POINT, isOdd),
      'a hybrid point of the other half': hybrid(LONG_POINT, 1 - isOdd),
      'a point beside the curve': offCurve,
      'the point at infinity': Buffer.alloc(1),
      'the point at infinity, filled up': Buffer.alloc(33),
      'a long form cut to the short one': LONG_POINT.subarray(0, 33),
      'a short form with the prefix of a hybrid point': hybrid(POINT, isOdd),
    }
    for (const [what, point] of Object.entries(others))
      it(`are never ${what}`, () => {
        assert.equal(redeemOf(point), undefined)
      })
  })

  it('are not changed by a verifier, nor are the messages and points', () => {
    for (const by of Object.values(VERIFIERS)) {
      const [message, point] = [Uint8Array.from(MESSAGE), Uint8Array.from(POINT)]
      const signature = Uint8Array.from(Buffer.concat([bytes(r), bytes(N - s)]))
      const before = [message, signature, point].map((given) => given.join())
      assert.ok(by.verify(message, signature, point))
      assert.deepEqual(
        [message, signature, point].map((given) => given.join()),
        before,
      )
    }
  })

  describe('the verifier that is chosen', () => {
    const missing = () => {
      throw new Error('Cannot find package')
    }
    const native = createRequire(import.meta.url)('secp256k1/bindings') as object

    it('is one that works', () => {
      assert.ok(works(verifier()))
      assert.equal(verifier(), verifier())
    })

    it('is native code where secp256k1 has a build', function () {
      const builds = ['linux-x64', 'darwin-arm64', 'win32-x64']
      if (!builds.includes(`${process.platform}-${process.arch}`)) this.skip()
      assert.equal(verifier().name, 'secp256k1')
    })

    it('is the next one if a package is missing, broken or wrong', () => {
      const wrong: Record<string, () => unknown> = {
        missing,
        'of an old version': () => ({ verify: () => true }),
        empty: () => undefined,
        'that throws': () => ({ ...native, ecdsaVerify: missing }),
        'that refuses all signatures': () => ({ ...native, ecdsaVerify: () => false }),
        'that accepts all signatures': () => ({ ...native, ecdsaVerify: () => true }),
        'that normalizes nothing': () => ({ ...native, signatureNormalize: (same: Uint8Array) => same }),
        'that knows no points': () => ({ ...native, publicKeyVerify: () => false }),
        'that takes anything for a point': () => ({ ...native, publicKeyVerify: () => true }),
      }
      const next = inWebAssembly()!
      for (const [what, load] of Object.entries(wrong))
        assert.equal(firstOf([() => inNativeCode(load), () => next]), next, what)
    })

    it('is in JavaScript if there is no other', () => {
      const none = [() => inNativeCode(missing), () => inWebAssembly(missing), () => inNode(null as never)]
      assert.equal(firstOf(none), inJavaScript)
      assert.equal(firstOf([]), inJavaScript)
    })

    it('is looked for no further once it works', () => {
      const first = inNode()!
      assert.equal(firstOf([() => first, missing]), first)
    })

    it('is never a missing or broken one', () => {
      assert.equal(inNode(null as never), undefined)
      assert.equal(inWebAssembly(missing), undefined)
      assert.equal(inNativeCode(missing), undefined)
      assert.ok(!works(undefined))
      assert.ok(!works({ ...inJavaScript, verify: () => false }))
      assert.ok(!works({ ...inJavaScript, verify: () => true }))
      assert.ok(!works(inNode({ ...crypto, createPublicKey: missing } as never)))
      assert.ok(!works(inWebAssembly(() => undefined)))
      assert.ok(works(inWebAssembly(createRequire(import.meta.url))))
    })

    it('never loads the slow part of secp256k1', () => {
      const loaded = Object.keys(createRequire(import.meta.url).cache)
      assert.ok(loaded.some((file) => /secp256k1[/\\]bindings\.js$/.test(file)))
      assert.deepEqual(
        loaded.filter((file) => /secp256k1[/\\](?:lib[/\\])?elliptic\.js$/.test(file)),
        [],
      )
    })
  })
})

describe('attestations: an extended public key', () => {
  const key = HDKey.fromMasterSeed(Buffer.alloc(32, 7))
  const reference = (xpub: string): Uint8Array | undefined => {
    const versions = xpub.startsWith('t') ? { private: 0x04358394, public: 0x043587cf } : undefined
    try {
      return xpub.includes('prv') ? undefined : HDKey.fromExtendedKey(xpub, versions).publicKey!
    } catch {
      return undefined
    }
  }
  const agrees = (xpub: string): void => {
    const [ours, theirs] = [publicPoint(xpub), reference(xpub)]
    assert.equal(
      ours && Buffer.from(ours).toString('hex'),
      theirs && Buffer.from(theirs).toString('hex'),
      xpub,
    )
  }

  it('is read as the reference reads it', () => {
    for (let index = 0; index < 20; index++) agrees(key.derive(`m/${index}`).publicExtendedKey)
    agrees(key.publicExtendedKey)
    agrees(key.privateExtendedKey)
    const test = HDKey.fromMasterSeed(Buffer.alloc(32, 7), { private: 0x04358394, public: 0x043587cf })
    agrees(test.publicExtendedKey)
    assert.ok(publicPoint(test.publicExtendedKey))
  })

  it('is refused by the same rules if its checksum is right', () => {
    const base58 = createBase58check((data: Uint8Array) => createHash('sha256').update(data).digest())
    const child = base58.decode(key.derive('m/1').publicExtendedKey)
    const change = (at: number, ...to: number[]): string => {
      const changed = Uint8Array.from(child)
      changed.set(to, at)
      return base58.encode(changed)
    }
    // Depth without a parent, another version, and keys that are no compressed points
    const changes: [number, ...number[]][] = [
      [4, 0],
      [4, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [4, 255],
      [0, 4, 0x88, 0xad, 0xe4],
      [0, 4, 0x35, 0x87, 0xcf],
      [45, 0],
      [45, 4],
      [46, ...bytes(5n)],
      [46, ...bytes(P + 1n)],
    ]
    for (const [at, ...to] of changes) agrees(change(at, ...to))
    agrees(base58.encode(Buffer.concat([child, Buffer.from([0])])))
    agrees(base58.encode(child.subarray(1)))
  })

  it('is refused with any letter changed, and with a letter outside the alphabet', () => {
    const xpub = key.publicExtendedKey
    for (let at = 4; at < xpub.length; at++) {
      for (const letter of ['1', 'z', '0', 'O', 'é']) {
        if (xpub[at] !== letter) agrees(xpub.slice(0, at) + letter + xpub.slice(at + 1))
      }
    }
    for (const wrong of ['', 'xpub', 'x'.repeat(111), xpub.slice(1), `${xpub}1`, `xpub${'z'.repeat(107)}`])
      assert.equal(publicPoint(wrong), undefined)
  })
})

describe('attestations: one response', () => {
  const setUp = async () => {
    const ledger = fundedLedger()
    const { attestations } = await anchorTo(ledger, issueTo(person('ada')))
    ledger.mine()
    return { ledger, attestations }
  }

  it('is verified as each of its attestations alone', async () => {
    const { ledger, attestations } = await setUp()
    const cache = new VerificationCache()
    for (const attestation of attestations) {
      const verified = verifyOffline(attestation, {}, cache)
      assert.deepEqual({ ...verified }, { ...verifyOffline(attestation) })
      const state = await verifyOnLedger(verified, ledger, { authorities, cache })
      assert.deepEqual(state, await verifyOnLedger(verified, ledger, { authorities }))
    }
  })

  it('is refused for a bad signature beside a good one of the same key', async () => {
    const { attestations } = await setUp()
    const cache = new VerificationCache()
    const [good, bad] = structuredClone(attestations)
    verifyOffline(good, {}, cache)
    const { subject } = bad!.attn.attestation.attestation
    subject.signature = subject.signature.replace(/..$/, (end) => (end === '00' ? '01' : '00'))
    for (let times = 0; times < 2; times++)
      assert.throws(() => verifyOffline(bad, {}, cache), { code: 'SUBJECT_SIGNATURE' })
  })
})
