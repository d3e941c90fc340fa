import { randomUUID } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { privateKey, publicKey, signToken } from 'passport-civic-sip/crypto'
import { signRequestToken, wellKnownKey } from 'passport-civic-sip/direct'
import type { RequestClaims, WellKnownKey } from 'passport-civic-sip/direct'
import type { Clock } from '../store/expiring-map.ts'
import type { KeyPair } from '../apps/new-keys.ts'

/** How long SIP's tokens and codes live: 1800 s (docs/protocol.md#code-token). */
export const CODE_LIFETIME_MS = 1800 * 1000
const ISSUER = 'civic-sip-hosted-service'

/**
 * Signs the authorization code token, the data token and the wallets' request token (docs/protocol.md#code-token,
 * docs/protocol.md#data-token, docs/wallet-protocol.md#w1).
 */
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

  /** A request for wallets. */
  request(claims: RequestClaims): string {
    return signRequestToken(claims, this.#key)
  }

  /** The keys by which wallets verify requests, as the well-known document has them. */
  wellKnownKeys(): WellKnownKey[] {
    return [wellKnownKey(publicKey(this.pubKey))]
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
