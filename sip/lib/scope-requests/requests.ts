import type { ActivityLog } from '../partners/activity.ts'
import type { App } from '../apps/apps.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { Patch, ScopeRequestStore } from '../store/stores.ts'
import { HttpError } from '../http/http.ts'
import { checkMove, isOverIn, stateAfter, statesBefore } from './scope-request.ts'
import type { Call, Grant, ScopeRequest, State } from './scope-request.ts'
import { CODE_LIFETIME_MS } from '../exchange/tokens.ts'

/** How long a QR code may wait for the wallet's response, and an approval for the browser's code. */
export const ANSWER_TIMEOUT_MS = 120 * 1000
/** How long an ended request still reports its outcome. */
const EPITAPH_MS = 60 * 1000
const MAX_REQUESTS = 20_000
const EXPIRABLE = statesBefore('expire')

export type NewScopeRequest = Omit<ScopeRequest, 'appId' | 'createdAt' | 'deadline' | 'state'> & {
  readonly app: App
}

/** The open scope requests. */
export class Requests {
  readonly #store: ScopeRequestStore
  readonly #clock: Clock
  readonly #log: ActivityLog
  readonly #moved: (state: State) => void
  #swept = 0

  /** @param moved called for each request that is made or changes its state */
  constructor(
    store: ScopeRequestStore,
    clock: Clock,
    log: ActivityLog,
    moved: (state: State) => void = () => undefined,
  ) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#moved = moved
  }

  /** The number of open requests. */
  async count(): Promise<number> {
    await this.sweep()
    return this.#store.count()
  }

  /** @throws HttpError 429 if too many are open */
  async create({ app, ...wanted }: NewScopeRequest): Promise<ScopeRequest> {
    const now = this.#clock()
    if (now - this.#swept >= 1000) await this.sweep()
    const request: ScopeRequest = {
      ...wanted,
      appId: app.appId,
      createdAt: now,
      deadline: now + ANSWER_TIMEOUT_MS,
      state: 'created',
    }
    if (!(await this.#store.insert(request, MAX_REQUESTS))) {
      throw new HttpError(429, 'too many scope requests are under way', { 'Retry-After': '60' })
    }
    this.#log.track(request, app.name)
    this.#moved('created')
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
   * Moves a request, unless its state does not allow it any more.
   * @returns the updated request; undefined if it was not moved
   */
  async tryMove(
    { uuid, deadline }: ScopeRequest,
    call: Call,
    patch: Patch<ScopeRequest> = {},
  ): Promise<ScopeRequest | undefined> {
    const to = stateAfter(call)
    const moved = await this.#store.move(uuid, statesBefore(call), to, {
      // A request that has ended is no longer open, but its code is still known as used
      ...(isOverIn(to) && { deadline: Math.min(deadline, this.#clock()) }),
      ...((to === 'exchanged' || to === 'expired') && { grant: undefined }),
      ...(to !== 'created' && to !== 'read' && { secret: undefined }),
      ...patch,
    })
    if (moved) this.#tell(moved)
    return moved
  }

  /**
   * Moves a request.
   * @returns the updated request
   * @throws HttpError, see `checkMove`
   */
  async move(request: ScopeRequest, call: Call, patch?: Patch<ScopeRequest>): Promise<ScopeRequest> {
    const moved = await this.tryMove(request, call, patch)
    if (moved) return moved
    // Another call was faster: the new state says why this one fails
    checkMove((await this.find(request.uuid)) ?? { state: stateAfter(call) }, call)
    throw new HttpError(409, 'the scope request was changed meanwhile')
  }

  /** Changes a waiting request's data, but not its state. @throws HttpError 410 if it does not wait */
  async note(
    { uuid, state }: ScopeRequest,
    patch: Patch<Pick<ScopeRequest, 'reason' | 'returnUrl'>>,
  ): Promise<ScopeRequest> {
    const noted = await this.#store.move(uuid, [state], state, patch)
    if (!noted) throw new HttpError(410, 'the scope request is over')
    if ('reason' in patch) this.#log.changed(noted)
    return noted
  }

  /**
   * Stores an approval, unless another response came first or the request is over.
   * @param request as it was when its response arrived
   * @param confirmCode the code that the browser must send before it gets the authorization code
   * @returns the updated request; undefined if the approval was not stored
   */
  async grant(
    request: ScopeRequest,
    grant: Grant,
    { answerHash, confirmCode }: Pick<ScopeRequest, 'answerHash' | 'confirmCode'> = {},
  ): Promise<ScopeRequest | undefined> {
    const now = this.#clock()
    if (request.deadline <= now) return undefined
    const deadline = now + (confirmCode === undefined ? CODE_LIFETIME_MS : ANSWER_TIMEOUT_MS)
    return this.tryMove(request, confirmCode === undefined ? 'grant' : 'approve', {
      reason: undefined,
      grant,
      answerHash,
      confirmCode,
      deadline,
      code: grant.code,
      codeUntil: now + CODE_LIFETIME_MS + EPITAPH_MS,
    })
  }

  /** Releases an approved request's code to the browser. @returns undefined if it is over */
  confirm(request: ScopeRequest): Promise<ScopeRequest | undefined> {
    return this.tryMove(request, 'confirm', { deadline: (request.codeUntil ?? 0) - EPITAPH_MS })
  }

  /** Claims a slot for a response to decrypt or a code to compare; see `ScopeRequestStore.claim`. */
  claim(uuid: string, what: 'answer' | 'try', count: number, owner?: string): Promise<number | undefined> {
    return this.#store.claim(uuid, what, count, owner)
  }

  /** Expires requests past their deadline, and forgets those that ended some time ago. */
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
      secret: undefined,
    })
    // It was moved since it was read, and may have got more time
    if (!expired) return this.#settled(await this.#store.find(request.uuid))
    this.#tell(expired)
    return expired
  }

  #tell(request: ScopeRequest): void {
    this.#log.changed(request)
    this.#moved(request.state)
  }
}
