import { createHash } from 'node:crypto'
import type { RequestLike } from '../origin.ts'
import { createOneTimeKey } from './answer-jwe.ts'
import { addressOf, agentOf, NEAR, networkOf } from './network.ts'
import type { Asked, DirectSettings } from './options.ts'
import type { RequestRecord } from './records.ts'
import { REQUEST_TOKEN_SECONDS, signRequestToken } from './request-token.ts'
import { WALLET_AUDIENCE } from './wire.ts'
import type { Channel, RequestClaims, Requester } from './wire.ts'

/** The bits of an address that a request shows: anybody who photographs the code can read them. */
const SHOWN = { v4: 24, v6: 48 }

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function callbackUrl({ origin, mount }: DirectSettings, uuid: string): string {
  return `${origin}${mount}/${uuid}/callback`
}

/**
 * Makes a request with a signed token and a one-time key for the response.
 *
 * @param asked what the person is asked for
 * @param browser the value of the cookie of the browser that asks
 */
export function createRequest(
  settings: DirectSettings,
  req: RequestLike,
  { uuid, asked, channel, browser }: { uuid: string; asked: Asked; channel: Channel; browser: string },
): RequestRecord {
  const { origin, name, look, keys, timeout, description } = settings
  const { point, secret } = createOneTimeKey()
  const now = Date.now()
  const iat = Math.floor(now / 1000)
  const claims: RequestClaims = {
    iss: origin,
    sub: origin,
    aud: WALLET_AUDIENCE,
    jti: uuid,
    iat,
    exp: iat + REQUEST_TOKEN_SECONDS,
    data: {
      clientId: origin,
      name,
      ...look,
      verificationLevel: asked.label,
      description: description(req, uuid),
      callbackUrl: callbackUrl(settings, uuid),
      attributes: asked.attributes,
      optionalAttributes: [],
      encPubKey: point,
      channel,
      isTest: false,
      requester: requesterOf(origin, req),
    },
  }
  return {
    token: signRequestToken(claims, keys()[0]),
    secret,
    ...asked,
    channel,
    browser: sha256(browser),
    network: networkOf(addressOf(req), NEAR),
    expires: now + timeout,
  }
}

/**
 * Where a request came from, as W1 shows it. Anybody who photographs the code can read it.
 *
 * @param origin of the page that asks
 * @param req that page's HTTP request, from Node or a framework
 */
export function requesterOf(origin: string, req: RequestLike): Requester {
  const address = networkOf(addressOf(req), SHOWN)
  const userAgent = agentOf(req.headers['user-agent'])
  return { origin, ...(address !== '' && { address }), ...(userAgent !== undefined && { userAgent }) }
}
