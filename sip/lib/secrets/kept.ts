import type { SettingStore } from '../store/stores.ts'
import type { Sealer } from './sealing.ts'

/** Secrets that are made once, at random, and stored sealed: the same for every process ever after. */
export class KeptSecrets {
  readonly #settings: SettingStore
  readonly #sealer: Sealer

  constructor(settings: SettingStore, sealer: Sealer) {
    this.#settings = settings
    this.#sealer = sealer
  }

  /** @throws SealError if it was sealed with a secret that is not set */
  async once(name: string, make: () => string): Promise<string> {
    const place = { table: 'settings', row: name, column: 'value' }
    return this.#sealer.open(place, await this.#settings.once(name, this.#sealer.seal(place, make())))
  }
}
