import { HDKey } from '@scure/bip32'
import { HttpError } from '../http/http.ts'

/** Characters of an extended key: 82 bytes in base58. */
const LENGTH = 111

/** An extended key pair of the attester. */
export interface ExtendedKey {
  /** `xprv…` */
  readonly xprv: string
  /** `xpub…` */
  readonly xpub: string
}

/** @param seed 16 to 64 random bytes (BIP-32, Master key generation) */
export function extendedKey(seed: Uint8Array): ExtendedKey {
  const { privateExtendedKey: xprv, publicExtendedKey: xpub } = HDKey.fromMasterSeed(seed)
  return { xprv, xpub }
}

/**
 * @returns the compressed public key, 66 hex digits. It identifies a wallet, since one key has many extended forms
 * @throws Error if it is not an extended public key
 */
export function publicKeyOf(xpub: string): string {
  // Checked first, because decoding takes quadratic time
  if (xpub.length !== LENGTH) throw new Error('this is not an extended public key')
  const { publicKey, privateKey } = HDKey.fromExtendedKey(xpub)
  if (!publicKey || privateKey) throw new Error('this is not an extended public key')
  return Buffer.from(publicKey).toString('hex')
}

/**
 * @param xprv an extended private key
 * @throws Error if it is not one
 */
export function keyPairOf(xprv: string): ExtendedKey {
  // Checked first, because decoding takes quadratic time
  const key = xprv.length === LENGTH ? HDKey.fromExtendedKey(xprv) : undefined
  if (!key?.privateKey) throw new Error('this is not an extended private key')
  return { xprv, xpub: key.publicExtendedKey }
}

/**
 * @param xpub as a wallet sent it
 * @returns its public key, as from `publicKeyOf`
 * @throws HttpError 400
 */
export function parseXpub(xpub: unknown): string {
  try {
    if (typeof xpub === 'string') return publicKeyOf(xpub)
  } catch {
    // Refused below
  }
  throw new HttpError(400, 'xpub: a BIP-32 extended public key')
}
