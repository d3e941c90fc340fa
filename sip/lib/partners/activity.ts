import { randomUUID } from 'node:crypto'
import { logFailure } from '../operations/describe-error.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { Channel, ScopeRequest, State } from '../scope-requests/scope-request.ts'
import { MemoryActivities } from '../store/memory-activities.ts'
import type { ActivityStore } from '../store/stores.ts'

/** One line of the dashboard's live list: a scope request, or a failed call without one. */
export interface Activity {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly appId: string
  readonly appName: string
  readonly scope?: string
  readonly labels?: readonly string[]
  readonly origin?: string
  readonly channel?: Channel
  readonly state: State | 'failed'
  /** The reason for a developer: why the grant was refused, why the exchange failed. */
  readonly problem?: string
  /** The public key of the wallet that read it. */
  readonly walletKey?: string
  /** The person's userId at this app, after the grant. */
  readonly userId?: string
  /** Oldest first. */
  readonly timeline: readonly ActivityEvent[]
}

/** An event of a scope request. */
export interface ActivityEvent {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The new state; `failed`: a call for it failed, and its state did not change. */
  readonly state: State | 'failed'
  readonly problem?: string
}

/** The list's length for each app, so that no app pushes another's entries off it. */
const LENGTH = 200
const KEPT_MS = 30 * 24 * 60 * 60_000
/** The most events of one entry, in case somebody repeats a failing call forever. */
const MAX_EVENTS = 40

/**
 * The most recent activities. Callers do not wait until one is stored, so that a slow log delays no login. They are
 * stored in order.
 */
export class ActivityLog {
  readonly #store: ActivityStore
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void
  #told: Promise<unknown> = Promise.resolve()

  /** @param failed called with the error if an activity could not be stored */
  constructor(
    clock: Clock,
    store: ActivityStore = new MemoryActivities(),
    failed: (error: unknown) => void = logFailure,
  ) {
    this.#clock = clock
    this.#store = store
    this.#failed = failed
  }

  /** Waits until everything is stored. */
  async settled(): Promise<void> {
    await this.#told
  }

  /** The newest of these apps, or of all, newest first. */
  async list(appIds?: readonly string[]): Promise<readonly Activity[]> {
    await this.#told
    return this.#store.list(LENGTH, appIds)
  }

  async find(id: string): Promise<Activity | undefined> {
    await this.#told
    return this.#store.find(id)
  }

  /** Deletes the entries of a deleted app. */
  async forget(appId: string): Promise<void> {
    await this.#told
    await this.#store.forget(appId)
  }

  sweep(): Promise<void> {
    return this.#store.sweep(this.#clock() - KEPT_MS)
  }

  /** Calls back with each new or changed activity. @returns a function that stops that */
  watch(listener: (entry: Activity) => void): () => void {
    return this.#store.watch(listener)
  }

  track({ uuid, appId, createdAt, scope, requester, channel, state }: ScopeRequest, appName: string): void {
    const { name, labels } = scope
    const asked = { scope: name, labels, origin: requester.origin, channel, state }
    const timeline = [{ at: createdAt, state }]
    this.tell(() =>
      this.#store.insert({ id: uuid, at: createdAt, appId, appName, ...asked, timeline }, LENGTH),
    )
  }

  /** Records the request's new state. A request that is no longer on the list does not come back. */
  changed({ uuid, state, reason, grant }: ScopeRequest): void {
    const event = { at: this.#clock(), state, ...(reason !== undefined && { problem: reason }) }
    const patch = { state, problem: reason }
    const person = grant && { userId: grant.userId }
    this.tell(() => this.#store.note(uuid, event, { ...patch, ...person }, MAX_EVENTS))
  }

  /** Records why a call failed: at its request, or as a separate entry. */
  failed(failure: Failed, request?: ScopeRequest): void {
    const { problem } = failure
    const event = { at: this.#clock(), state: 'failed', problem } as const
    this.tell(async () => {
      if (request && (await this.#store.note(request.uuid, event, { problem }, MAX_EVENTS))) return
      const { at, state } = event
      await this.#store.insert({ ...failure, id: randomUUID(), at, state, timeline: [event] }, LENGTH)
    })
  }

  /** Does something for the dashboard that no login waits for, one after the other. */
  tell(act: () => Promise<unknown>): void {
    this.#told = this.#told.then(act).catch(this.#failed)
  }
}

type Failed = Pick<Activity, 'appId' | 'appName' | 'origin'> & { readonly problem: string }
