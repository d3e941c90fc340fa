import type { ScopeRequest, State } from '../scope-requests/scope-request.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { Clock } from './expiring-map.ts'
import { patched } from './patched.ts'
import type { Patch, ScopeRequestStore } from './stores.ts'

export class MemoryRequests implements ScopeRequestStore {
  readonly #byUuid = new Map<string, ScopeRequest>()
  /** Uuid and counter to the owners of the claimed slots. */
  readonly #slots = new Map<string, Map<string, (string | undefined)[]>>()
  /** Outlives the entry above, so that a used code is known as used until it would have expired. */
  readonly #byCode: ExpiringMap<{ request: ScopeRequest }>

  constructor(clock: Clock) {
    this.#byCode = new ExpiringMap(clock)
  }

  insert(request: ScopeRequest, max: number): Promise<boolean> {
    if (this.#byUuid.size >= max) return Promise.resolve(false)
    this.#byUuid.set(request.uuid, request)
    return Promise.resolve(true)
  }

  find(uuid: string): Promise<ScopeRequest | undefined> {
    return Promise.resolve(this.#byUuid.get(uuid))
  }

  findByCode(code: string): Promise<ScopeRequest | undefined> {
    return Promise.resolve(this.#byCode.get(code)?.request)
  }

  move(
    uuid: string,
    from: readonly State[],
    to: State,
    patch: Patch<ScopeRequest> = {},
  ): Promise<ScopeRequest | undefined> {
    const request = this.#byUuid.get(uuid)
    if (!request || !from.includes(request.state)) return Promise.resolve(undefined)
    const changed = patched({ ...request, state: to }, patch)
    this.#byUuid.set(uuid, changed)
    this.#keepCode(changed)
    return Promise.resolve(changed)
  }

  claim(uuid: string, what: string, count: number, owner?: string): Promise<number | undefined> {
    if (!this.#byUuid.has(uuid)) return Promise.resolve(undefined)
    const counted = this.#slots.get(uuid) ?? new Map<string, (string | undefined)[]>()
    const owners = counted.get(what) ?? []
    this.#slots.set(uuid, counted.set(what, owners))
    const own = owner === undefined ? -1 : owners.indexOf(owner)
    if (own >= 0) return Promise.resolve(own + 1)
    return Promise.resolve(owners.length < count ? owners.push(owner) : undefined)
  }

  due(states: readonly State[], now: number): Promise<readonly ScopeRequest[]> {
    const isDue = ({ state, deadline }: ScopeRequest): boolean => deadline <= now && states.includes(state)
    return Promise.resolve([...this.#byUuid.values()].filter(isDue))
  }

  forget(deadline: number): Promise<void> {
    this.#byCode.sweep()
    for (const [uuid, request] of this.#byUuid) {
      if (request.deadline > deadline) continue
      this.#byUuid.delete(uuid)
      this.#slots.delete(uuid)
    }
    return Promise.resolve()
  }

  count(): Promise<number> {
    return Promise.resolve(this.#byUuid.size)
  }

  #keepCode(request: ScopeRequest): void {
    const { code, codeUntil } = request
    if (code === undefined || codeUntil === undefined) return
    const known = this.#byCode.get(code)
    if (known) known.request = request
    else this.#byCode.set(code, { request }, codeUntil)
  }
}
