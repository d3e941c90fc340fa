import { ExpiringMap } from './expiring-map.ts'
import type { Clock } from './expiring-map.ts'
import type { ExpiringStore } from './stores.ts'

export class MemoryExpiring<V> implements ExpiringStore<V> {
  readonly #values: ExpiringMap<V>

  constructor(clock: Clock) {
    this.#values = new ExpiringMap(clock)
  }

  put(key: string, value: V, deadline: number, max = Infinity): Promise<boolean> {
    const hasRoom = max === Infinity || this.#values.size < max
    if (hasRoom && this.#values.get(key) === undefined) this.#values.set(key, value, deadline)
    return Promise.resolve(hasRoom)
  }

  find(key: string): Promise<V | undefined> {
    return Promise.resolve(this.#values.get(key))
  }

  remove(key: string): Promise<void> {
    this.#values.delete(key)
    return Promise.resolve()
  }

  count(): Promise<number> {
    return Promise.resolve(this.#values.size)
  }

  sweep(): Promise<void> {
    this.#values.sweep()
    return Promise.resolve()
  }
}
