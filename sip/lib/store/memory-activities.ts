import { EventEmitter } from 'node:events'
import type { Activity, ActivityEvent } from '../partners/activity.ts'
import { dropOldest } from './drop-oldest.ts'
import { patched } from './patched.ts'
import type { ActivityStore, Patch } from './stores.ts'

export class MemoryActivities implements ActivityStore {
  readonly #entries = new Map<string, Activity>()
  readonly #changes = new EventEmitter<{ change: [Activity] }>()

  constructor() {
    // One listener for each open dashboard
    this.#changes.setMaxListeners(0)
  }

  list(): Promise<readonly Activity[]> {
    return Promise.resolve([...this.#entries.values()].reverse())
  }

  find(id: string): Promise<Activity | undefined> {
    return Promise.resolve(this.#entries.get(id))
  }

  insert(entry: Activity, max: number): Promise<void> {
    this.#put(entry)
    dropOldest(this.#entries, max)
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

  watch(listener: (entry: Activity) => void): () => void {
    this.#changes.on('change', listener)
    return () => void this.#changes.off('change', listener)
  }

  #put(entry: Activity): void {
    this.#entries.set(entry.id, entry)
    this.#changes.emit('change', entry)
  }
}
