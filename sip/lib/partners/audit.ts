import type { Clock } from '../store/expiring-map.ts'
import type { AuditEntry, AuditStore } from '../store/partner-stores.ts'
import { nameAt } from './person.ts'
import type { Person } from './person.ts'

/** How long entries are kept: two years. */
const KEPT_MS = 2 * 365 * 24 * 60 * 60_000
const PAGE = 100
const BATCH = 500

type What = Pick<AuditEntry, 'what' | 'partnerId' | 'appId' | 'detail'>

/** What members and operators did, in order. Nobody can change an entry. */
export class AuditLog {
  readonly #store: AuditStore
  readonly #clock: Clock

  constructor(store: AuditStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Notes what somebody did; it is kept before the caller is told that it is done. */
  async note(person: Person, what: What): Promise<void> {
    const { userId } = person
    const who = nameAt(person, what.partnerId)
    await this.#store.insert({ at: this.#clock(), ...(userId !== undefined && { userId }), who, ...what })
  }

  /** Notes what the server itself did, or somebody at its command line. */
  async noteOwn(who: string, what: What): Promise<void> {
    await this.#store.insert({ at: this.#clock(), who, ...what })
  }

  /**
   * A page of entries, newest first.
   * @param partnerId undefined: of everybody
   * @param before the last entry of the page before
   */
  list(partnerId: string | undefined, before?: string): Promise<readonly AuditEntry[]> {
    return this.#store.list(partnerId, PAGE, before)
  }

  sweep(): Promise<void> {
    return this.#store.sweep(this.#clock() - KEPT_MS, BATCH)
  }
}
