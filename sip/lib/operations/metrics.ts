import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ObservedRequest } from '../http/observer.ts'
import { STATES } from '../scope-requests/scope-request.ts'
import type { State } from '../scope-requests/scope-request.ts'

/** Seconds: an exchange takes milliseconds, an anchor may take ten seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * The metrics for Prometheus. Callers cannot choose any label: routes are patterns, and no label names an app, address
 * or person.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Histogram<'method' | 'route' | 'status'>
  readonly #logins: Counter<'outcome'>
  readonly #failures: Counter

  constructor() {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    this.#requests = new Histogram({
      name: 'civic_sip_request_duration_seconds',
      help: 'Time until a request was answered',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS,
      registers,
    })
    this.#logins = new Counter({
      name: 'civic_sip_logins_total',
      help: 'Scope requests by the states that they reached: created, read, approved, granted, denied, expired, exchanged',
      labelNames: ['outcome'],
      registers,
    })
    // Rates need a zero before the first event
    for (const outcome of STATES) this.#logins.inc({ outcome }, 0)
    this.#failures = new Counter({
      name: 'civic_sip_failures_total',
      help: 'Errors of the server itself, each of which is in its log',
      registers,
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  request({ method, route, status, ms }: ObservedRequest): void {
    this.#requests.observe({ method, route, status: String(status) }, ms / 1000)
  }

  moved(outcome: State): void {
    this.#logins.inc({ outcome })
  }

  failed(): void {
    this.#failures.inc()
  }

  /**
   * Adds values that are read when Prometheus asks. A value that cannot be read is left out.
   *
   * @param label the label that distinguishes the values of `read`
   */
  gauge(
    name: string,
    help: string,
    label: string,
    read: Readonly<Record<string, () => Promise<number>>>,
  ): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: async () => {
        await Promise.all(
          Object.entries(read).map(async ([which, value]) => {
            try {
              gauge.set({ [label]: which }, await value())
            } catch {
              gauge.remove({ [label]: which })
            }
          }),
        )
      },
    })
  }

  /** @returns the text for Prometheus */
  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
