import type { App } from '../apps/apps.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { AuditEntry, AuditStore } from '../store/partner-stores.ts'
import { nameAt } from './person.ts'
import type { Person } from './person.ts'

/** How long entries are kept: two years. */
const KEPT_MS = 2 * 365 * 24 * 60 * 60_000
const PAGE = 100
const BATCH = 500

/** The name in entries about what an operator's command did. */
export const COMMAND_LINE = 'Command line'

type What = Pick<AuditEntry, 'what' | 'partnerId' | 'appId' | 'detail'>

/** The audit log of members and operators. Entries cannot be changed. */
export class AuditLog {
  readonly #store: AuditStore
  readonly #clock: Clock

  constructor(store: AuditStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Records what a person did, before the caller gets the response. */
  async note(person: Person, what: What): Promise<void> {
    const { userId } = person
    const who = nameAt(person, what.partnerId)
    await this.#store.insert({ at: this.#clock(), ...(userId !== undefined && { userId }), who, ...what })
  }

  /** Records what a person did to an app. */
  noteApp(person: Person, app: App, what: string, detail?: string): Promise<void> {
    return this.note(person, { what, ...affairOf(app), ...(detail !== undefined && { detail }) })
  }

  /** Records what the server did by itself or at its command line. */
  async noteOwn(who: string, what: What): Promise<void> {
    await this.#store.insert({ at: this.#clock(), who, ...what })
  }

  /**
   * A page of entries, newest first.
   * @param partnerId undefined: everybody's
   * @param before the last entry of the previous page
   */
  list(partnerId: string | undefined, before?: string): Promise<readonly AuditEntry[]> {
    return this.#store.list(partnerId, PAGE, before)
  }

  sweep(): Promise<void> {
    return this.#store.sweep(this.#clock() - KEPT_MS, BATCH)
  }
}

/** The partner whose audit log records a change to an app. */
export function affairOf({ appId, partnerId }: App): Pick<AuditEntry, 'appId' | 'partnerId'> {
  return { appId, ...(partnerId !== undefined && { partnerId }) }
}
