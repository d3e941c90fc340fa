import { EventEmitter } from 'node:events'
import type { Clock } from '../store/expiring-map.ts'
import type { ScopeRequest, State } from '../scope-requests/scope-request.ts'

/** One line of the dashboard's live list: a scope request, or an exchange that fits none. */
export interface Activity {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly appId: string
  readonly appName: string
  readonly scope?: string
  readonly origin?: string
  readonly state: State | 'failed'
  /** What a developer needs to know: why the grant was refused, why the exchange failed. */
  problem?: string
}

const LENGTH = 200

/** The most recent activities, newest first; emits `change` with each new or changed one. */
export class ActivityLog extends EventEmitter<{ change: [Activity] }> {
  readonly #entries = new Map<string, Activity>()
  readonly #clock: Clock
  #failures = 0

  constructor(clock: Clock) {
    super()
    // One listener for each open dashboard.
    this.setMaxListeners(0)
    this.#clock = clock
  }

  list(): Activity[] {
    return [...this.#entries.values()].reverse()
  }

  track(request: ScopeRequest, appName: string): void {
    const { uuid, appId, createdAt, scope, requester, state } = request
    this.#put({ id: uuid, at: createdAt, appId, appName, scope: scope.name, origin: requester.origin, state })
  }

  /** Shows the request's new state. A request that fell off the end of the list stays off it. */
  changed({ uuid, state, reason }: ScopeRequest): void {
    const entry = this.#entries.get(uuid)
    if (!entry) return
    delete entry.problem
    this.#put({ ...entry, state, ...(reason !== undefined && { problem: reason }) })
  }

  /** Notes why a call failed: at the request that it belongs to, or as an entry of its own if there is none. */
  failed(failure: Omit<Activity, 'id' | 'at' | 'state'> & { problem: string }, request?: ScopeRequest): void {
    const entry = request && this.#entries.get(request.uuid)
    if (entry) {
      this.#put({ ...entry, problem: failure.problem })
      return
    }
    this.#failures += 1
    this.#put({ ...failure, id: `failed-${this.#failures}`, at: this.#clock(), state: 'failed' })
  }

  #put(entry: Activity): void {
    this.#entries.set(entry.id, entry)
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= LENGTH) break
      this.#entries.delete(id)
    }
    this.emit('change', entry)
  }
}
