import { typeOfPicture } from '../documents/pictures.ts'
import { InputError } from '../http/http.ts'
import { EXPECTED } from './expected.ts'

/** The most characters of the `data:` URI that a wallet reads with a request (docs/wallet-protocol.md#w1). */
export const MAX_LOGO = 16 * 1024

/**
 * @returns the logo, unchanged; empty for an app without one
 * @throws InputError unless it is a PNG or JPEG by its bytes, as a `data:` URI of at most 16 KiB
 */
export function parseLogo(logo: unknown): string {
  if (logo === '') return logo
  if (typeof logo === 'string' && logo.length <= MAX_LOGO) {
    const [, type, base64 = ''] = /^data:(image\/(?:png|jpeg));base64,(.+)$/.exec(logo) ?? []
    if (type !== undefined && typeOfPicture(base64) === type) return logo
  }
  throw new InputError(`logo: ${EXPECTED.logo}`)
}
