import { EventEmitter } from 'node:events'
import type { Activity, ActivityEvent } from '../partners/activity.ts'
import { patched } from './patched.ts'
import type { ActivityStore, Patch } from './stores.ts'

export class MemoryActivities implements ActivityStore {
  readonly #entries = new Map<string, Activity>()
  readonly #changes = new EventEmitter<{ change: [Activity] }>()

  constructor() {
    // One listener for each open dashboard
    this.#changes.setMaxListeners(0)
  }

  list(max: number, appIds?: readonly string[]): Promise<readonly Activity[]> {
    const wanted = this.#filter(({ appId }) => appIds?.includes(appId) ?? true)
    return Promise.resolve(wanted.reverse().slice(0, max))
  }

  find(id: string): Promise<Activity | undefined> {
    return Promise.resolve(this.#entries.get(id))
  }

  insert(entry: Activity, max: number): Promise<void> {
    this.#put(entry)
    const ofApp = this.#filter(({ appId }) => appId === entry.appId)
    this.#drop(ofApp.slice(0, Math.max(0, ofApp.length - max)))
    return Promise.resolve()
  }

  note(id: string, event: ActivityEvent, patch: Patch<Activity>, maxEvents: number): Promise<boolean> {
    const entry = this.#entries.get(id)
    if (entry) {
      const timeline = [...entry.timeline, event].slice(-maxEvents)
      this.#put(patched({ ...entry, timeline }, patch))
    }
    return Promise.resolve(entry !== undefined)
  }

  forget(wanted: string): Promise<void> {
    this.#drop(this.#filter(({ appId }) => appId === wanted))
    return Promise.resolve()
  }

  sweep(before: number): Promise<void> {
    this.#drop(this.#filter(({ at }) => at <= before))
    return Promise.resolve()
  }

  watch(listener: (entry: Activity) => void): () => void {
    this.#changes.on('change', listener)
    return () => void this.#changes.off('change', listener)
  }

  #filter(isWanted: (entry: Activity) => boolean): Activity[] {
    return [...this.#entries.values()].filter(isWanted)
  }

  #drop(entries: readonly Activity[]): void {
    for (const { id } of entries) this.#entries.delete(id)
  }

  #put(entry: Activity): void {
    this.#entries.set(entry.id, entry)
    this.#changes.emit('change', entry)
  }
}
