import { currentApp } from '../apps/apps.ts'
import type { App, Credentials } from '../apps/apps.ts'
import type { Unsigned } from '../attester/attester.ts'
import { broughtUpToDate } from '../attester/issued.ts'
import type { EarlierIssued, Issued } from '../attester/issued.ts'
import { isSame } from './anchoring.ts'
import type { AnchoringStore, Output } from './anchoring.ts'
import { MemoryActivities } from './memory-activities.ts'
import { MemoryAnchoring } from './memory-anchoring.ts'
import { MemoryCodes } from './memory-codes.ts'
import type { DocumentStore } from './documents.ts'
import { MemoryDocuments } from './memory-documents.ts'
import { MemoryExpiring } from './memory-expiring.ts'
import { MemoryIssuances } from './memory-issuances.ts'
import { MemoryRequests } from './memory-requests.ts'
import { MemoryTurns } from './memory-turns.ts'
import { UndoableMap } from './undoable.ts'
import type { Clock } from './expiring-map.ts'
import type {
  ActivityStore,
  AnchorOwner,
  AnchorStore,
  AppPatch,
  AppStore,
  CodeStore,
  ExpiringStore,
  IssuanceStore,
  Patch,
  ScopeRequestStore,
  SettingStore,
  Stores,
  Turns,
} from './stores.ts'

export interface MemoryStoresOptions {
  readonly apps?: readonly App[]
  /** The anchors, oldest first. */
  readonly anchors?: readonly (Issued | EarlierIssued)[]
  /** The values that are made once, by name. */
  readonly settings?: Readonly<Record<string, string>>
  readonly clock?: Clock
  /** Called synchronously when an app, an anchor or a setting has changed, to save it. */
  readonly changed?: () => void
}

/** Everything in memory, for one process. */
export class MemoryStores implements Stores {
  readonly apps: MemoryApps
  readonly anchors: MemoryAnchors
  readonly settings: MemorySettings
  readonly requests: ScopeRequestStore
  readonly payloads: ExpiringStore<string>
  readonly codes: CodeStore
  readonly unsigned: ExpiringStore<Unsigned>
  readonly issuances: IssuanceStore = new MemoryIssuances()
  readonly anchoring: AnchoringStore = new MemoryAnchoring()
  readonly documents: DocumentStore = new MemoryDocuments()
  readonly turns: Turns = new MemoryTurns()
  readonly activities: ActivityStore = new MemoryActivities()

  constructor({
    apps = [],
    anchors = [],
    settings = {},
    clock = Date.now,
    changed = () => undefined,
  }: MemoryStoresOptions = {}) {
    this.apps = new MemoryApps(apps, changed)
    this.anchors = new MemoryAnchors(anchors.map(broughtUpToDate), changed)
    this.settings = new MemorySettings(settings, changed)
    this.requests = new MemoryRequests(clock)
    this.payloads = new MemoryExpiring(clock)
    this.codes = new MemoryCodes(clock)
    this.unsigned = new MemoryExpiring(clock)
  }
}

/** Apps in memory. Besides the store's methods it has synchronous ones for the same process. */
export class MemoryApps implements AppStore {
  readonly #apps: UndoableMap<string, App>
  readonly #changed: () => void

  constructor(apps: readonly App[], changed: () => void) {
    this.#apps = new UndoableMap(apps.map((app) => [app.appId, app]))
    this.#apps.onUndo = changed
    this.#changed = changed
  }

  /** All apps, in the order in which they were made. */
  get all(): readonly App[] {
    return [...this.#apps.values()]
  }

  /** Adds an app. @returns false if there are `max` apps already */
  add(app: App, max = Infinity): boolean {
    if (this.#apps.size >= max) return false
    this.#put(app)
    return true
  }

  /** Changes an app. @returns undefined if it is unknown */
  set(appId: string, patch: Patch<Omit<App, 'appId' | 'credentials'>>): App | undefined {
    const app = this.#apps.get(appId)
    return app && this.#put({ ...app, ...withoutGaps(patch) })
  }

  list(): Promise<readonly App[]> {
    return Promise.resolve(this.all)
  }

  find(appId: string): Promise<App | undefined> {
    return Promise.resolve(this.#apps.get(appId))
  }

  allowed(entries?: readonly string[]): Promise<readonly string[]> {
    const all = [...new Set(this.all.flatMap(({ whitelist }) => whitelist))]
    return Promise.resolve(entries ? all.filter((entry) => entries.includes(entry)) : all)
  }

  insert(app: App, max: number): Promise<boolean> {
    return Promise.resolve(this.add(app, max))
  }

  update(appId: string, patch: AppPatch): Promise<App | undefined> {
    return Promise.resolve(this.set(appId, patch))
  }

  remove(appId: string): Promise<boolean> {
    const isGone = this.#apps.delete(appId)
    if (isGone) this.#changed()
    return Promise.resolve(isGone)
  }

  addCredentials(appId: string, credentials: Credentials, max: number): Promise<boolean> {
    const stored = this.#apps.get(appId)
    const app = stored && currentApp(stored, credentials.createdAt)
    const hasRoom = app !== undefined && app.credentials.length < max
    if (hasRoom) this.#put({ ...app, credentials: [credentials, ...app.credentials] })
    return Promise.resolve(hasRoom)
  }

  endCredentials(appId: string, keyId: string, endsAt: number): Promise<App | undefined> {
    const app = this.#apps.get(appId)
    const ended = (keys: Credentials): readonly Credentials[] => [
      { ...keys, endsAt: Math.min(endsAt, keys.endsAt ?? Infinity) },
    ]
    return Promise.resolve(app && this.#withCredentials(app, keyId, ended))
  }

  removeCredentials(appId: string, keyId: string): Promise<boolean> {
    const app = this.#apps.get(appId)
    return Promise.resolve(app !== undefined && this.#withCredentials(app, keyId, () => []) !== undefined)
  }

  sweepCredentials(now: number): Promise<void> {
    for (const app of this.all) {
      const current = currentApp(app, now)
      if (current !== app) this.#put(current)
    }
    return Promise.resolve()
  }

  /** Changes credentials, if others without an end remain. */
  #withCredentials(
    app: App,
    keyId: string,
    change: (credentials: Credentials) => readonly Credentials[],
  ): App | undefined {
    const changes = app.credentials.map((keys) => (keys.keyId === keyId ? change(keys) : [keys]))
    const isThere = app.credentials.some((keys) => keys.keyId === keyId)
    const othersLast = app.credentials.some((keys) => keys.keyId !== keyId && keys.endsAt === undefined)
    return isThere && othersLast
      ? this.#put({ ...app, credentials: changes.flat() as [Credentials, ...Credentials[]] })
      : undefined
  }

  #put(app: App): App {
    this.#apps.set(app.appId, app)
    this.#changed()
    return app
  }
}

export class MemoryAnchors implements AnchorStore {
  #entries: readonly Issued[]
  readonly #changed: () => void

  constructor(entries: readonly Issued[], changed: () => void) {
    this.#entries = entries
    this.#changed = changed
  }

  /** Oldest first. */
  get all(): readonly Issued[] {
    return this.#entries
  }

  list(): Promise<readonly Issued[]> {
    return Promise.resolve(this.#entries)
  }

  find(txid: string, vout: number): Promise<Issued | undefined> {
    return Promise.resolve(this.#entries.find((entry) => entry.txid === txid && entry.vout === vout))
  }

  anchoredBy(txids: readonly string[]): Promise<readonly Issued[]> {
    return Promise.resolve(this.#entries.filter(({ txid }) => txids.includes(txid)))
  }

  live(owners: readonly AnchorOwner[]): Promise<readonly Issued[]> {
    const isLive = (entry: Issued): boolean =>
      !entry.revoked &&
      owners.some(({ publicKey, set }) => entry.publicKey === publicKey && entry.set === set)
    return Promise.resolve(this.#entries.filter(isLive))
  }

  marked(marks: Readonly<Record<string, string>>): Promise<readonly Issued[]> {
    const wanted = Object.entries(marks)
    const isWanted = (entry: Issued): boolean => wanted.some(([label, mark]) => entry.marks[label] === mark)
    return Promise.resolve(this.#entries.filter(isWanted))
  }

  insert(added: readonly Issued[], maxRevoked: number): Promise<void> {
    const entries = [...this.#entries, ...added]
    let tooMany = entries.filter(({ revoked }) => revoked).length - maxRevoked
    this.#set(entries.filter(({ revoked }) => !revoked || tooMany-- <= 0))
    return Promise.resolve()
  }

  remove(places: readonly Output[]): Promise<void> {
    this.#set(this.#entries.filter((entry) => !places.some((place) => isSame(entry, place))))
    return Promise.resolve()
  }

  revoke(places: readonly Output[]): Promise<void> {
    const isMeant = (entry: Issued): boolean => places.some((place) => isSame(entry, place))
    this.#set(this.#entries.map((entry) => (isMeant(entry) ? { ...entry, revoked: true } : entry)))
    return Promise.resolve()
  }

  #set(entries: readonly Issued[]): void {
    this.#entries = entries
    this.#changed()
  }
}

export class MemorySettings implements SettingStore {
  readonly #values: Map<string, string>
  readonly #changed: () => void

  constructor(values: Readonly<Record<string, string>>, changed: () => void) {
    this.#values = new Map(Object.entries(values))
    this.#changed = changed
  }

  /** By name. */
  get all(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#values)
  }

  once(name: string, value: string): Promise<string> {
    const kept = this.#values.get(name)
    if (kept !== undefined) return Promise.resolve(kept)
    this.#values.set(name, value)
    this.#changed()
    return Promise.resolve(value)
  }
}

function withoutGaps<T extends object>(patch: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as never
}
