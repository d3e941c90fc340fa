import { createHmac } from 'node:crypto'

/**
 * A person's userId at one app: stable for the person's key and the app, and not to be linked with the userId
 * at another app without the server's secret.
 *
 * @param publicKey the person's compressed secp256k1 key, 66 hex digits
 * @returns 64 hex digits
 */
export function userIdOf(secret: string, appId: string, publicKey: string): string {
  return createHmac('sha256', secret).update(`userId\0${appId}\0${publicKey}`).digest('hex')
}
