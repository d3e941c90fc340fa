import { createHash } from 'node:crypto'
import { LedgerUnavailable } from 'civic-attestations'
import type { CivicUser, Opened } from '../answer.ts'
import type { AttestationSettings } from '../attestations.ts'
import { consume } from '../consume.ts'
import type { Deadline } from '../deadline.ts'
import { CivicError } from '../errors.ts'
import { isPlainObject } from '../objects.ts'
import type { Settings } from '../options.ts'
import type { ReplayStore } from '../replay.ts'
import { asUsed, badAnswer } from '../transport.ts'
import { UserData } from '../user-data.ts'
import { AnswerRefused, unreadable } from './answer-refused.ts'
import { verifyRequestToken } from './request-token.ts'
import { readAnswer, verifyAnswer } from './verify-answer.ts'
import type { AskedRequest } from './verify-answer.ts'
import { WALLET_AUDIENCE } from './wire.ts'
import type { ResolvedAnswer } from './wire.ts'

/** Seconds that a code lives (docs/protocol.md#code-token), and so an approval. */
const CODE_SECONDS = 1800
const BLOCKS = 1

/**
 * Verifies a response of SIP by the wallet's own proofs (docs/wallet-protocol.md#trusting-sip-less): the request that
 * SIP signed for this app and these pages, the wallet's approval of that very request, and every value, as the Direct
 * option verifies a wallet's response. What SIP says besides, such as `identity`, is not looked at.
 *
 * @throws CivicError `CIVIC_BAD_ANSWER` (`attestation`), `CIVIC_UNAVAILABLE` (`ledger`), `CIVIC_TIMEOUT` or
 * `CIVIC_STORE_UNAVAILABLE`; none is retryable, since SIP has used the code
 */
export async function verifyAttested(
  opened: Opened,
  { attestations, sipKeys, expected }: Settings,
  used: ReplayStore,
  deadline: Deadline,
): Promise<CivicUser> {
  const { subject: appId, clockTolerance } = expected
  // This is called only where the option is set
  const trust = attestations as AttestationSettings
  try {
    const { token, answer } = readPayload(opened)
    const claims = verifyRequestToken(token, sipKeys)
    if (!claims || !isApproval(claims, { appId, clockTolerance, ...trust })) throw mismatch()
    const asked = askedIn(claims['data'], token)
    const verified = verifyAnswer(asked, answer, { ...trust, confirmations: BLOCKS })
    const { userId, items } = await deadline.race(verified)
    const ttlMs = (CODE_SECONDS + 2 * clockTolerance) * 1000
    if (!(await consume(used, approvalKey(appId, claims), ttlMs, deadline))) throw mismatch('REPLAYED')
    return { userId, data: new UserData(items) }
  } catch (error) {
    throw asCivicError(error)
  }
}

function mismatch(code = 'REQUEST_MISMATCH'): AnswerRefused {
  return new AnswerRefused(403, code, 'The approval is not for this site, or not for now')
}

/** Names one approval of an app's; no code has such a key, since a code's has three members. */
function approvalKey(appId: string, { jti }: Record<string, unknown>): string {
  return createHash('sha256')
    .update(JSON.stringify([appId, jti]))
    .digest('hex')
}

/** The second form, with the request beside it (docs/protocol.md#attestation-object-form). */
function readPayload({ userId, payload }: Opened): { token: string; answer: ResolvedAnswer } {
  const { userId: inner = userId, credentials, request } = payload as Record<string, unknown>
  if (inner !== userId || !Array.isArray(credentials) || !isPlainObject(request)) throw unreadable()
  const { token, userKey, ...signed } = request
  if (typeof token !== 'string') throw unreadable()
  const attestations = credentials.flatMap(oneByOne)
  const answer = readAnswer({ status: 'resolved', userId, userKey, request: signed, attestations })
  // Only what is denied has no more than a status
  return { token, answer: answer as ResolvedAnswer }
}

/** A credential for each claim: the form allows several in one. */
function oneByOne(credential: unknown): unknown[] {
  if (!isPlainObject(credential) || !Array.isArray(credential['claims'])) return [credential]
  return credential['claims'].map((claim: unknown) => ({ ...credential, claims: [claim] }))
}

interface Expected extends AttestationSettings {
  readonly appId: string
  readonly clockTolerance: number
}

/** Whether a request is one of this SIP's, for this app and one of its pages, from the last half hour. */
function isApproval(
  { iss, sub, aud, jti, iat, data }: Record<string, unknown>,
  { issuer, appId, origins, clockTolerance }: Expected,
): boolean {
  const { clientId, requester } = data as Record<string, unknown>
  const now = Date.now() / 1000
  return (
    iss === issuer &&
    aud === WALLET_AUDIENCE &&
    sub === appId &&
    clientId === appId &&
    typeof jti === 'string' &&
    isPlainObject(requester) &&
    origins.includes(requester['origin'] as string) &&
    typeof iat === 'number' &&
    iat <= now + clockTolerance &&
    iat >= now - CODE_SECONDS - clockTolerance
  )
}

/** What a wallet was asked, as the request says it. */
function askedIn(data: unknown, token: string): AskedRequest {
  const { clientId, callbackUrl, verificationLevel, attributes, optionalAttributes } = data as Record<
    string,
    unknown
  >
  if (!isTexts(attributes) || !isTexts(optionalAttributes)) throw unreadable()
  // `verifyAnswer` compares these with what the wallet signed, which is text
  const [url, label] = [callbackUrl as string, verificationLevel as string]
  return { token, clientId: clientId as string, url, label, attributes, optionalAttributes }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

function asCivicError(error: unknown): CivicError {
  if (error instanceof CivicError) return asUsed(error)
  if (error instanceof LedgerUnavailable) {
    return new CivicError('CIVIC_UNAVAILABLE', 'The ledger of the attestations cannot be asked', {
      reason: 'ledger',
    })
  }
  // A word of ours
  const { code } = error as AnswerRefused
  return badAnswer(`its attestations do not prove what it says (${code})`, 'attestation')
}
