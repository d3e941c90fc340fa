import { randomBytes, randomInt } from 'node:crypto'
import type { Answered, Records, RequestRecord } from './records.ts'
import { answered, expired, wrongConfirm, wrongResponseCode } from './refusals.ts'
import { sameText } from './same-text.ts'
import type { Channel } from './wire.ts'

/** Answers of one request that are decrypted, at most. */
const ANSWERS = 10
/** Codes of one request that are compared, at most. */
const TRIES = 3

/** What the browser that asked brings to finish a login. */
export interface GivenCodes {
  readonly responseCode: unknown
  readonly confirm: unknown
}

/** What a browser must bring, by the way the request reached the wallet; undefined where it need bring nothing. */
export function createCode(channel: Channel, confirm: boolean): string | undefined {
  if (channel === 'link') return randomBytes(32).toString('base64url')
  return confirm ? String(randomInt(1_000_000)).padStart(6, '0') : undefined
}

/**
 * Claims a slot for an answer, before it is decrypted. The same bytes have the same slot.
 *
 * @returns whether it is the last slot
 * @throws AnswerRefused 409 where all are taken
 */
export async function claimAnswer(
  records: Records,
  uuid: string,
  hash: string,
  ttlMs: number,
): Promise<boolean> {
  const slot = await records.claimOneOf(`${uuid}:answer`, ANSWERS, ttlMs, hash)
  if (slot === undefined) throw answered('Too many wallets have responded to this request')
  return slot === ANSWERS
}

/**
 * Compares the code that a browser brings. A try is claimed before that, so that a thousand at once are no more than
 * three. After the third wrong one the request is over.
 *
 * @throws CivicError
 */
export async function checkCode(
  records: Records,
  uuid: string,
  { channel }: RequestRecord,
  outcome: Answered,
  { responseCode, confirm }: GivenCodes,
  ttlMs: number,
): Promise<void> {
  if (outcome.code === undefined) return
  const isLink = channel === 'link'
  const given = isLink ? responseCode : confirm
  const wrong = isLink ? wrongResponseCode : wrongConfirm
  if (typeof given !== 'string' || given === '') throw wrong('missing')
  const slot = await records.claimOneOf(`${uuid}:try`, TRIES, ttlMs)
  if (slot === undefined) throw expired('tries')
  if (sameText(given, outcome.code)) return
  if (slot === TRIES) {
    await records.set(`${uuid}:outcome`, { kind: 'over' }, ttlMs)
    await records.take(outcome.data)
  }
  throw wrong('mismatch')
}
