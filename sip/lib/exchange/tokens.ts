import { randomUUID } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { privateKey, signToken } from 'passport-civic-sip/crypto'
import type { Clock } from '../store/expiring-map.ts'
import type { KeyPair } from '../apps/new-keys.ts'

/** How long SIP's tokens and codes live: 1800 s (docs/protocol.md#code-token). */
export const CODE_LIFETIME_MS = 1800 * 1000
const ISSUER = 'civic-sip-hosted-service'

/** Signs the authorization code token and the data token (docs/protocol.md#code-token, docs/protocol.md#data-token). */
export class TokenSigner {
  /** Uncompressed point, 130 hex digits: a site's `sipPublicKey`. */
  readonly pubKey: string
  readonly #key: KeyObject
  readonly #clock: Clock
  readonly #audience: string

  constructor(keys: KeyPair, clock: Clock, audience: string) {
    this.pubKey = keys.pubKey
    this.#key = privateKey(keys.prvKey)
    this.#clock = clock
    this.#audience = audience
  }

  authCode(appId: string, code: string): string {
    return this.#sign(appId, { codeToken: code })
  }

  data(appId: string, sealed: string): string {
    return this.#sign(appId, sealed)
  }

  #sign(appId: string, data: unknown): string {
    const iat = this.#clock() / 1000
    const claims = {
      jti: randomUUID(),
      iat,
      exp: iat + CODE_LIFETIME_MS / 1000,
      iss: ISSUER,
      aud: this.#audience,
      sub: appId,
      data,
    }
    return signToken(claims, this.#key)
  }
}
