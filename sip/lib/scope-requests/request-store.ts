import { randomUUID } from 'node:crypto'
import type { ActivityLog } from '../partners/activity.ts'
import type { App } from '../apps/apps.ts'
import { ExpiringMap } from '../store/expiring-map.ts'
import type { Clock } from '../store/expiring-map.ts'
import { HttpError } from '../http/http.ts'
import type { Scope } from '../apps/scopes.ts'
import { isOver, move, TRANSITIONS } from './scope-request.ts'
import type { Call, Channel, Grant, Requester, ScopeRequest } from './scope-request.ts'
import { CODE_LIFETIME_MS } from '../exchange/tokens.ts'

/** How long a QR code may wait for the wallet's answer. */
export const ANSWER_TIMEOUT_MS = 120 * 1000
/** How long an ended request still answers what became of it. */
const EPITAPH_MS = 60 * 1000
const MAX_REQUESTS = 20_000

export interface NewScopeRequest {
  readonly app: App
  readonly stage: string
  readonly scope: Scope
  readonly requester: Requester
  /** Default: scan. */
  readonly channel?: Channel
  readonly challenge?: string
}

/** The scope requests that are under way. In memory alone: a restart drops them, as a timeout would. */
export class RequestStore {
  readonly #byUuid = new Map<string, ScopeRequest>()
  readonly #byCode: ExpiringMap<ScopeRequest>
  readonly #clock: Clock
  readonly #log: ActivityLog
  #swept = 0

  constructor(clock: Clock, log: ActivityLog) {
    this.#clock = clock
    this.#log = log
    this.#byCode = new ExpiringMap(clock)
  }

  get size(): number {
    this.sweep()
    return this.#byUuid.size
  }

  /** @throws HttpError 429 while too many are under way */
  create({ app, stage, scope, requester, channel = 'scan', challenge }: NewScopeRequest): ScopeRequest {
    const now = this.#clock()
    if (now - this.#swept >= 1000) this.sweep()
    if (this.#byUuid.size >= MAX_REQUESTS) {
      throw new HttpError(429, 'too many scope requests are under way', { 'Retry-After': '60' })
    }
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
    this.#byUuid.set(request.uuid, request)
    this.#log.track(request, app.name)
    return request
  }

  find(uuid: string): ScopeRequest | undefined {
    return this.#settled(this.#byUuid.get(uuid))
  }

  findByCode(code: string): ScopeRequest | undefined {
    return this.#settled(this.#byCode.get(code))
  }

  /** @throws HttpError 404 */
  get(uuid: string): ScopeRequest {
    const request = this.find(uuid)
    if (!request) throw new HttpError(404, 'there is no such scope request: it never was, or is long expired')
    return request
  }

  /** Moves a request that `find` or `get` returned. @throws HttpError, see `move` */
  move(request: ScopeRequest, call: Call): void {
    move(request, call)
    // One that has ended is no longer under way; its code is known as used all the same
    if (isOver(request)) request.deadline = Math.min(request.deadline, this.#clock())
    this.#log.changed(request)
  }

  /** Says why a request is where it is. */
  explain(request: ScopeRequest, reason: string): void {
    request.reason = reason
    this.#log.changed(request)
  }

  grant(request: ScopeRequest, grant: Grant): void {
    delete request.reason
    this.move(request, 'grant')
    request.grant = grant
    request.deadline = this.#clock() + CODE_LIFETIME_MS
    this.#byCode.set(grant.code, request, request.deadline + EPITAPH_MS)
  }

  /** Expires what is past its deadline and forgets what ended a while ago. */
  sweep(): void {
    const now = this.#clock()
    this.#swept = now
    this.#byCode.sweep()
    for (const [uuid, request] of this.#byUuid) {
      this.#settled(request)
      if (request.deadline + EPITAPH_MS <= now) this.#byUuid.delete(uuid)
    }
  }

  #settled(request: ScopeRequest | undefined): ScopeRequest | undefined {
    if (request && request.deadline <= this.#clock() && TRANSITIONS[request.state].expire) {
      this.move(request, 'expire')
    }
    return request
  }
}
