import { CivicError } from './errors.ts'

/** One point in time by which an exchange ends, whatever it waits for. */
export class Deadline {
  /** Made when the signal is first read: an exchange whose fetch takes none needs no controller. */
  #controller: AbortController | undefined
  #isOver = false
  readonly #passed: Promise<never>
  #timer: NodeJS.Timeout | undefined
  readonly #end: number

  /** @param ms from now */
  constructor(ms: number) {
    this.#end = performance.now() + ms
    this.#passed = new Promise((_resolve, reject) => {
      this.#timer = setTimeout(() => {
        this.#isOver = true
        this.#controller?.abort()
        reject(timedOut())
      }, ms)
    })
    this.#passed.catch(() => undefined)
  }

  /** Whether the time is up. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Aborts when the time is up. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isOver) this.#controller.abort()
    return this.#controller.signal
  }

  /** Milliseconds left: 0 once it is over, as a timer may fire a fraction early. */
  get left(): number {
    return this.#isOver ? 0 : this.#end - performance.now()
  }

  /** Settles as the work does, or rejects with `CIVIC_TIMEOUT` at the deadline without waiting for the work. */
  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#passed])
  }

  /** Waits; rejects as `race` does. */
  async wait(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await this.race(over).finally(() => clearTimeout(timer))
  }

  /** Ends it early. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** The error of a deadline that passed. */
export function timedOut(): CivicError {
  return new CivicError('CIVIC_TIMEOUT', 'SIP did not respond in time')
}
