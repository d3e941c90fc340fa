import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { Bounded } from './bounded.ts'
import { nodeModule } from './node.ts'
import { sha256 } from './sha256.ts'

/** ECDSA over secp256k1. Callers check the arguments' form, so that every implementation gives the same result. */
export interface Verifier {
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
    verify: (message, signature, point) =>
      crypto.verify('sha256', message, { key: keyOf(point), dsaEncoding: 'ieee-p1363' }, signature),
    isPoint: (point) => succeeds(() => crypto.ECDH.convertKey(point, 'secp256k1')),
  }
}

interface Tiny {
  verify(hash: Uint8Array, point: Uint8Array, signature: Uint8Array): boolean
  isPoint(point: Uint8Array): boolean
}

/** By libsecp256k1 in WebAssembly, with the optional package `tiny-secp256k1`: faster than OpenSSL. */
export function inWebAssembly(
  load = nodeModule('node:module')?.createRequire(import.meta.url),
): Verifier | undefined {
  let tiny: Tiny
  try {
    tiny = load?.('tiny-secp256k1') as Tiny
  } catch {
    return undefined
  }
  return {
    verify: (message, signature, point) => tiny.verify(sha256(message), point, signature),
    isPoint: (point) => tiny.isPoint(point),
  }
}

function succeeds(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** A signature by the private key 1, to test each implementation with. */
const KNOWN = {
  message: utf8ToBytes('civic-attestations'),
  signature: hexToBytes(
    '842a16cce1295e40e86e8e34f45c88a9d30009fb85bf534808bb5578ddd4f5fa' +
      '1a9709e30bfa0abbb29f6706dba15589a4ab961f62b194e48d20719455dbebfe',
  ),
  point: hexToBytes('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'),
}

/** Whether it works here: some builds of OpenSSL lack the curve, and some sites forbid WebAssembly. */
export function works(verifier: Verifier | undefined): verifier is Verifier {
  const { message, signature, point } = KNOWN
  return (
    verifier !== undefined &&
    succeeds(() => {
      const isRight = verifier.verify(message, signature, point) && verifier.isPoint(point)
      if (!isRight) throw new Error('it cannot verify')
    })
  )
}

let chosen: Verifier | undefined

/** The fastest implementation that works here. */
export function verifier(): Verifier {
  chosen ??= [inWebAssembly(), inNode()].find(works) ?? inJavaScript
  return chosen
}
