import { p256 } from '@noble/curves/nist.js'
import { bytesToHex } from '@noble/curves/utils.js'

/**
 * Makes a P-256 key pair here, so that the private key never reaches the server. Web Crypto is not there for a page
 * that another machine loads over plain http.
 *
 * @returns 64 hex digits of scalar, 130 of uncompressed point
 */
export function newKeyPair(): { prvKey: string; pubKey: string } {
  const { secretKey } = p256.keygen()
  return { prvKey: bytesToHex(secretKey), pubKey: bytesToHex(p256.getPublicKey(secretKey, false)) }
}
