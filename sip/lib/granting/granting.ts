import { createHash, randomBytes, randomInt } from 'node:crypto'
import { LedgerUnavailable } from 'civic-attestations'
import type { Ledger } from 'civic-attestations'
import {
  AnswerRefused,
  openAnswer,
  readAnswer,
  readSealedAnswer,
  verifyAnswer,
} from 'passport-civic-sip/direct'
import type { AnswerResponse, ResolvedAnswer, VerifiedAnswer } from 'passport-civic-sip/direct'
import type { App, Apps } from '../apps/apps.ts'
import { attributesOf } from '../apps/scopes.ts'
import type { Issuer } from '../attester/issuer.ts'
import type { TokenSigner } from '../exchange/tokens.ts'
import type { ActivityLog } from '../partners/activity.ts'
import type { Requests } from '../scope-requests/requests.ts'
import { isWaiting } from '../scope-requests/scope-request.ts'
import type { Channel, ScopeRequest } from '../scope-requests/scope-request.ts'
import { wayBack } from '../scope-requests/way-back.ts'
import { sealedGrant, secondFormOf } from './sealed-grant.ts'

/** The most responses to decrypt for one request. */
const ANSWERS = 10
const WAITING = 'the blockchain cannot be reached: approve again when it can'

export interface GrantingParts {
  readonly apps: Apps
  readonly requests: Requests
  readonly tokens: TokenSigner
  readonly ledger: Ledger
  /** Whose attestations count. */
  readonly issuer: Pick<Issuer, 'authorities'>
  readonly log: ActivityLog
  /** Whether approvals are confirmed for apps that do not set it. */
  readonly confirm: boolean
  /** The confirmations that an anchor must have. Default: 1. */
  readonly confirmations?: number
}

/**
 * The wallets' side of a scope request (docs/wallet-protocol.md#w2): who may fetch it, and what a response must prove
 * before its data is passed on. Plain data is in memory only during these checks.
 */
export class Granting {
  readonly #parts: GrantingParts

  constructor(parts: GrantingParts) {
    this.#parts = parts
  }

  /**
   * The request, for a wallet. @param path the path of the URL that the wallet fetched @throws AnswerRefused 404, 410
   */
  async read(uuid: string, path: string): Promise<{ token: string }> {
    const { requests } = this.#parts
    const request = await this.#find(uuid, path)
    if (!isWaiting(request)) throw over()
    await requests.tryMove(request, 'read')
    return { token: request.token }
  }

  /**
   * Accepts a wallet's response.
   * @param path as `read`
   * @param jwe the member `answer`
   * @throws AnswerRefused 400 to 422; LedgerUnavailable, after which the wallet may send the same bytes again
   */
  async answer(uuid: string, path: string, jwe: unknown): Promise<AnswerResponse> {
    const { requests, log } = this.#parts
    const request = await this.#find(uuid, path)
    if (typeof jwe !== 'string') throw new AnswerRefused(400, 'UNREADABLE', 'The body contains no answer')
    const answerHash = createHash('sha256').update(jwe).digest('hex')
    if (!isWaiting(request)) return respond(request, answerHash)
    const sealed = readSealedAnswer(jwe, request.token)
    const slot = await requests.claim(uuid, 'answer', ANSWERS, answerHash)
    if (slot === undefined) throw answered('Too many wallets have responded to this request')
    let stored: ScopeRequest | undefined
    try {
      const answer = readAnswer(openAnswer(sealed, request.secret ?? ''))
      stored = await this.#store(request, answer, answerHash)
    } catch (error) {
      if (error instanceof LedgerUnavailable) await this.#sayWhy(uuid)
      if (error instanceof AnswerRefused) {
        const { appId, appName } = await this.#named(request)
        log.failed({ appId, appName, problem: `${error.message} (${error.code})` }, request)
        if (slot === ANSWERS) await requests.tryMove(request, 'end')
      }
      throw error
    }
    // Otherwise another response was stored, or the request is over
    return respond(stored ?? (await this.#find(uuid, path)), answerHash)
  }

  /** @param path the fetched path: a request has one URL */
  async #find(uuid: string, path: string): Promise<ScopeRequest> {
    const request = await this.#parts.requests.find(uuid)
    if (!request || new URL(request.callbackUrl).pathname !== path) {
      throw new AnswerRefused(404, 'NOT_FOUND', 'This request does not exist')
    }
    return request
  }

  /**
   * Verifies a response and stores it.
   * @returns the updated request; undefined if another response came first, or the request ended meanwhile
   */
  async #store(
    request: ScopeRequest,
    answer: ResolvedAnswer | { status: 'denied' },
    answerHash: string,
  ): Promise<ScopeRequest | undefined> {
    const { apps, requests, tokens, confirm } = this.#parts
    if (answer.status === 'denied') return requests.tryMove(request, 'deny', { answerHash })
    const { userId, items } = await this.#verify(request, answer)
    const app = await apps.get(request.appId)
    const isConfirmed = app.confirm ?? confirm
    const grant = sealedGrant(tokens, app, {
      userId,
      items: inOrder(items, request.scope.labels),
      ...(app.attestations && { secondForm: secondFormOf(answer, request.token, items) }),
    })
    const code = isConfirmed ? newCode(request.channel) : undefined
    return requests.grant(request, grant, { answerHash, ...(code !== undefined && { confirmCode: code }) })
  }

  #verify(request: ScopeRequest, answer: ResolvedAnswer): Promise<VerifiedAnswer> {
    const { ledger, issuer, confirmations = 1 } = this.#parts
    const { token, appId: clientId, callbackUrl: url, scope } = request
    const asked = { token, clientId, url, label: scope.name, ...attributesOf(scope) }
    return verifyAnswer(asked, answer, { ledger, authorities: issuer.authorities, confirmations })
  }

  /** Tells the waiting browser why nothing happens. */
  async #sayWhy(uuid: string): Promise<void> {
    const { requests } = this.#parts
    const request = await requests.find(uuid)
    if (request && isWaiting(request)) await requests.note(request, { reason: WAITING })
  }

  async #named({ appId }: ScopeRequest): Promise<{ appId: string; appName: string }> {
    const app: App | undefined = await this.#parts.apps.find(appId)
    return { appId, appName: app?.name ?? 'unknown app' }
  }
}

/** The refusal for a wallet whose request has ended. @throws AnswerRefused */
function respond(request: ScopeRequest, answerHash: string): AnswerResponse {
  const { state, channel, confirmCode } = request
  const isSame = request.answerHash === answerHash
  if (state === 'denied' && isSame) return { status: 'denied' }
  if (state === 'denied' || state === 'expired' || isWaiting(request)) throw over()
  if (!isSame) throw answered('Another wallet answered this request')
  const redirectUri = wayBack(request)
  return {
    status: 'resolved',
    ...(channel === 'scan' && confirmCode !== undefined && { confirm: confirmCode }),
    ...(redirectUri !== undefined && { redirectUri }),
  }
}

/** Sorts the values as in the scope request, because some sites read them by position. */
function inOrder<T extends { label: string }>(items: readonly T[], labels: readonly string[]): T[] {
  return items.toSorted((one, other) => labels.indexOf(one.label) - labels.indexOf(other.label))
}

/** The code that proves that the person who approved uses the requesting browser. */
function newCode(channel: Channel): string | undefined {
  if (channel === 'link') return randomBytes(32).toString('base64url')
  // A native app is on the phone of the person who approves
  return channel === 'scan' ? String(randomInt(1_000_000)).padStart(6, '0') : undefined
}

function over(): AnswerRefused {
  return new AnswerRefused(410, 'OVER', 'The request has ended')
}

function answered(message: string): AnswerRefused {
  return new AnswerRefused(409, 'ANSWERED', message)
}
