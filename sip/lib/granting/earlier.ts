import { createECDH, createHmac } from 'node:crypto'
import {
  AttestationError,
  LedgerUnavailable,
  verifyGrant,
  verifyOffline,
  verifyOnLedger,
} from 'civic-attestations'
import type { Ledger, LedgerState, Verified } from 'civic-attestations'
import type { AnswerItem } from 'passport-civic-sip/direct'
import type { Apps } from '../apps/apps.ts'
import { openEnvelope } from 'civic-wallet/hosted'
import type { Envelope } from 'civic-wallet/hosted'
import { HttpError } from '../http/http.ts'
import type { Requests } from '../scope-requests/requests.ts'
import { checkMove } from '../scope-requests/scope-request.ts'
import type { ScopeRequest } from '../scope-requests/scope-request.ts'
import type { Scope } from '../apps/scopes.ts'
import { unref } from '../timers.ts'
import type { TokenSigner } from '../exchange/tokens.ts'
import { sealedGrant } from './sealed-grant.ts'
import { userIdOf } from './user-id.ts'
import { PRIVATE_LOGIN, setOf, unshared } from 'civic-wallet/hosted'
import type { Answer, RequestView } from 'civic-wallet/hosted'
import { wayBack } from '../scope-requests/way-back.ts'
import { parseXpub } from '../attester/xpub.ts'

const RETRY_MS = 1000
const WAITING = 'The blockchain cannot be reached: the grant waits until it can.'

export interface EarlierParts {
  readonly apps: Apps
  readonly requests: Requests
  readonly tokens: TokenSigner
  readonly ledger: Ledger
  /** The xpubs of the trusted attesters. */
  readonly authorities: readonly string[]
  /** The server's secret, from which userIds derive. */
  readonly secret: string
}

/** What became of a wallet's answer. */
export interface Outcome {
  readonly state: ScopeRequest['state']
  /** Why it is not decided yet. */
  readonly waiting?: string
  /** Where a person goes on who followed a link here and has approved. */
  readonly redirectUri?: string
}

/**
 * The wallets' side of a scope request: who may read it, and what an answer must prove before its data is passed
 * on (the document's steps 4 to 8). Plain data is held during these checks alone.
 */
export class EarlierGranting {
  readonly #parts: EarlierParts
  readonly #keys: EnvelopeKeys
  readonly #retries = new Map<string, NodeJS.Timeout>()

  constructor(parts: EarlierParts) {
    this.#parts = parts
    this.#keys = envelopeKeys(parts.secret)
  }

  /**
   * Shows a scope request to a wallet, and binds it to that one.
   * @throws HttpError 404, 409 if another wallet has it, 410 if it is over
   */
  async read(uuid: string, xpub: unknown): Promise<RequestView> {
    const { apps, requests } = this.#parts
    const found = await requests.get(uuid)
    const key = parseXpub(xpub)
    checkMove(found, 'read')
    const request = await requests.bind(found, key)
    if (request.walletKey !== key) {
      throw new HttpError(409, 'another wallet has this QR code already: ask the site for a new one')
    }
    checkMove(request, 'read')
    const app = await apps.get(request.appId)
    const { requester, scope } = request
    return {
      uuid,
      appId: app.appId,
      appName: app.name,
      ...requester,
      scope: scope.name,
      labels: scope.labels,
      isTest: app.environment === 'test',
      createdAt: request.createdAt,
      expiresAt: request.deadline,
      serverKey: this.#keys.publicKey,
    }
  }

  /**
   * Takes a wallet's answer as it comes over the wire.
   * @throws HttpError as `decide`, and 400 if the envelope cannot be opened
   */
  async answer(uuid: string, xpub: unknown, envelope: unknown): Promise<Outcome> {
    checkMove(await this.#parts.requests.get(uuid), 'grant')
    try {
      return await this.decide(uuid, xpub, this.#open(envelope, uuid))
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error
      return this.#wait(uuid, { xpub: xpub as string, envelope })
    }
  }

  /**
   * Takes a wallet's answer.
   *
   * @throws HttpError 403 if it is not an answer of the wallet that read the request, which then stays as it was;
   *   422 if what it grants does not hold, and then the request is over; LedgerUnavailable, and then nothing has changed
   */
  async decide(uuid: string, xpub: unknown, answer: Answer): Promise<Outcome> {
    const { requests } = this.#parts
    const request = await requests.get(uuid)
    checkMove(request, 'grant')
    if (request.walletKey !== parseXpub(xpub))
      throw new HttpError(403, 'another wallet has read this request')
    this.#checkSignature(request, answer, xpub as string)
    if (answer.decision === 'deny') {
      const { state } = await requests.move(request, 'deny')
      return { state }
    }
    try {
      return outcomeOf(await this.#grant(request, answer))
    } catch (error) {
      // In the meantime another answer may have come
      if (error instanceof LedgerUnavailable) checkMove(await requests.get(uuid), 'grant')
      if (error instanceof AttestationError) throw await this.#refuse(request, error)
      throw error
    }
  }

  /** What became of the request, for the wallet that answered it. */
  async outcome(uuid: string, xpub: unknown): Promise<Outcome> {
    const request = await this.#parts.requests.get(uuid)
    if (request.walletKey !== parseXpub(xpub))
      throw new HttpError(403, 'another wallet has read this request')
    if (request.verifyError) throw refusal(request.reason)
    return outcomeOf(request)
  }

  close(): void {
    for (const timer of this.#retries.values()) clearTimeout(timer)
  }

  #open(envelope: unknown, uuid: string): Answer {
    let answer: unknown
    try {
      answer = JSON.parse(openEnvelope(envelope as Envelope, this.#keys.secretKey, uuid))
    } catch {
      throw new HttpError(
        400,
        'the envelope cannot be opened: it is not encrypted to this server for this request',
      )
    }
    const { decision } = (answer ?? {}) as { decision?: unknown }
    if (decision !== 'grant' && decision !== 'deny')
      throw new HttpError(400, 'the response is neither grant nor deny')
    return answer as Answer
  }

  /** Where nothing is shared, the answer itself is signed; otherwise each attestation carries its grant. */
  #checkSignature({ appId, uuid: requestId, scope }: ScopeRequest, answer: Answer, xpub: string): void {
    const { decision, signed } = answer
    if (decision === 'grant' && !sharesNothing(scope, answer.attestations)) return
    try {
      verifyGrant(signed, { xpub, appId, requestId, ...unshared(decision, scope.name) })
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error
      throw new HttpError(
        403,
        `the response is not signed by the key that read the request: ${error.message}`,
      )
    }
  }

  async #grant(request: ScopeRequest, answer: Extract<Answer, { decision: 'grant' }>): Promise<ScopeRequest> {
    const { apps, requests, tokens, secret } = this.#parts
    const { appId, walletKey = '' } = request
    const items = await this.#verify(request, answer.attestations)
    const app = await apps.get(appId)
    const userId = userIdOf(secret, appId, walletKey)
    const granted = await requests.grant(request, sealedGrant(tokens, app, { userId, items }))
    if (!granted) checkMove(await requests.get(request.uuid), 'grant')
    return granted ?? request
  }

  /** @throws AttestationError, LedgerUnavailable */
  async #verify(
    { appId, uuid, scope, walletKey }: ScopeRequest,
    attestations: unknown,
  ): Promise<AnswerItem[]> {
    const { ledger, authorities } = this.#parts
    if (sharesNothing(scope, attestations)) return []
    const given: readonly unknown[] = Array.isArray(attestations) ? attestations : []
    if (given.length !== scope.labels.length)
      throw malformed('the wallet shared other labels than were asked for')
    const offline = given.map((attestation) => {
      const verified = verifyOffline(attestation, { appId, requestId: uuid })
      if (verified.publicKey !== walletKey) {
        throw new AttestationError(
          'GRANT_MISMATCH',
          'an attestation is of another key than the one that answers',
        )
      }
      if (!verified.labelBound) throw malformed('an attestation does not bind its label')
      if (setOf(verified.label) !== verified.set)
        throw malformed(`${verified.set} is not the set that ${verified.label} belongs to`)
      return verified
    })
    checkSubjects(offline)
    // What shares a tree shares its anchor: one look at the ledger is enough for all of it.
    const states = new Map<string, Promise<LedgerState>>()
    const look = (verified: Verified): Promise<LedgerState> => {
      const state = states.get(verified.anchor) ?? verifyOnLedger(verified, ledger, { authorities })
      states.set(verified.anchor, state)
      return state
    }
    return Promise.all(
      scope.labels.map(async (label) => {
        const found = offline.find((other) => other.label === label)
        if (!found) throw malformed(`the wallet did not share ${label}`)
        const { isValid } = await look(found)
        return { label, value: found.value, isValid, isOwner: true }
      }),
    )
  }

  /** Keeps an answer as it came, sealed, and looks at it again later: any process that has the secret can. */
  async #wait(uuid: string, answered: Answered): Promise<Outcome> {
    const { requests } = this.#parts
    const request = await requests.get(uuid)
    checkMove(request, 'grant')
    const { state } = await requests.note(request, { reason: WAITING, answered })
    clearTimeout(this.#retries.get(uuid))
    const again = (): void => {
      this.#retries.delete(uuid)
      // Whatever comes of it stands in the request, where both sides look.
      this.#retry(uuid).catch(() => undefined)
    }
    this.#retries.set(uuid, unref(setTimeout(again, RETRY_MS)))
    return { state, waiting: WAITING }
  }

  async #retry(uuid: string): Promise<void> {
    const { answered } = await this.#parts.requests.get(uuid)
    if (answered) await this.answer(uuid, answered.xpub, answered.envelope)
  }

  async #refuse(request: ScopeRequest, { code, message }: AttestationError): Promise<HttpError> {
    const reason = `${message} (${code})`
    await this.#parts.requests.move(request, 'deny', { reason, verifyError: true })
    return refusal(reason)
  }
}

type Answered = NonNullable<ScopeRequest['answered']>

interface EnvelopeKeys {
  readonly secretKey: string
  readonly publicKey: string
}

/** The key that answers are encrypted to: of the server's secret, the same in each of its processes. */
function envelopeKeys(secret: string): EnvelopeKeys {
  const ecdh = createECDH('prime256v1')
  for (let at = 0; ; at += 1) {
    const secretKey = createHmac('sha256', secret).update(`envelope\0${at}`).digest('hex')
    try {
      ecdh.setPrivateKey(secretKey, 'hex')
    } catch {
      // Once in four thousand million it is no scalar of the curve
      continue
    }
    return { secretKey, publicKey: ecdh.getPublicKey('hex', 'uncompressed') }
  }
}

/** A private login of a person who is not verified; see PRIVATE_LOGIN. */
function sharesNothing({ name }: Scope, attestations: unknown): boolean {
  return name === PRIVATE_LOGIN && Array.isArray(attestations) && attestations.length === 0
}

/** One subject for each set: what is in no one's tree together is not shown as if it were. */
function checkSubjects(offline: readonly Verified[]): void {
  const bySet = new Map<string, string>()
  for (const { set, anchor } of offline) {
    if ((bySet.get(set) ?? anchor) !== anchor) throw malformed(`${set} is attested in more than one way`)
    bySet.set(set, anchor)
  }
}

function outcomeOf(request: ScopeRequest): Outcome {
  const { state, reason } = request
  // The site may have been quicker than the wallet's question.
  const redirectUri = state === 'granted' || state === 'exchanged' ? wayBack(request) : undefined
  return {
    state,
    ...(reason !== undefined && { waiting: reason }),
    ...(redirectUri !== undefined && { redirectUri }),
  }
}

function malformed(message: string): AttestationError {
  return new AttestationError('MALFORMED', message)
}

function refusal(reason = 'what the wallet shared does not hold'): HttpError {
  return new HttpError(422, `refused: ${reason}`)
}
