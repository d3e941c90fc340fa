import { fieldsOf, textOf } from '../lib/messages.ts'
import { parse } from '../lib/request.ts'

export interface PollHandlers {
  /** The wallet has read the request. */
  read: () => void
  /** The person has approved, and the server waits for the code that proves that this browser is theirs. */
  confirm: () => void
  /** The person has responded; `action` says how (docs/protocol.md#poll). */
  answered: (action: string, token: string, message: string) => void
  /** The server no longer knows the request: it has expired or was used. */
  gone: () => void
  /** The server refuses this browser. */
  refused: (message: string) => void
  /** The connection to the server was lost, or is back. */
  connection: (lost: boolean) => void
}

const requestLimitMs = 10_000
const slowestMs = 10_000

/**
 * Polls the server until there is a response to a scope request, across lost connections and a sleeping device.
 */
export class Poll {
  private timer: number | undefined
  private xhr: XMLHttpRequest | undefined
  private failures = 0
  private last = false
  private stopped = false

  constructor(
    private readonly url: string,
    /** Empty if a cookie binds the request to this browser. */
    private readonly verifier: string,
    private readonly intervalMs: number,
    private readonly handlers: PollHandlers,
  ) {
    document.addEventListener('visibilitychange', this.wake)
    window.addEventListener('online', this.wake)
    this.ask()
  }

  /** Polls one last time: unless there is a response or a wallet has read the request, the request has ended. */
  finish(): void {
    this.last = true
    this.xhr?.abort()
    this.ask()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
    this.xhr?.abort()
    document.removeEventListener('visibilitychange', this.wake)
    window.removeEventListener('online', this.wake)
  }

  /** Polls at once, because the response may have come. */
  hurry(): void {
    if (this.timer !== undefined) this.ask()
  }

  private readonly wake = (): void => {
    if (document.visibilityState !== 'hidden' && this.timer !== undefined) this.ask()
  }

  private ask(): void {
    if (this.stopped) return
    clearTimeout(this.timer)
    this.timer = undefined
    const xhr = new XMLHttpRequest()
    this.xhr = xhr
    xhr.open('GET', this.url)
    if (this.verifier !== '') xhr.setRequestHeader('X-Civic-Verifier', this.verifier)
    xhr.setRequestHeader('Accept', 'application/json')
    xhr.timeout = requestLimitMs
    xhr.onload = () => this.receive(xhr)
    xhr.onerror = xhr.ontimeout = () => this.fail()
    xhr.send()
  }

  private receive(xhr: XMLHttpRequest): void {
    const body = fieldsOf(parse(xhr.responseText))
    const status = typeof body.statusCode === 'number' ? body.statusCode : xhr.status
    if (status === 200 && textOf(body.action) !== '') {
      this.stop()
      this.handlers.answered(textOf(body.action), textOf(body.authResponse), textOf(body.message))
    } else if (status === 202) {
      this.recover()
      if (body.status === 'confirm') {
        this.last = false
        this.handlers.confirm()
      }
      this.wait(body.status === 'read' || body.state === 'read')
    } else if (status === 404 || status === 410) {
      this.stop()
      this.handlers.gone()
    } else if (status >= 400 && status < 500 && status !== 429 && status !== 408) {
      this.stop()
      this.handlers.refused(textOf(body.message))
    } else {
      this.fail()
    }
  }

  private wait(read: boolean): void {
    if (read) {
      this.last = false
      this.handlers.read()
    }
    if (this.last) {
      this.stop()
      this.handlers.gone()
    } else {
      this.timer = setTimeout(() => this.ask(), this.intervalMs)
    }
  }

  private fail(): void {
    this.failures++
    this.handlers.connection(true)
    const pause = Math.min(this.intervalMs * Math.pow(2, this.failures - 1), slowestMs)
    this.timer = setTimeout(() => this.ask(), pause)
  }

  private recover(): void {
    if (this.failures > 0) this.handlers.connection(false)
    this.failures = 0
  }
}

/** The milliseconds between two polls, which the server has written into the page. */
export function pollMs(isDirect: boolean): number {
  const name = isDirect ? 'data-direct-poll-ms' : 'data-poll-ms'
  return Number(document.documentElement.getAttribute(name)) || 1500
}
