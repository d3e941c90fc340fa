import { networkOf } from './network.ts'

/** Starts a minute for one address. */
const STARTS = 60
const MINUTE_MS = 60_000

/** Limits the open requests of this process, and the requests that one address starts. */
export class StartLimits {
  readonly #maxOpen: number
  readonly #timeout: number
  /** Uuid to the time when the request ends, in the order of their starts, so that the first end first. */
  readonly #open = new Map<string, number>()
  readonly #starts = new Map<string, number>()
  #minute = 0

  constructor(maxOpen: number, timeout: number) {
    this.#maxOpen = maxOpen
    this.#timeout = timeout
  }

  /** Counts a start. @returns seconds to wait if it is not allowed now, otherwise 0 */
  start(uuid: string, address: string): number {
    const now = Date.now()
    this.#forget(now)
    if (this.#open.size >= this.#maxOpen) return Math.ceil(this.#timeout / 1000)
    // A household has one IPv4 address, but a whole IPv6 network
    const source = networkOf(address, { v4: 32, v6: 56 })
    const count = this.#starts.get(source) ?? 0
    if (count >= STARTS) return Math.ceil((this.#minute + MINUTE_MS - now) / 1000)
    this.#starts.set(source, count + 1)
    this.#open.set(uuid, now + this.#timeout)
    return 0
  }

  /** A request has ended early. */
  end(uuid: string): void {
    this.#open.delete(uuid)
  }

  #forget(now: number): void {
    for (const [uuid, expires] of this.#open) {
      if (expires > now) break
      this.#open.delete(uuid)
    }
    if (now - this.#minute < MINUTE_MS) return
    this.#minute = now
    this.#starts.clear()
  }
}
