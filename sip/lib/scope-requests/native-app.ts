import { createCipheriv, generateKeyPair, randomBytes, sign } from 'node:crypto'
import type { KeyPairKeyObjectResult } from 'node:crypto'
import { promisify } from 'node:util'
import type { AppGrant } from '../exchange/exchange.ts'

/** What Civic's library for native apps takes (docs/protocol.md#native-apps). */
export interface SealedForApp {
  /** Hex. */
  readonly encryptedData: string
  /** 32 hex digits. */
  readonly iv: string
  /** PEM. */
  readonly publicKey: string
  /** Hex; of the text of `encryptedData`. */
  readonly signature: string
}

let keys: Promise<KeyPairKeyObjectResult> | undefined

/**
 * Encrypts what a code stands for with the app's secret, AES-256-CTR, as `{ userId, data }`. The key is the text of
 * the secret, whose 32 hex digits are 32 bytes. The signature is RSA PKCS#1 v1.5 over SHA-256, as the library demands;
 * since its key comes with it, it authenticates nothing, and a key for each process is good enough.
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
