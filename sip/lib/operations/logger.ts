import pino from 'pino'
import type { DestinationStream, Logger } from 'pino'
import type { LogLevel } from '../config.ts'
import type { ObservedRequest } from '../http/observer.ts'
import { describeError } from './describe-error.ts'

/**
 * Writes the log: a line of JSON for each request and each failure. Lines have only the fields that are listed here: no
 * query, header, body, address or personal datum.
 */
export class ServerLog {
  readonly #log: Logger

  /** @param to default: the standard output */
  constructor(level: LogLevel, to: DestinationStream = pino.destination({ sync: true })) {
    this.#log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, to)
  }

  info(message: string): void {
    this.#log.info(message)
  }

  warn(message: string): void {
    this.#log.warn(message)
  }

  request({ id, method, route, status, ms }: ObservedRequest): void {
    const line = { requestId: id, method, route, status, ms: Math.round(ms * 10) / 10 }
    if (status >= 500) this.#log.error(line, 'request')
    else this.#log.info(line, 'request')
  }

  /** @param what failed, such as `request` or `sweep` */
  failed(what: string, error: unknown, requestId?: string): void {
    const line = { ...(requestId !== undefined && { requestId }), error: describeError(error) }
    this.#log.error(line, `${what} failed`)
  }
}
