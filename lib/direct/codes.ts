import { randomBytes, randomInt } from 'node:crypto'
import type { Answered, Records, RequestRecord } from './records.ts'
import { answered, expired, wrongConfirm, wrongResponseCode } from './refusals.ts'
import { sameText } from './same-text.ts'
import type { Channel } from './wire.ts'

/** The most responses to decrypt for one request. */
const ANSWERS = 10
/** The most codes to compare for one request. */
const TRIES = 3

/** What the browser sends to finish a login. */
export interface GivenCodes {
  readonly responseCode: unknown
  readonly confirm: unknown
}

/** What the browser must send, depending on how the request reached the wallet; undefined if nothing. */
export function createCode(channel: Channel, confirm: boolean): string | undefined {
  if (channel === 'link') return randomBytes(32).toString('base64url')
  return confirm ? String(randomInt(1_000_000)).padStart(6, '0') : undefined
}

/**
 * Claims a slot for a response before it is decrypted. The same bytes get the same slot.
 *
 * @returns whether it is the last slot
 * @throws AnswerRefused 409 if all are taken
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
 * Compares the browser's code. Each try is claimed first, so that a thousand tries at once are still three. The third
 * wrong code ends the request.
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
