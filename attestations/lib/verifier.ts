import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { Bounded } from './bounded.ts'
import { nodeModule } from './node.ts'
import { sha256 } from './sha256.ts'

/** ECDSA over secp256k1. Callers check the arguments' form, so that every implementation gives the same result. */
export interface Verifier {
  /** The package or module whose code it runs. */
  readonly name: string
  /**
   * Whether the key signed the SHA-256 of the message.
   *
   * @param signature r ‖ s, 64 bytes, each from 1 to n − 1; high S is accepted
   * @param point a point of the curve, as SEC 1 writes it, 33 or 65 bytes
   */
  verify(message: Uint8Array, signature: Uint8Array, point: Uint8Array): boolean
  /** Whether 33 bytes are a compressed point of the curve. */
  isPoint(point: Uint8Array): boolean
}

/** In plain JavaScript, for browsers. */
export const inJavaScript: Verifier = {
  name: '@noble/curves',
  verify: (message, signature, point) => secp256k1.verify(signature, message, point, { lowS: false }),
  isPoint: (point) => secp256k1.utils.isValidPublicKey(point, true),
}

/** The bytes of SubjectPublicKeyInfo before the point (RFC 5480), by the point's length. */
const SPKI: Readonly<Record<number, Uint8Array>> = {
  33: hexToBytes('3036301006072a8648ce3d020106052b8104000a032200'),
  65: hexToBytes('3056301006072a8648ce3d020106052b8104000a034200'),
}

/** By OpenSSL, with Node. */
export function inNode(crypto = nodeModule('node:crypto')): Verifier | undefined {
  if (!crypto) return undefined
  // Reading a key takes half as long as verifying a signature
  const keys = new Bounded<object>(64)
  const keyOf = (point: Uint8Array): object =>
    keys.get(point.join(), () => {
      const head = SPKI[point.length] ?? new Uint8Array()
      return crypto.createPublicKey({ key: Uint8Array.of(...head, ...point), format: 'der', type: 'spki' })
    })
  return {
    name: 'node:crypto',
    verify: (message, signature, point) =>
      crypto.verify('sha256', message, { key: keyOf(point), dsaEncoding: 'ieee-p1363' }, signature),
    isPoint: (point) => succeeds(() => crypto.ECDH.convertKey(point, 'secp256k1')),
  }
}

type Load = (name: string) => unknown

/** An optional package. It is looked up when it is needed, so that no bundle for browsers contains it. */
function optional(name: string, load?: Load): unknown {
  try {
    // A bundle in CommonJS has no import.meta.url
    return (load ?? nodeModule('node:module')?.createRequire(import.meta.url))?.(name)
  } catch {
    return undefined
  }
}

interface Tiny {
  verify(hash: Uint8Array, point: Uint8Array, signature: Uint8Array): boolean
  isPoint(point: Uint8Array): boolean
}

/** By libsecp256k1 in WebAssembly, with the optional package `tiny-secp256k1`: faster than OpenSSL. */
export function inWebAssembly(load?: Load): Verifier | undefined {
  const tiny = optional('tiny-secp256k1', load) as Tiny | undefined
  return (
    tiny && {
      name: 'tiny-secp256k1',
      verify: (message, signature, point) => tiny.verify(sha256(message), point, signature),
      isPoint: (point) => tiny.isPoint(point),
    }
  )
}

interface Native {
  ecdsaVerify(signature: Uint8Array, hash: Uint8Array, point: Uint8Array): boolean
  /** Changes the signature to its form with low S, and returns it. */
  signatureNormalize(signature: Uint8Array): Uint8Array
  publicKeyVerify(point: Uint8Array): boolean
}

/**
 * By libsecp256k1 in native code, with the optional package `secp256k1`: the fastest. Only its bindings: where they have
 * no build, the package itself goes on in JavaScript, slower than what is chosen here.
 */
export function inNativeCode(load?: Load): Verifier | undefined {
  const native = optional('secp256k1/bindings', load) as Native | undefined
  return (
    native && {
      name: 'secp256k1',
      verify: (message, signature, point) => {
        // It refuses high S
        const lowS = native.signatureNormalize(Uint8Array.from(signature))
        return native.ecdsaVerify(lowS, sha256(message), point)
      },
      isPoint: (point) => native.publicKeyVerify(point),
    }
  )
}

function succeeds(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** A signature by the private key 1, with high S, to test each implementation with. */
const KNOWN = {
  message: utf8ToBytes('civic-attestations'),
  signature: hexToBytes(
    '842a16cce1295e40e86e8e34f45c88a9d30009fb85bf534808bb5578ddd4f5fa' +
      'e568f61cf405f5444d6098f9245eaa75160346c74c970b5732b1ecf87a5a5543',
  ),
  point: hexToBytes('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'),
}

/** Whether it works here: a build can be missing or wrong, some of OpenSSL lack the curve, some sites forbid WebAssembly. */
export function works(verifier: Verifier | undefined): verifier is Verifier {
  const { message, signature, point } = KNOWN
  return (
    verifier !== undefined &&
    succeeds(() => {
      const isRight =
        verifier.verify(message, signature, point) &&
        verifier.isPoint(point) &&
        !verifier.verify(message.subarray(1), signature, point) &&
        !verifier.isPoint(new Uint8Array(33))
      if (!isRight) throw new Error('it cannot verify')
    })
  )
}

/** The first implementation that works here; JavaScript if none does. */
export function firstOf(implementations: readonly (() => Verifier | undefined)[]): Verifier {
  for (const implementation of implementations) {
    const made = implementation()
    if (works(made)) return made
  }
  return inJavaScript
}

let chosen: Verifier | undefined

/** The fastest implementation that works here. */
export function verifier(): Verifier {
  chosen ??= firstOf([inNativeCode, inWebAssembly, inNode])
  return chosen
}
