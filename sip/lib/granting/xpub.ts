import { HttpError } from '../http/http.ts'
import { publicKeyOf } from 'civic-wallet/hosted'

/**
 * @param xpub as a wallet sent it
 * @returns its public key, 66 hex digits
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
