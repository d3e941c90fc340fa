import { checkKnown, InputError } from 'civic-sip-server/http'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServerResponse } from 'node:http'

/** How the exchange fails. */
export interface Fault {
  /** HTTP status of the response. Without it, and without `body`, the exchange continues after the delay. */
  readonly status?: number
  /** Milliseconds to wait first. */
  readonly delayMs?: number
  /** The response's body: a string is sent as it is, anything else as JSON. */
  readonly body?: unknown
  /** Headers of the response, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the connection breaks in the middle of the response. Default: false. */
  readonly cut?: boolean
  /** The number of exchanges that fail; 0 ends an earlier fault. Default: 1. */
  readonly times?: number
}

const FAULT_OPTIONS = {
  status: true,
  delayMs: true,
  body: true,
  headers: true,
  cut: true,
  times: true,
} satisfies Record<keyof Fault, true>

/** Makes exchanges fail on demand, for partners' tests. A failed exchange uses no code. */
export class FaultInjector {
  #fault: Fault = {}
  #left = 0
  readonly #closing = new AbortController()

  /** @throws InputError that names a wrong option */
  set(fault: Fault): void {
    checkKnown(fault, FAULT_OPTIONS)
    const { status, delayMs = 0, cut, times = 1 } = fault
    if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
      throw new InputError('fault: status is an HTTP status, 200 to 599')
    }
    if (!(Number.isFinite(delayMs) && delayMs >= 0))
      throw new InputError('fault: delayMs is a number of milliseconds')
    if (cut !== undefined && typeof cut !== 'boolean') throw new InputError('fault: cut is true or false')
    if (!(times >= 0)) throw new InputError('fault: times is a number, 0 or more; Infinity is for good')
    this.#fault = fault
    this.#left = times
  }

  /** The current fault, and the number of exchanges that it still affects. */
  get current(): Fault & { readonly times: number } {
    return { ...this.#fault, times: Math.max(0, Math.floor(this.#left)) }
  }

  /** Ends all running delays. */
  close(): void {
    this.#closing.abort()
  }

  /** An Express middleware in Node's types: these types are published, and must not need Express's. */
  readonly middleware = async (_req: unknown, res: ServerResponse, next: () => void): Promise<void> => {
    if (this.#left < 1) {
      next()
      return
    }
    this.#left -= 1
    const { status, delayMs, body, headers = {}, cut = false } = this.#fault
    const { signal } = this.#closing
    if (delayMs) await delay(delayMs, undefined, { signal }).catch(() => undefined)
    // The client has closed the connection.
    if (signal.aborted) return
    if (status === undefined && body === undefined && !cut) {
      next()
      return
    }
    const text =
      typeof body === 'string' ? body : JSON.stringify(body ?? { message: 'a fault that the test asked for' })
    res.writeHead(status ?? 200, { 'Content-Type': 'application/json', ...headers })
    if (cut) res.write(text.slice(0, text.length / 2), () => res.destroy())
    else res.end(text)
  }
}
