import { randomUUID } from 'node:crypto'
import {
  openPayload,
  privateKey,
  publicKey,
  requestExtension,
  signToken,
  verifyToken,
} from 'passport-civic-sip/crypto'
import type { SandboxStrategyOptions } from 'civic-sip-sandbox'

/** A test's changes to a valid exchange request. */
export interface Deviation {
  readonly claims?: Record<string, unknown>
  readonly body?: Record<string, unknown>
  readonly headers?: Record<string, string>
  readonly method?: string
  readonly path?: string
}

/** The Authorization header of an exchange (docs/protocol.md#exchange-request). */
export function authorization(
  partner: SandboxStrategyOptions,
  body: Record<string, unknown>,
  claims: Record<string, unknown> = {},
): string {
  const now = Date.now() / 1000
  const requestToken = signToken(
    {
      jti: randomUUID(),
      iat: now,
      exp: now + 180,
      iss: partner.appId,
      sub: partner.appId,
      aud: partner.api,
      data: { method: 'POST', path: 'scopeRequest/authCode' },
      ...claims,
    },
    privateKey(partner.prvKey),
  )
  return `Civic ${requestToken}.${requestExtension(body, partner.appSecret)}`
}

/** A partner's server with its own exchange (docs/protocol.md#exchange-request): it uses no code of the sandbox. */
export async function postCode(
  partner: SandboxStrategyOptions,
  authToken: string,
  { claims, body, headers, method = 'POST', path = `${partner.env}/scopeRequest/authCode` }: Deviation = {},
): Promise<Response> {
  const sent = { authToken, ...body }
  return fetch(partner.api + path, {
    method,
    headers: {
      'Content-Type': 'application/json',
      Authorization: authorization(partner, sent, claims),
      ...headers,
    },
    ...(method === 'POST' && { body: JSON.stringify(sent) }),
  })
}

export interface Item {
  readonly label: string
  readonly value: string
  readonly isValid: boolean
  readonly isOwner: boolean
}

/** Exchanges a code and decrypts the response. */
export async function exchange(
  partner: SandboxStrategyOptions,
  authToken: string,
): Promise<{ userId: string; data: Item[] }> {
  const response = await postCode(partner, authToken)
  const answer = (await response.json()) as { data: string; userId: string; message?: string }
  if (response.status !== 200) throw new Error(`${response.status} ${answer.message ?? ''}`)
  return { userId: answer.userId, data: open(partner, answer.data) }
}

/** Opens a data token. */
export function open(partner: SandboxStrategyOptions, dataToken: string): Item[] {
  const { data } = verifyToken(dataToken, [publicKey(partner.sipPublicKey)])
  return JSON.parse(openPayload(data as string, partner.appSecret)) as Item[]
}
