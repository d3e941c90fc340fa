import { randomUUID } from 'node:crypto'
import type { Attestation } from 'civic-attestations'
import { sealPayload } from '../../../lib/crypto.ts'
import { signRequestToken } from '../../../lib/direct/index.ts'
import type { RequestClaims, ResolvedAnswer } from '../../../lib/direct/index.ts'
import { secondForm } from '../../support/mixed-answers.ts'
import { APP_ID, APP_SECRET } from '../../support/sip.ts'
import type { FakeSip } from '../../support/sip.ts'

export const PAGE = 'https://www.shop.example'
export const EMAIL = 'contact.personal.email'
export const PHONE = 'contact.personal.phoneNumber'

type Json = Record<string, unknown>

/** The claims of a request that SIP makes for the app, changed as told. */
export function hostedClaims(sip: FakeSip, changes: Json = {}, data: Json = {}): RequestClaims {
  const jti = randomUUID()
  const iat = Math.floor(Date.now() / 1000)
  return {
    iss: sip.origin,
    sub: APP_ID,
    aud: 'civic-wallet',
    jti,
    iat,
    exp: iat + 180,
    data: {
      clientId: APP_ID,
      name: 'Shop',
      verificationLevel: 'civicBasic',
      description: 'Shop asks',
      callbackUrl: `${sip.api}prod/scopeRequest/${jti}/callback`,
      attributes: [EMAIL, PHONE],
      optionalAttributes: [],
      encPubKey: '04',
      channel: 'scan',
      isTest: false,
      attestations: true,
      requester: { origin: PAGE },
      ...data,
    },
    ...changes,
  }
}

export function hostedToken(sip: FakeSip, changes: Json = {}, data: Json = {}): string {
  return signRequestToken(hostedClaims(sip, changes, data), sip.keys.privateKey)
}

/** The second form, with the request beside it, as SIP makes it of what a wallet sent. */
export interface HostedPayload {
  userId?: unknown
  identity?: unknown
  credentials: unknown
  request: unknown
}

export function hostedPayload(token: string, answer: ResolvedAnswer): HostedPayload {
  const { userId, userKey, request, attestations } = answer
  return {
    userId,
    identity: { contact: { personal: { email: 'ada@example.org', phoneNumber: '+1 202 555 0143' } } },
    credentials: (attestations as Attestation[]).map(secondForm),
    request: { token, userKey, ...request },
  }
}

/** The body of SIP's 200 with a payload of any form. */
export function hostedBody(sip: FakeSip, userId: unknown, payload: unknown): Json {
  const data = sip.token({ data: sealPayload(JSON.stringify(payload), APP_SECRET) })
  return sip.successBody({ userId, data })
}
