import { secp256k1 } from '@noble/curves/secp256k1.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { HDKey } from '@scure/bip32'
import { decodeBase58Check } from './base58.ts'
import { isSignedBy } from './ecdsa.ts'
import { VerificationCache } from './verification-cache.ts'
import { verifier } from './verifier.ts'

/** BIP-32 version bytes by the first letter of the text: mainnet's xpub and xprv, and testnet's tpub and tprv. */
const VERSIONS: Readonly<Record<string, { private: number; public: number }>> = {
  x: { private: 0x0488ade4, public: 0x0488b21e },
  t: { private: 0x04358394, public: 0x043587cf },
}

/** An extended key is 82 bytes, 111 base58 digits. The length is checked before base58's quadratic decoding. */
const EXTENDED_KEY = /^([xt])(pub|prv)[1-9A-HJ-NP-Za-km-z]{107}$/

/** Steps are non-hardened, as an xpub can derive no others. No wallet uses ten. */
const PATH = /^(?:\/(?:0|[1-9][0-9]{0,9})){0,10}$/
const HARDENED = 0x80000000

/** A DER signature's hex is at most 2 · 72 digits. */
const SIGNATURE = /^(?:[0-9a-f]{2}){8,72}$/

function extendedKey(text: string, kind: 'pub' | 'prv'): HDKey | undefined {
  const parts = text.length === 111 ? EXTENDED_KEY.exec(text) : null
  const versions = VERSIONS[parts?.[1] ?? '']
  if (parts?.[2] !== kind || versions === undefined) return undefined
  try {
    return HDKey.fromExtendedKey(text, versions)
  } catch {
    return undefined
  }
}

/** A key pair's compressed public key, 33 bytes. HDKey's types allow null, its constructor does not. */
function pointOf(key: HDKey): Uint8Array {
  return key.publicKey ?? new Uint8Array()
}

const VERSION_BYTES = 4
const CHAIN_CODE_AT = 13
const POINT_AT = 45
const EXTENDED_BYTES = 78

/** The compressed point of an extended public key (BIP 32); undefined for any other text. */
export function publicPoint(xpub: string): Uint8Array | undefined {
  const parts = xpub.length === 111 ? EXTENDED_KEY.exec(xpub) : null
  const bytes = parts?.[2] === 'pub' ? decodeBase58Check(xpub, EXTENDED_BYTES) : undefined
  if (!bytes) return undefined
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  if (version !== VERSIONS[parts?.[1] ?? '']?.public) return undefined
  // A master key has no parent and no index
  const [depth, ...parent] = bytes.subarray(VERSION_BYTES, CHAIN_CODE_AT)
  if (depth === 0 && parent.some((byte) => byte !== 0)) return undefined
  const point = bytes.slice(POINT_AT)
  return verifier().isPoint(point) ? point : undefined
}

/**
 * @param path such as `/0/0/11/1221`; the empty path is the key itself
 * @returns the path's steps, or undefined if it is not a path of non-hardened steps
 */
function steps(path: string): number[] | undefined {
  if (path.length > 110 || !PATH.test(path)) return undefined
  const indexes = path.split('/').slice(1).map(Number)
  return indexes.every((index) => index < HARDENED) ? indexes : undefined
}

function descend(key: HDKey | undefined, path: string): HDKey | undefined {
  const indexes = steps(path)
  if (key === undefined || indexes === undefined || key.depth + indexes.length > 255) return undefined
  return indexes.reduce((parent, index) => parent.deriveChild(index), key)
}

/** The compressed point at `path` below an xpub; undefined if either is malformed. */
export function derivedPoint(xpub: string, path: string): Uint8Array | undefined {
  const key = descend(extendedKey(xpub, 'pub'), path)
  return key && pointOf(key)
}

/**
 * The secret key at `path` below an extended private key.
 * @throws TypeError, which does not show the key
 */
export function derivedSecret(xprv: string, path: string): Uint8Array {
  const secret = descend(privateKey(xprv), path)?.privateKey
  if (!secret) throw new TypeError('path must be non-hardened steps such as /0/0/11/1221')
  return secret
}

/**
 * @param xprv a BIP-32 extended private key, `xprv…` or `tprv…`
 * @throws TypeError, which does not show the key
 */
function privateKey(xprv: string): HDKey {
  const key = extendedKey(xprv, 'prv')
  if (key === undefined) throw new TypeError('a key must be a BIP-32 extended private key, xprv… or tprv…')
  return key
}

/** The extended public key that belongs to an extended private key. */
export function publicOf(xprv: string): string {
  return privateKey(xprv).publicExtendedKey
}

/**
 * Signs a text with an extended private key.
 * @returns ECDSA over the SHA-256 of the text, DER as hex, low S
 */
export function signText(text: string, xprv: string): string {
  return bytesToHex(secp256k1.sign(utf8ToBytes(text), derivedSecret(xprv, ''), { format: 'der' }))
}

/**
 * Checks a signature of `signText`. The DER must be strict, in lower-case hex. High S passes: only the signed text is
 * committed to anywhere, so a signature's second form is harmless, and plain ECDSA (OpenSSL) makes it half of the time.
 */
export function verifyText(
  text: string,
  signature: string,
  point: Uint8Array,
  cache = new VerificationCache(),
): boolean {
  if (signature.length > 144 || !SIGNATURE.test(signature)) return false
  const question = JSON.stringify([text, signature, bytesToHex(point)])
  return cache.once('signature', question, () =>
    isSignedBy(utf8ToBytes(text), hexToBytes(signature), point, { lowS: false }),
  )
}
