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

/** Seconds that a code, and so an approval, lives (docs/protocol.md#code-token). */
const CODE_SECONDS = 1800
const BLOCKS = 1

/**
 * Verifies a response of SIP by the wallet's proofs (docs/wallet-protocol.md#trusting-sip-less): the request that SIP
 * signed for this app and these pages, the wallet's approval of that request, and every value, as the Direct option
 * verifies a wallet's response. Anything else from SIP, such as `identity`, is ignored.
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
  // Called only if the option is set
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

/** The store's key of one approval. It differs from the keys of codes, which hash three members. */
function approvalKey(appId: string, { jti }: Record<string, unknown>): string {
  return createHash('sha256')
    .update(JSON.stringify([appId, jti]))
    .digest('hex')
}

/** Reads the second form, with the request beside it (docs/protocol.md#attestation-object-form). */
function readPayload({ userId, payload }: Opened): { token: string; answer: ResolvedAnswer } {
  const { userId: inner = userId, credentials, request } = payload as Record<string, unknown>
  if (inner !== userId || !Array.isArray(credentials) || !isPlainObject(request)) throw unreadable()
  const { token, userKey, ...signed } = request
  if (typeof token !== 'string') throw unreadable()
  const attestations = credentials.flatMap(oneByOne)
  const answer = readAnswer({ status: 'resolved', userId, userKey, request: signed, attestations })
  // Only a denied item has nothing but a status
  return { token, answer: answer as ResolvedAnswer }
}

/** Splits a credential, which may have several claims, into one for each claim. */
function oneByOne(credential: unknown): unknown[] {
  if (!isPlainObject(credential) || !Array.isArray(credential['claims'])) return [credential]
  return credential['claims'].map((claim: unknown) => ({ ...credential, claims: [claim] }))
}

interface Expected extends AttestationSettings {
  readonly appId: string
  readonly clockTolerance: number
}

/** Whether a request is from this SIP, for this app and one of its pages, and at most half an hour old. */
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

/** What the wallet was asked for, according to the request. */
function askedIn(data: unknown, token: string): AskedRequest {
  const { clientId, callbackUrl, verificationLevel, attributes, optionalAttributes } = data as Record<
    string,
    unknown
  >
  if (
    typeof clientId !== 'string' ||
    typeof callbackUrl !== 'string' ||
    typeof verificationLevel !== 'string' ||
    !isTexts(attributes) ||
    !isTexts(optionalAttributes)
  )
    throw unreadable()
  return { token, clientId, url: callbackUrl, label: verificationLevel, attributes, optionalAttributes }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

function asCivicError(error: unknown): CivicError {
  if (error instanceof CivicError) return asUsed(error)
  if (error instanceof LedgerUnavailable) {
    return new CivicError('CIVIC_UNAVAILABLE', 'The ledger of the attestations is unavailable', {
      reason: 'ledger',
    })
  }
  // The code is ours, so the message may show it
  const { code } = error as AnswerRefused
  return badAnswer(`its attestations do not prove what it says (${code})`, 'attestation')
}
