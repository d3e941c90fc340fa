import { randomUUID } from 'node:crypto'
import type { ActivityLog } from '../partners/activity.ts'
import type { App } from '../apps/apps.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { Patch, ScopeRequestStore } from '../store/stores.ts'
import { HttpError } from '../http/http.ts'
import type { Scope } from '../apps/scopes.ts'
import { checkMove, isOverIn, STATES, TRANSITIONS } from './scope-request.ts'
import type { Call, Channel, Grant, Requester, ScopeRequest } from './scope-request.ts'
import { CODE_LIFETIME_MS } from '../exchange/tokens.ts'

/** How long a QR code may wait for the wallet's answer. */
export const ANSWER_TIMEOUT_MS = 120 * 1000
/** How long an ended request still answers what became of it. */
const EPITAPH_MS = 60 * 1000
const MAX_REQUESTS = 20_000
const EXPIRABLE = STATES.filter((state) => TRANSITIONS[state].expire)

export interface NewScopeRequest {
  readonly app: App
  readonly stage: string
  readonly scope: Scope
  readonly requester: Requester
  /** Default: scan. */
  readonly channel?: Channel
  readonly challenge?: string
}

/** The scope requests that are under way. */
export class Requests {
  readonly #store: ScopeRequestStore
  readonly #clock: Clock
  readonly #log: ActivityLog
  #swept = 0

  constructor(store: ScopeRequestStore, clock: Clock, log: ActivityLog) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  /** How many are under way. */
  async count(): Promise<number> {
    await this.sweep()
    return this.#store.count()
  }

  /** @throws HttpError 429 while too many are under way */
  async create(wanted: NewScopeRequest): Promise<ScopeRequest> {
    const { app, stage, scope, requester, channel = 'scan', challenge } = wanted
    const now = this.#clock()
    if (now - this.#swept >= 1000) await this.sweep()
    const request: ScopeRequest = {
      uuid: randomUUID(),
      appId: app.appId,
      stage,
      scope,
      requester,
      channel,
      ...(challenge !== undefined && { challenge }),
      createdAt: now,
      deadline: now + ANSWER_TIMEOUT_MS,
      state: 'created',
    }
    if (!(await this.#store.insert(request, MAX_REQUESTS))) {
      throw new HttpError(429, 'too many scope requests are under way', { 'Retry-After': '60' })
    }
    this.#log.track(request, app.name)
    return request
  }

  async find(uuid: string): Promise<ScopeRequest | undefined> {
    return this.#settled(await this.#store.find(uuid))
  }

  async findByCode(code: string): Promise<ScopeRequest | undefined> {
    return this.#settled(await this.#store.findByCode(code))
  }

  /** @throws HttpError 404 */
  async get(uuid: string): Promise<ScopeRequest> {
    const request = await this.find(uuid)
    if (!request) throw new HttpError(404, 'there is no such scope request: it never was, or is long expired')
    return request
  }

  /**
   * Moves a request, unless it has been moved since it was read.
   * @returns the request as it is now
   * @throws HttpError, see `checkMove`
   */
  async move(request: ScopeRequest, call: Call, patch: Patch<ScopeRequest> = {}): Promise<ScopeRequest> {
    const to = checkMove(request, call)
    const now = this.#clock()
    const moved = await this.#store.move(request.uuid, [request.state], to, {
      // One that has ended is no longer under way; its code is known as used all the same
      ...(isOverIn(to) && { deadline: Math.min(request.deadline, now) }),
      ...((to === 'exchanged' || to === 'expired') && { grant: undefined }),
      ...(to !== 'created' && to !== 'read' && { answered: undefined }),
      ...patch,
    })
    if (moved) {
      this.#log.changed(moved)
      return moved
    }
    // Somebody else was quicker: what they made of it says why
    const current = await this.find(request.uuid)
    checkMove(current ?? { ...request, state: to }, call)
    throw new HttpError(409, 'the scope request was changed meanwhile')
  }

  /** Binds a request to the wallet that reads it, unless it is bound to one. @returns the request as it is now */
  async bind(request: ScopeRequest, walletKey: string): Promise<ScopeRequest> {
    const { uuid } = request
    const bound = await this.#store.move(uuid, ['created'], checkMove(request, 'read'), { walletKey })
    if (bound) this.#log.changed(bound)
    return bound ?? this.get(uuid)
  }

  /** Changes what a request that waits says, and not where it stands. @throws HttpError 410 if it does not wait */
  async note(
    { uuid, state }: ScopeRequest,
    patch: Patch<Pick<ScopeRequest, 'reason' | 'answered' | 'returnUrl'>>,
  ): Promise<ScopeRequest> {
    const noted = await this.#store.move(uuid, [state], state, patch)
    if (!noted) throw new HttpError(410, 'the scope request is over')
    if ('reason' in patch) this.#log.changed(noted)
    return noted
  }

  grant(request: ScopeRequest, grant: Grant): Promise<ScopeRequest> {
    const deadline = this.#clock() + CODE_LIFETIME_MS
    const { code } = grant
    return this.move(request, 'grant', {
      reason: undefined,
      grant,
      deadline,
      code,
      codeUntil: deadline + EPITAPH_MS,
    })
  }

  /** Expires what is past its deadline and forgets what ended a while ago. */
  async sweep(): Promise<void> {
    const now = this.#clock()
    this.#swept = now
    for (const request of await this.#store.due(EXPIRABLE, now)) await this.#settled(request)
    await this.#store.forget(now - EPITAPH_MS, now)
  }

  async #settled(request: ScopeRequest | undefined): Promise<ScopeRequest | undefined> {
    if (!request || request.deadline > this.#clock() || !EXPIRABLE.includes(request.state)) return request
    const expired = await this.#store.move(request.uuid, [request.state], 'expired', {
      grant: undefined,
      answered: undefined,
    })
    if (!expired) return (await this.#store.find(request.uuid)) ?? request
    this.#log.changed(expired)
    return expired
  }
}
