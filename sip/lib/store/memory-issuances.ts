import type { Issuance } from '../attester/issuance.ts'
import { dropOldest } from './drop-oldest.ts'
import { patched } from './patched.ts'
import type { IssuanceStore, Patch } from './stores.ts'

export class MemoryIssuances implements IssuanceStore {
  readonly #entries = new Map<string, Issuance>()

  insert(issuance: Issuance, max: number): Promise<boolean> {
    if (this.#entries.has(issuance.id)) return Promise.resolve(false)
    this.#entries.set(issuance.id, issuance)
    dropOldest(this.#entries, max)
    return Promise.resolve(true)
  }

  find(id: string): Promise<Issuance | undefined> {
    return Promise.resolve(this.#entries.get(id))
  }

  findAll(ids: readonly string[]): Promise<readonly Issuance[]> {
    return Promise.resolve(ids.flatMap((id) => this.#entries.get(id) ?? []))
  }

  update(patches: ReadonlyMap<string, Patch<Issuance>>): Promise<void> {
    for (const [id, patch] of patches) {
      const issuance = this.#entries.get(id)
      if (issuance) this.#entries.set(id, patched(issuance, patch))
    }
    return Promise.resolve()
  }

  sweep(now: number): Promise<void> {
    for (const [id, { until = Infinity }] of this.#entries) if (until <= now) this.#entries.delete(id)
    return Promise.resolve()
  }
}
