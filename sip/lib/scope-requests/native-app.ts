import { createCipheriv, generateKeyPair, randomBytes, sign } from 'node:crypto'
import type { KeyPairKeyObjectResult } from 'node:crypto'
import { promisify } from 'node:util'
import type { AppGrant } from '../exchange/exchange.ts'

/** The response that Civic's library for native apps accepts (docs/protocol.md#native-apps). */
export interface SealedForApp {
  /** Hex. */
  readonly encryptedData: string
  /** 32 hex digits. */
  readonly iv: string
  /** PEM. */
  readonly publicKey: string
  /** Hex; the signature of the text of `encryptedData`. */
  readonly signature: string
}

let keys: Promise<KeyPairKeyObjectResult> | undefined

/**
 * Encrypts a code's data with the app's secret, AES-256-CTR, as `{ userId, data }`. The key is the text of the secret:
 * its 32 hex digits are 32 bytes. The signature is RSA PKCS#1 v1.5 over SHA-256, as the library requires. Its key comes
 * with it, so it authenticates nothing, and each process may have its own key.
 */
export async function sealForApp({ userId, items, appSecret }: AppGrant): Promise<SealedForApp> {
  keys ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const { privateKey, publicKey } = await keys
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-ctr', Buffer.from(appSecret), iv)
  const text = JSON.stringify({ userId, data: JSON.parse(items) as unknown })
  const encryptedData = Buffer.concat([cipher.update(text), cipher.final()]).toString('hex')
  return {
    encryptedData,
    iv: iv.toString('hex'),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    signature: sign('sha256', Buffer.from(encryptedData), privateKey).toString('hex'),
  }
}
