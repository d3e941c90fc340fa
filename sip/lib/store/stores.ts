import type { App, Credentials } from '../apps/apps.ts'
import type { Unsigned } from '../attester/attester.ts'
import type { Issuance } from '../attester/issuance.ts'
import type { Issued } from '../attester/issued.ts'
import type { Activity, ActivityEvent } from '../partners/activity.ts'
import type { AnchoringStore, Output } from './anchoring.ts'
import type { DocumentStore } from './documents.ts'
import type { ScopeRequest, State } from '../scope-requests/scope-request.ts'

/**
 * A server's storage. All methods are asynchronous, and every change of state is one atomic call, so that several
 * processes can share a store. Methods return copies: changing one does not change the store.
 */
export interface Stores {
  readonly apps: AppStore
  readonly requests: ScopeRequestStore
  readonly payloads: ExpiringStore<string>
  readonly codes: CodeStore
  readonly anchors: AnchorStore
  /** Trees that wait for a signature. They contain people's data. */
  readonly unsigned: ExpiringStore<Unsigned>
  readonly issuances: IssuanceStore
  readonly anchoring: AnchoringStore
  /** Documents to review. */
  readonly documents: DocumentStore
  readonly turns: Turns
  readonly activities: ActivityStore
  readonly settings: SettingStore
}

/** Values that are made once, and then the same for every process. */
export interface SettingStore {
  /** Stores a value, unless there is one with this name. @returns the stored value */
  once(name: string, value: string): Promise<string>
}

/** The setting that has the xpubs of the cosigner and of the recovery key, as JSON. */
export const COSIGNER = 'cosigner'

/** A change: `undefined` removes a field. */
export type Patch<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** A change of an app, except its credentials. `undefined` changes nothing. */
export type AppPatch = Patch<Omit<App, 'appId' | 'credentials' | 'partnerId'>>

export interface AppStore {
  /** In the order in which they were made. */
  list(): Promise<readonly App[]>
  find(appId: string): Promise<App | undefined>
  /**
   * What apps have in their white lists, each once.
   * @param entries those of these alone. Default: all
   */
  allowed(entries?: readonly string[]): Promise<readonly string[]>
  /** @returns false if there are `max` apps already */
  insert(app: App, max: number): Promise<boolean>
  /** @returns undefined if there is no such app */
  update(appId: string, patch: AppPatch): Promise<App | undefined>
  remove(appId: string): Promise<boolean>
  /**
   * Adds credentials before the others, and removes those that ended before these were made.
   * @returns false if there is no such app, or it then has `max` others
   */
  addCredentials(appId: string, credentials: Credentials, max: number): Promise<boolean>
  /**
   * Sets when credentials end, in milliseconds since the epoch. An earlier end stays.
   * @returns undefined if there are no such credentials, or no others without an end
   */
  endCredentials(appId: string, keyId: string, endsAt: number): Promise<App | undefined>
  /** @returns false if there are no such credentials, or no others without an end */
  removeCredentials(appId: string, keyId: string): Promise<boolean>
  /** Removes the credentials of all apps that ended by then. */
  sweepCredentials(now: number): Promise<void>
}

export interface ScopeRequestStore {
  /** @returns false if there are `max` requests already */
  insert(request: ScopeRequest, max: number): Promise<boolean>
  find(uuid: string): Promise<ScopeRequest | undefined>
  /** Finds a request by the code of its grant, even if the code was used, until `forgetAt`. */
  findByCode(code: string): Promise<ScopeRequest | undefined>
  /**
   * Moves a request that is in one of the states `from`, and patches it.
   * @returns the updated request; undefined if it is in another state or unknown
   */
  move(
    uuid: string,
    from: readonly State[],
    to: State,
    patch?: Patch<ScopeRequest>,
  ): Promise<ScopeRequest | undefined>
  /**
   * Claims the first free slot of `count`. A request has such slots for each thing that is counted, for as long as it
   * exists.
   * @param owner gets the same slot again if it has one already
   * @returns the slot's number, from 1; undefined if none is free, or there is no such request
   */
  claim(uuid: string, what: 'answer' | 'try', count: number, owner?: string): Promise<number | undefined>
  /** Requests in one of the states whose deadline has passed. */
  due(states: readonly State[], now: number): Promise<readonly ScopeRequest[]>
  /** Deletes requests whose deadline was at that time or before. Their codes are known until `codeUntil`. */
  forget(deadline: number, now: number): Promise<void>
  /** The number of open requests. */
  count(): Promise<number>
}

/** Values with a deadline, in milliseconds since the epoch. */
export interface ExpiringStore<V> {
  /**
   * Adds a value, unless there is one with this name.
   * @returns false if there are `max` values already; by default there is no limit
   */
  put(key: string, value: V, deadline: number, max?: number): Promise<boolean>
  /** @returns undefined after its deadline */
  find(key: string): Promise<V | undefined>
  remove(key: string): Promise<void>
  count(): Promise<number>
  sweep(): Promise<void>
}

/** A counter. */
export interface Counter {
  readonly name: string
  readonly limit: number
}

/** The codes that were sent to addresses, and their counters. */
export interface CodeStore {
  /**
   * Increments all counters, or none if one of them is full.
   * @param lifetime milliseconds of a counter, from its first use
   * @returns undefined if they were incremented, otherwise the milliseconds to wait
   */
  count(counters: readonly Counter[], lifetime: number): Promise<number | undefined>
  /** Stores a code, which replaces the previous one. */
  put(name: string, code: string, deadline: number): Promise<void>
  /** Whether the guess is the live code. A right guess, or `max` wrong ones, uses the code up. */
  redeem(name: string, guess: string, max: number): Promise<boolean>
  sweep(): Promise<void>
}

/** The anchors on the ledger. */
export interface AnchorStore {
  /** Oldest first. */
  list(): Promise<readonly Issued[]>
  find(txid: string, vout: number): Promise<Issued | undefined>
  /** All anchors of these transactions. */
  anchoredBy(txids: readonly string[]): Promise<readonly Issued[]>
  /** Anchors of these public keys and sets that are not revoked. */
  live(owners: readonly AnchorOwner[]): Promise<readonly Issued[]>
  /** Anchors with one of these marks, label to HMAC. */
  marked(marks: Readonly<Record<string, string>>): Promise<readonly Issued[]>
  /** Adds anchors, in this order, and deletes the oldest revoked ones beyond `maxRevoked`. */
  insert(entries: readonly Issued[], maxRevoked: number): Promise<void>
  /** Deletes anchors that the ledger did not accept. */
  remove(places: readonly Output[]): Promise<void>
  /** Marks anchors as revoked. */
  revoke(places: readonly Output[]): Promise<void>
}

/** The public key and set of which there is one live anchor. */
export type AnchorOwner = Pick<Issued, 'publicKey' | 'set'>

/** Issuances, until their owner had time to fetch them. */
export interface IssuanceStore {
  /** Adds an issuance, and deletes the oldest beyond `max`. @returns false if there is one with this id */
  insert(issuance: Issuance, max: number): Promise<boolean>
  find(id: string): Promise<Issuance | undefined>
  /** Those of these ids, in the order of the ids. Unknown ones are left out. */
  findAll(ids: readonly string[]): Promise<readonly Issuance[]>
  /** Changes issuances, all or none. @param patches by id. Unknown ids are left out */
  update(patches: ReadonlyMap<string, Patch<Issuance>>): Promise<void>
  /** Deletes those past their deadline. */
  sweep(now: number): Promise<void>
}

/** Work that only one of all processes may do at a time. */
export interface Turns {
  /** Runs the work after all earlier work with this name has ended or failed. */
  take<T>(name: string, act: () => Promise<T>): Promise<T>
}

/** Recent events, for partners' developers. */
export interface ActivityStore {
  /** The newest of these apps, or of all, newest first. */
  list(max: number, appIds?: readonly string[]): Promise<readonly Activity[]>
  find(id: string): Promise<Activity | undefined>
  /** Adds an entry, and deletes the oldest of its app beyond `max`. */
  insert(entry: Activity, max: number): Promise<void>
  /**
   * Adds an event to an entry's timeline, which keeps the last `maxEvents`, and changes the entry.
   * @returns false if the entry was deleted
   */
  note(id: string, event: ActivityEvent, patch: Patch<Activity>, maxEvents: number): Promise<boolean>
  /** Deletes all entries of an app. */
  forget(appId: string): Promise<void>
  /** Deletes older entries. @param before milliseconds since the epoch */
  sweep(before: number): Promise<void>
  /** Calls back with every entry that any process adds or changes. @returns a function that stops that */
  watch(listener: (entry: Activity) => void): () => void
}
