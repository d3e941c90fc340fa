import { bytesToHex } from '@noble/hashes/utils.js'
import { HDKey } from '@scure/bip32'

/** 82 bytes in base58. */
const XPUB_LENGTH = 111

/** A wallet's one key: the extended key of a BIP-32 seed. It never leaves the wallet. */
export interface WalletKey {
  /** Extended private key, `xprv…`. */
  readonly xprv: string
  /** Extended public key, `xpub…`. */
  readonly xpub: string
}

/** @param seed 16 to 64 random bytes (BIP-32, Master key generation) */
export function walletKey(seed: Uint8Array): WalletKey {
  const key = HDKey.fromMasterSeed(seed)
  return { xprv: key.privateExtendedKey, xpub: key.publicExtendedKey }
}

/**
 * @returns the compressed public key itself, 66 hex digits: what a person is known by, since one key has many
 *   extended forms
 * @throws Error if it is no extended public key
 */
export function publicKeyOf(xpub: string): string {
  // Before anything is decoded, which takes time by the square of the length
  if (xpub.length !== XPUB_LENGTH) throw new Error('this is not an extended public key')
  const { publicKey, privateKey } = HDKey.fromExtendedKey(xpub)
  if (!publicKey || privateKey) throw new Error('this is not an extended public key')
  return bytesToHex(publicKey)
}
