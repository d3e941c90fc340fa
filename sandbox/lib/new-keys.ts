import { generateKeyPairSync } from 'node:crypto'
import type { KeyPair } from 'civic-sip-server'
import { privateKeyHex, publicKeyHex } from 'passport-civic-sip/crypto'

/** Makes a P-256 key pair, as a partner does. */
export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { prvKey: privateKeyHex(privateKey), pubKey: publicKeyHex(publicKey) }
}
