import { createOneTimeKey, REQUEST_TOKEN_SECONDS, WALLET_AUDIENCE } from 'passport-civic-sip/direct'
import type { WellKnown } from 'passport-civic-sip/direct'
import type { App } from '../apps/apps.ts'
import { attributesOf } from '../apps/scopes.ts'
import type { TokenSigner } from '../exchange/tokens.ts'
import type { ScopeRequest } from '../scope-requests/scope-request.ts'
import type { Clock } from '../store/expiring-map.ts'

const NAME = 'Civic'

export interface WalletRequestParts {
  readonly tokens: TokenSigner
  /** Wallets derive people's keys from this id, so that they do not depend on the server's origin. */
  readonly sipId: () => Promise<string>
  readonly clock: Clock
}

type Wanted = Pick<ScopeRequest, 'uuid' | 'scope' | 'requester' | 'channel'>

/** This SIP as wallets see it: a requester that asks for its apps (docs/wallet-protocol.md#hosted). */
export class WalletRequests {
  readonly #parts: WalletRequestParts

  constructor(parts: WalletRequestParts) {
    this.#parts = parts
  }

  /**
   * The well-known document.
   * @param origin at which the wallet reaches this server
   */
  async wellKnown(origin: string): Promise<WellKnown> {
    const { tokens, sipId } = this.#parts
    return {
      version: 1,
      role: 'sip',
      clientId: origin,
      name: NAME,
      sipId: await sipId(),
      attester: `${origin}/attester`,
      callback: `${origin}/sip/`,
      keys: tokens.wellKnownKeys(),
    }
  }

  /**
   * Makes the signed request that wallets fetch.
   * @param base URL of scope requests, at the origin for the wallet
   */
  async make(
    app: App,
    { uuid, scope, requester, channel }: Wanted,
    base: string,
  ): Promise<Pick<ScopeRequest, 'callbackUrl' | 'token' | 'secret'>> {
    const { tokens, sipId, clock } = this.#parts
    const { point, secret } = createOneTimeKey()
    const callbackUrl = `${base}/${uuid}/callback`
    const iat = Math.floor(clock() / 1000)
    const { appId, name, environment, attestations, logo = '' } = app
    const isLive = environment === 'live'
    const token = tokens.request({
      iss: new URL(base).origin,
      sub: appId,
      aud: WALLET_AUDIENCE,
      jti: uuid,
      iat,
      exp: iat + REQUEST_TOKEN_SECONDS,
      data: {
        clientId: appId,
        name,
        verificationLevel: scope.name,
        description: `${name} would like to access the following data on your identity`,
        callbackUrl,
        ...attributesOf(scope),
        encPubKey: point,
        channel,
        isTest: !isLive,
        // That of a test app nobody has looked at
        ...(isLive && logo !== '' && { logo }),
        sipId: await sipId(),
        ...(attestations === true && { attestations }),
        requester,
      },
    })
    return { callbackUrl, token, secret }
  }
}
