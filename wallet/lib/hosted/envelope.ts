import { gcm } from '@noble/ciphers/aes.js'
import { p256 } from '@noble/curves/nist.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/**
 * How a wallet's answer travels: encrypted to the server's key, so that nothing between them, not even a proxy
 * that ends TLS, sees what a person shares. ECIES (SEC 1 section 5.1) of P-256, HKDF-SHA256 and AES-256-GCM. No
 * Web Crypto: browsers keep it from pages that a phone loads from another machine over plain http.
 */
export interface Envelope {
  /** The sender's one-time public key: uncompressed point, 130 hex digits. */
  readonly ephemeralKey: string
  /** Ciphertext and tag, as hex. */
  readonly ciphertext: string
}

/** @returns a fresh P-256 key pair: 64 hex digits of scalar, 130 of uncompressed point */
export function newEnvelopeKeys(): { secretKey: string; publicKey: string } {
  const { secretKey } = p256.keygen()
  return { secretKey: bytesToHex(secretKey), publicKey: bytesToHex(p256.getPublicKey(secretKey, false)) }
}

/**
 * @param text what only the holder of the secret key is to read
 * @param context binds the envelope to what it answers; `openEnvelope` must be told the same
 */
export function sealEnvelope(text: string, publicKey: string, context: string): Envelope {
  const sender = newEnvelopeKeys()
  const { key, nonce } = derive(sender.secretKey, publicKey, sender.publicKey, context)
  return {
    ephemeralKey: sender.publicKey,
    ciphertext: bytesToHex(gcm(key, nonce).encrypt(utf8ToBytes(text))),
  }
}

/** @throws Error if the envelope is malformed, was changed, or is for another key or context */
export function openEnvelope(envelope: Envelope, secretKey: string, context: string): string {
  const { key, nonce } = derive(secretKey, envelope.ephemeralKey, envelope.ephemeralKey, context)
  return new TextDecoder('utf-8', { fatal: true }).decode(
    gcm(key, nonce).decrypt(hexToBytes(envelope.ciphertext)),
  )
}

/** The key is used once, since the sender's key is, so that the nonce may come from the same secret. */
function derive(
  secretKey: string,
  publicKey: string,
  ephemeralKey: string,
  context: string,
): { key: Uint8Array; nonce: Uint8Array } {
  const shared = p256.getSharedSecret(hexToBytes(secretKey), hexToBytes(publicKey)).subarray(1)
  const info = concatBytes(
    utf8ToBytes('civic-sip-sandbox answer'),
    hexToBytes(ephemeralKey),
    utf8ToBytes(context),
  )
  const bytes = hkdf(sha256, shared, undefined, info, 44)
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32) }
}
