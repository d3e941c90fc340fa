import { randomUUID } from 'node:crypto'
import { CivicError } from '../errors.ts'
import type { RequestLike } from '../origin.ts'
import { openAnswer, readSealedAnswer } from './answer-jwe.ts'
import { AnswerRefused } from './answer-refused.ts'
import { checkCode, claimAnswer, createCode } from './codes.ts'
import type { GivenCodes } from './codes.ts'
import { callbackUrl, createRequest, sha256 } from './create-request.ts'
import { StartLimits } from './limits.ts'
import { addressOf, NEAR, networkOf } from './network.ts'
import { wireValue } from './options.ts'
import type { Asked, DirectSettings } from './options.ts'
import { Records } from './records.ts'
import type { AnsweredData, Outcome, RequestRecord } from './records.ts'
import { answered, expired, over, TooMany, unknown } from './refusals.ts'
import { wellKnownKey } from './request-token.ts'
import { sameText } from './same-text.ts'
import { readAnswer, verifyAnswer } from './verify-answer.ts'
import type { VerifiedAnswer } from './verify-answer.ts'
import type { AnswerResponse, WellKnown } from './wire.ts'

export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const MAX_KEYS = 4
/** The response to M1. */
export interface Started {
  readonly uuid: string
  readonly link: string
  /** Seconds. */
  readonly timeout: number
}

/** The response to M4. */
export type Polled =
  | { statusCode: 202; state: 'waiting' | 'read' }
  | { statusCode: 200; action: 'data-dispatched' | 'user-cancelled' | 'expired' }

/** The result of M5. */
export interface Finished extends AnsweredData {
  readonly sameNetwork: boolean
}

/** A request, and how it ended if it did. */
interface Found {
  readonly request: RequestRecord
  readonly outcome: Outcome | undefined
}

/**
 * The Direct option without HTTP, on a store: M1, W1, W2, M4 and M5 of docs/wallet-protocol.md. Records of one request:
 * `{uuid}` what was asked, `{uuid}:read` a mark that a wallet fetched it, `{uuid}:answer:{n}` the responses that were
 * decrypted, `{uuid}:outcome` how it ended, `{uuid}:data:{id}` the person's data, `{uuid}:try:{n}` the codes that were
 * compared.
 */
export class DirectCore {
  readonly settings: DirectSettings
  readonly #records: Records
  readonly #limits: StartLimits

  constructor(settings: DirectSettings) {
    this.settings = settings
    this.#records = new Records(settings.store, settings.keys)
    this.#limits = new StartLimits(settings.maxOpen, settings.timeout)
  }

  /** W0. */
  wellKnown(): WellKnown {
    const { origin, mount, name, look, keys } = this.settings
    const { logo: _, ...colors } = look
    return {
      version: 1,
      role: 'site',
      clientId: origin,
      name,
      ...colors,
      callback: `${origin}${mount}/`,
      keys: keys().slice(0, MAX_KEYS).map(wellKnownKey),
    }
  }

  /**
   * M1: makes a request and signs its token.
   *
   * @param browser the cookie's value
   * @throws AnswerRefused 400, 429; CivicError `CIVIC_STORE_UNAVAILABLE`
   */
  async start(req: RequestLike, channel: unknown, scopeRequest: unknown, browser: string): Promise<Started> {
    const { walletUrl, timeout } = this.settings
    const asked = this.#asked(scopeRequest)
    if (channel !== 'scan' && channel !== 'link') {
      throw new AnswerRefused(400, 'CHANNEL', "channel must be 'scan' or 'link'")
    }
    const uuid = randomUUID()
    const wait = this.#limits.start(uuid, addressOf(req))
    if (wait > 0) throw new TooMany(wait)
    try {
      const request = createRequest(this.settings, req, { uuid, asked, channel, browser })
      await this.#records.set(uuid, request, this.#lifetime(request))
    } catch (error) {
      this.#limits.end(uuid)
      throw error
    }
    return { uuid, link: `${walletUrl}#${callbackUrl(this.settings, uuid)}`, timeout: timeout / 1000 }
  }

  /** W1. @throws AnswerRefused 404, 410; CivicError */
  async readRequest(uuid: string): Promise<{ token: string }> {
    const { request, outcome } = await this.#find(uuid)
    if (outcome || isOver(request)) throw over()
    await this.#records.claim(`${uuid}:read`, this.#lifetime(request))
    return { token: request.token }
  }

  /**
   * W2.
   *
   * @param jwe the member `answer`
   * @throws AnswerRefused 400 to 422; LedgerUnavailable; CivicError
   */
  async answer(uuid: string, jwe: unknown, req: RequestLike): Promise<AnswerResponse> {
    const { request, outcome } = await this.#find(uuid)
    if (typeof jwe !== 'string') throw new AnswerRefused(400, 'UNREADABLE', 'The body contains no answer')
    const hash = sha256(jwe)
    if (outcome) return this.#respond(request, outcome, hash, uuid)
    if (isOver(request)) throw over()
    const { proximity } = this.settings
    const network = networkOf(addressOf(req), NEAR)
    const sameNetwork = network !== '' && network === request.network
    if (proximity === 'same-network' && !sameNetwork) {
      throw new AnswerRefused(403, 'OTHER_NETWORK', 'Wallet and browser must be in the same network')
    }
    const sealed = readSealedAnswer(jwe, request.token)
    const isLast = await claimAnswer(this.#records, uuid, hash, this.#lifetime(request))
    let verified: VerifiedAnswer | 'denied'
    try {
      verified = await this.#verify(uuid, request, openAnswer(sealed, request.secret))
    } catch (error) {
      if (error instanceof AnswerRefused && isLast) await this.#end(uuid, request)
      throw error
    }
    if (isOver(request)) throw over()
    const stored = await this.#store(uuid, request, verified, { hash, sameNetwork })
    return this.#respond(request, stored, hash, uuid)
  }

  /** M4. @returns undefined for an unknown request, or another browser's */
  async poll(uuid: string, browser: string): Promise<Polled | undefined> {
    const found = await this.#findOf(uuid, browser)
    if (!found) return undefined
    const { request, outcome } = found
    if (outcome?.kind === 'denied') return { statusCode: 200, action: 'user-cancelled' }
    if (outcome?.kind === 'answered' && (outcome.taken || !isOver(outcome))) {
      return { statusCode: 200, action: 'data-dispatched' }
    }
    if (outcome || isOver(request)) return { statusCode: 200, action: 'expired' }
    return { statusCode: 202, state: (await this.#records.isClaimed(`${uuid}:read`)) ? 'read' : 'waiting' }
  }

  /** Ends a request of this browser that has no response: the person closed the dialog. */
  async cancel(uuid: string, browser: string): Promise<void> {
    const found = await this.#findOf(uuid, browser)
    if (found && !found.outcome) await this.#end(uuid, found.request)
  }

  /**
   * M5: gives the person's data to the browser that asked, once.
   *
   * @param codes what the browser sends
   * @throws CivicError
   */
  async finish(uuid: string, browser: string, codes: GivenCodes): Promise<Finished> {
    const found = await this.#findOf(uuid, browser)
    if (!found) {
      throw new CivicError(
        'CIVIC_REQUEST_UNBOUND',
        'This browser did not start the request: start the login again',
      )
    }
    const { request, outcome } = found
    if (!outcome && !isOver(request)) {
      throw new CivicError('CIVIC_REQUEST_PENDING', 'No wallet has responded to the request yet')
    }
    if (outcome?.kind === 'denied')
      throw new CivicError('CIVIC_REQUEST_DENIED', 'The person declined the request')
    if (outcome?.kind !== 'answered') throw expired()
    if (outcome.taken) throw expired('taken')
    if (isOver(outcome)) throw expired()
    await checkCode(this.#records, uuid, request, outcome, codes, this.#lifetime(request))
    const data = (await this.#records.take(outcome.data)) as AnsweredData | undefined
    if (!data) throw expired('taken')
    await this.#records.set(`${uuid}:outcome`, { ...outcome, taken: true }, this.#lifetime(request))
    return { ...data, sameNetwork: outcome.sameNetwork }
  }

  #asked(scopeRequest: unknown): Asked {
    const { asked } = this.settings
    const [first] = asked.values()
    const named = typeof scopeRequest === 'string' ? asked.get(wireValue(scopeRequest)) : undefined
    const one = scopeRequest === undefined ? first : named
    if (!one) throw new AnswerRefused(400, 'SCOPE_REQUEST', 'scopeRequest must be one that this site makes')
    return one
  }

  /** Milliseconds. Every record outlives its request, so that a poll can report that it is over. */
  #lifetime({ expires }: RequestRecord): number {
    return Math.max(1, expires + 2 * this.settings.timeout - Date.now())
  }

  async #request(uuid: string): Promise<RequestRecord | undefined> {
    // Anything but a uuid could name another record
    if (!UUID.test(uuid)) return undefined
    return (await this.#records.get(uuid)) as RequestRecord | undefined
  }

  async #outcome(uuid: string): Promise<Outcome | undefined> {
    return (await this.#records.get(`${uuid}:outcome`)) as Outcome | undefined
  }

  async #find(uuid: string): Promise<Found> {
    const request = await this.#request(uuid)
    if (!request) throw unknown()
    return { request, outcome: await this.#outcome(uuid) }
  }

  async #findOf(uuid: string, browser: string): Promise<Found | undefined> {
    const request = await this.#request(uuid)
    if (!request || !sameText(request.browser, sha256(browser))) return undefined
    return { request, outcome: await this.#outcome(uuid) }
  }

  /** The refusal for a wallet whose request has ended. */
  #respond({ channel }: RequestRecord, outcome: Outcome, hash: string, uuid: string): AnswerResponse {
    if (outcome.kind === 'over') throw over()
    const isSame = sameText(outcome.hash, hash)
    if (outcome.kind === 'denied') {
      if (isSame) return { status: 'denied' }
      throw over()
    }
    if (!isSame) throw answered()
    const { code } = outcome
    if (code === undefined) return { status: 'resolved' }
    if (channel === 'scan') return { status: 'resolved', confirm: code }
    const { origin, returnTo } = this.settings
    return { status: 'resolved', redirectUri: `${origin}${returnTo}#uuid=${uuid}&response_code=${code}` }
  }

  async #verify(
    uuid: string,
    { token, label, attributes }: RequestRecord,
    plaintext: Record<string, unknown>,
  ): Promise<VerifiedAnswer | 'denied'> {
    const answer = readAnswer(plaintext)
    if (answer.status === 'denied') return 'denied'
    const { origin, trust } = this.settings
    const url = callbackUrl(this.settings, uuid)
    const asked = { token, clientId: origin, url, label, attributes, optionalAttributes: [] }
    return verifyAnswer(asked, answer, trust)
  }

  /**
   * Stores how the request ended. If another response came first, nothing of this one is kept.
   *
   * @returns the outcome that counts
   */
  async #store(
    uuid: string,
    request: RequestRecord,
    verified: VerifiedAnswer | 'denied',
    { hash, sameNetwork }: { hash: string; sameNetwork: boolean },
  ): Promise<Outcome> {
    const { timeout, confirm } = this.settings
    const data = `${uuid}:data:${randomUUID()}`
    let outcome: Outcome = { kind: 'denied', hash }
    if (verified !== 'denied') {
      const code = createCode(request.channel, confirm)
      const expires = Date.now() + timeout
      outcome = { kind: 'answered', hash, data, ...(code !== undefined && { code }), sameNetwork, expires }
      await this.#records.set(data, verified, timeout)
    }
    const isFirst = await this.#records.add(`${uuid}:outcome`, outcome, this.#lifetime(request))
    if (isFirst) {
      await this.#forgetKey(uuid, request)
      return outcome
    }
    await this.#records.take(data)
    return (await this.#outcome(uuid)) ?? { kind: 'over' }
  }

  /** Ends a request, so that no wallet can respond any more. */
  async #end(uuid: string, request: RequestRecord): Promise<void> {
    await this.#records.add(`${uuid}:outcome`, { kind: 'over' }, this.#lifetime(request))
    await this.#forgetKey(uuid, request)
  }

  async #forgetKey(uuid: string, request: RequestRecord): Promise<void> {
    this.#limits.end(uuid)
    await this.#records.set(uuid, { ...request, secret: '' }, this.#lifetime(request))
  }
}

function isOver({ expires }: { expires: number }): boolean {
  return expires <= Date.now()
}
