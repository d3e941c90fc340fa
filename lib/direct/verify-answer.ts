import { createHash, createPublicKey, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  AttestationError,
  LedgerUnavailable,
  VerificationCache,
  verifyOffline,
  verifyOnLedger,
} from 'civic-attestations'
import type { LedgerReader, Verified } from 'civic-attestations'
import { attestationSet } from '../scope-requests.ts'
import { isPlainObject } from '../objects.ts'
import { unref } from '../timers.ts'
import { AnswerRefused, unreadable } from './answer-refused.ts'
import { hasExactly } from './compact.ts'
import { NO_DATA } from './wire.ts'
import type { ResolvedAnswer } from './wire.ts'

/** The request that a response must belong to. */
export interface AskedRequest {
  /** W1 as it was signed. */
  readonly token: string
  readonly clientId: string
  /** The callback URL. */
  readonly url: string
  /** Wire value of the scope request. */
  readonly label: string
  readonly attributes: readonly string[]
  readonly optionalAttributes: readonly string[]
}

/** The chain to ask, and the authorities to trust. */
export interface Trust {
  readonly ledger: LedgerReader
  /** The xpubs of the trusted authorities. If empty, no attestation is accepted. */
  readonly authorities: readonly string[]
  /** The confirmations that an anchor must have. */
  readonly confirmations: number
}

/** One verified value. */
export interface AnswerItem {
  label: string
  value: string
  /** Whether its anchor is confirmed and unspent. */
  isValid: boolean
  isOwner: true
}

/** The person in a verified response. */
export interface VerifiedAnswer {
  userId: string
  items: AnswerItem[]
}

/** Limits above any real response: an identity has twelve labels in one tree, and three sets have three anchors. */
const MAX_ANCHORS = 8
const MAX_ATTESTATIONS = 64

/** Reads the plaintext's shape. @throws AnswerRefused 400 */
export function readAnswer(answer: Record<string, unknown>): ResolvedAnswer | { status: 'denied' } {
  if (answer['status'] === 'denied' && hasExactly(answer, 'status')) return { status: 'denied' }
  const { status, userId, userKey, request, attestations } = answer
  const isResolved =
    status === 'resolved' &&
    hasExactly(answer, 'status', 'userId', 'userKey', 'request', 'attestations') &&
    typeof userId === 'string' &&
    typeof userKey === 'string' &&
    isPlainObject(request) &&
    hasExactly(request, 'clientId', 'url', 'label', 'signature') &&
    Object.values(request).every((value) => typeof value === 'string') &&
    Array.isArray(attestations) &&
    attestations.length <= MAX_ATTESTATIONS
  if (!isResolved) throw unreadable()
  return answer as unknown as ResolvedAnswer
}

/**
 * Verifies an approval: that one wallet made it, for this request, and that trusted authorities attested what it
 * shares. Asks the ledger only after all other checks, once for each anchor.
 *
 * @param asked the request
 * @param answer what `readAnswer` returned
 * @throws AnswerRefused 400, 403 or 422
 * @throws LedgerUnavailable
 */
export async function verifyAnswer(
  asked: AskedRequest,
  answer: ResolvedAnswer,
  { ledger, authorities, confirmations }: Trust,
): Promise<VerifiedAnswer> {
  const cache = new VerificationCache()
  const { userId, shared } = verifyAnswerOffline(asked, answer, cache)
  const anchors = new Map(shared.map((verified) => [verified.anchor, verified]))
  const valid = new Set<string>()
  const lookUp = async (verified: Verified): Promise<void> => {
    const { isValid } = await verifyOnLedger(verified, ledger, { authorities, confirmations, cache })
    if (isValid) valid.add(verified.anchor)
  }
  const lookUps = await inTime(Promise.allSettled([...anchors.values()].map(lookUp)))
  const failures = lookUps.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  )
  // A refusal is final, so it comes before a failure that a retry may mend
  if (failures.length > 0) throw asRefusal(failures.find(isLasting) ?? failures[0])
  const items = shared.map(({ label, value, anchor }): AnswerItem => ({
    label,
    value,
    isValid: valid.has(anchor),
    isOwner: true,
  }))
  return { userId, items }
}

/** A ledger that has not responded by then is down. A wallet waits ten seconds. */
const LEDGER_MS = 8_000

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = unref(setTimeout(() => reject(new LedgerUnavailable('the ledger is too slow')), LEDGER_MS))
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function isLasting(error: unknown): boolean {
  return !(error instanceof LedgerUnavailable)
}

/** Every check that needs no ledger, the cheap ones first. @throws AnswerRefused */
export function verifyAnswerOffline(
  asked: AskedRequest,
  { userId, userKey, request, attestations }: ResolvedAnswer,
  cache: VerificationCache,
): { userId: string; shared: readonly Verified[] } {
  const key = userPoint(userKey)
  if (createHash('sha256').update(userKey, 'hex').digest('hex') !== userId) {
    throw new AnswerRefused(403, 'USER_MISMATCH', 'The userId is not that of the userKey')
  }
  if (request.clientId !== asked.clientId || request.url !== asked.url || request.label !== asked.label) {
    throw new AnswerRefused(403, 'REQUEST_MISMATCH', 'The response is for another request')
  }
  const leaves = attestations.map(readLeaf)
  checkLabels(asked, leaves)
  const requestId = requestIdOf(asked.token, userKey)
  const text = asked.label + dataOf(leaves) + asked.clientId + requestId
  if (!isSigned(text, request.signature, key)) {
    throw new AnswerRefused(
      403,
      'SIGNATURE_MISMATCH',
      'The response is signed by another key, or for another request',
    )
  }
  const shared = attestations.map((attestation) =>
    verifyShared(attestation, { appId: asked.clientId, requestId }, cache),
  )
  checkSubjects(shared)
  if (new Set(shared.map(({ anchor }) => anchor)).size > MAX_ANCHORS) {
    throw new AnswerRefused(422, 'TOO_MANY_ANCHORS', 'The attestations have more than 8 anchors')
  }
  return { userId, shared }
}

/** The request that a grant signs: it covers this token and the wallet's key, so that neither can be replaced. */
export function requestIdOf(token: string, userKey: string): string {
  return createHash('sha256').update(`${token}.${userKey}`).digest('hex')
}

/** SubjectPublicKeyInfo of a secp256k1 key, without the compressed point at its end (RFC 5480). */
const SPKI = Buffer.from('3036301006072a8648ce3d020106052b8104000a032200', 'hex')

/** Node's secp256k1, twenty times as fast as one in JavaScript. */
function userPoint(userKey: string): KeyObject {
  if (!/^0[23][0-9a-f]{64}$/.test(userKey)) throw unreadable()
  try {
    const key = Buffer.concat([SPKI, Buffer.from(userKey, 'hex')])
    return createPublicKey({ key, format: 'der', type: 'spki' })
  } catch {
    throw unreadable()
  }
}

function isSigned(text: string, signature: string, key: KeyObject): boolean {
  if (!/^(?:[0-9a-f]{2}){8,72}$/.test(signature)) return false
  return verify('sha256', Buffer.from(text), { key, dsaEncoding: 'der' }, Buffer.from(signature, 'hex'))
}

/** The hash over all leaves, in the order of the response. */
function dataOf(leaves: readonly Leaf[]): string {
  if (leaves.length === 0) return NO_DATA
  const hash = createHash('sha256')
  for (const leaf of leaves) hash.update(leaf.hash, 'hex')
  return hash.digest('hex')
}

interface Leaf {
  readonly label: string
  readonly hash: string
}

function malformed(): AnswerRefused {
  return new AnswerRefused(422, 'MALFORMED', 'An attestation has neither of the two forms')
}

/** Reads either form (docs/protocol.md#attestations), but not both at once: two readers could read different values. */
function readLeaf(attestation: unknown): Leaf {
  if (!isPlainObject(attestation)) throw malformed()
  const { label, data, attn, claims, grantedAttestation } = attestation
  const isFirst = claims === undefined && grantedAttestation === undefined
  const isSecond = label === undefined && data === undefined && attn === undefined
  if (isFirst === isSecond) throw malformed()
  const [claim] = Array.isArray(claims) ? (claims as unknown[]) : []
  const leaf = isFirst ? data : claim
  if (!isPlainObject(leaf)) throw malformed()
  const { hash } = leaf
  const name = leaf[isFirst ? 'label' : 'identifier']
  if (typeof name !== 'string' || typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) throw malformed()
  return { label: name, hash }
}

function checkLabels({ attributes, optionalAttributes }: AskedRequest, leaves: readonly Leaf[]): void {
  const labels = new Set(leaves.map(({ label }) => label))
  const isAsked = (label: string): boolean => attributes.includes(label) || optionalAttributes.includes(label)
  const isComplete = attributes.every((label) => labels.has(label))
  if (!isComplete || labels.size !== leaves.length || ![...labels].every(isAsked)) {
    throw new AnswerRefused(422, 'LABELS', 'The response does not contain exactly the requested labels')
  }
}

/** Verifies one attestation's proofs and its grant for this request. */
function verifyShared(
  attestation: unknown,
  request: { appId: string; requestId: string },
  cache: VerificationCache,
): Verified {
  let verified: Verified
  try {
    verified = verifyOffline(attestation, request, cache)
  } catch (error) {
    throw asRefusal(error)
  }
  if (!verified.labelBound) {
    throw new AnswerRefused(422, 'LABEL_UNBOUND', 'An attestation does not commit to its label')
  }
  if (verified.set !== attestationSet(verified.label)) {
    throw new AnswerRefused(422, 'SET_MISMATCH', 'A label is attested in a set that it does not belong to')
  }
  return verified
}

/** Two wallets must not combine their attestations. */
function checkSubjects(shared: readonly Verified[]): void {
  const subjects = new Map(shared.map(({ set, publicKey }) => [set, publicKey]))
  if (shared.some(({ set, publicKey }) => subjects.get(set) !== publicKey)) {
    throw new AnswerRefused(422, 'SUBJECT_MISMATCH', 'One set is attested to two keys')
  }
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof AttestationError)) return error
  return new AnswerRefused(error.code === 'GRANT_MISMATCH' ? 403 : 422, error.code, error.message)
}
