import { p256 } from '@noble/curves/nist.js'
import { bytesToHex } from '@noble/curves/utils.js'

/**
 * Makes a P-256 key pair in the browser, so that the private key never reaches the server. Not with Web Crypto, which
 * is missing over plain http from another machine.
 *
 * @returns the scalar as 64 hex digits, the uncompressed point as 130
 */
export function newKeyPair(): { prvKey: string; pubKey: string } {
  const { secretKey } = p256.keygen()
  return { prvKey: bytesToHex(secretKey), pubKey: bytesToHex(p256.getPublicKey(secretKey, false)) }
}
