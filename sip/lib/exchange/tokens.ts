import { randomUUID } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { privateKey, publicKey, signToken } from 'passport-civic-sip/crypto'
import { signRequestToken, wellKnownKey } from 'passport-civic-sip/direct'
import type { RequestClaims, WellKnownKey } from 'passport-civic-sip/direct'
import type { Clock } from '../store/expiring-map.ts'
import type { KeyPair } from '../apps/new-keys.ts'
import { ringOf } from '../secrets/key-ring.ts'
import type { KeyRing } from '../secrets/key-ring.ts'

/** How long SIP's tokens and codes live: 1800 s (docs/protocol.md#code-token). */
export const CODE_LIFETIME_MS = 1800 * 1000
const ISSUER = 'civic-sip-hosted-service'

/**
 * Signs the authorization code token, the data token and the wallets' request token (docs/protocol.md#code-token,
 * docs/protocol.md#data-token, docs/wallet-protocol.md#w1).
 */
export class TokenSigner {
  readonly #ring: KeyRing
  #key: { readonly of: string; readonly object: KeyObject } | undefined
  readonly #clock: Clock
  readonly #audience: string

  constructor(keys: KeyPair | KeyRing, clock: Clock, audience: string) {
    this.#ring = ringOf(keys)
    this.#clock = clock
    this.#audience = audience
  }

  /** Uncompressed points, 130 hex digits each, for a site's `sipPublicKey`. The first one signs. */
  get pubKeys(): readonly string[] {
    return this.#ring.published
  }

  authCode(appId: string, code: string): string {
    return this.#sign(appId, { codeToken: code })
  }

  data(appId: string, sealed: string): string {
    return this.#sign(appId, sealed)
  }

  /** A request for wallets. */
  request(claims: RequestClaims): string {
    return signRequestToken(claims, this.#privateKey())
  }

  /** The keys with which wallets verify requests, for the well-known document. */
  wellKnownKeys(): WellKnownKey[] {
    return this.pubKeys.map((pubKey) => wellKnownKey(publicKey(pubKey)))
  }

  #privateKey(): KeyObject {
    const { prvKey, pubKey } = this.#ring.current
    if (this.#key?.of !== pubKey) this.#key = { of: pubKey, object: privateKey(prvKey) }
    return this.#key.object
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
    return signToken(claims, this.#privateKey())
  }
}
