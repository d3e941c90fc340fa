export type Listener = (...args: never[]) => unknown

type OffArguments = [event?: string, listener?: Listener]

interface Entry {
  listener: Listener
  once: boolean
}

/** Events with the methods and rules of Civic's library, which had several names for one method. */
export class Emitter {
  private entries: Record<string, Entry[] | undefined> = {}
  private kept: Record<string, { args: unknown[] } | undefined> = {}

  /** @throws TypeError if `listener` is not a function */
  on(event: string, listener: Listener): this {
    return this.add(event, listener, false)
  }

  /** Like `on`, for one event. */
  once(event: string, listener: Listener): this {
    return this.add(event, listener, true)
  }

  /** Removes a listener from an event once; without a listener, all of the event; without an event, all. */
  off(...args: OffArguments): this {
    const name = key(args[0])
    if (args.length === 0) this.entries = {}
    else if (args.length === 1) this.entries[name] = []
    else {
      let found = false
      this.entries[name] = this.of(name).filter((entry) => {
        if (found || entry.listener !== args[1]) return true
        found = true
        return false
      })
    }
    return this
  }

  addEventListener(event: string, listener: Listener): this {
    return this.on(event, listener)
  }

  removeListener(...args: OffArguments): this {
    return this.off(...args)
  }

  removeEventListener(...args: OffArguments): this {
    return this.off(...args)
  }

  removeAllListeners(...args: OffArguments): this {
    return this.off(...args)
  }

  /** Calls the listeners of an event with the instance as `this`. */
  emit(event: string, ...args: unknown[]): this {
    const entries = this.of(key(event))
    this.entries[key(event)] = entries.filter((entry) => !entry.once)
    entries.forEach(({ listener }) => {
      try {
        listener.apply(this, args as never[])
      } catch (error) {
        // The site's error goes to its console, and must not stop its other listeners
        setTimeout(() => {
          throw error
        }, 0)
      }
    })
    return this
  }

  listeners(event: string): Listener[] {
    return this.of(key(event)).map(({ listener }) => listener)
  }

  hasListeners(event: string): boolean {
    return this.of(key(event)).length > 0
  }

  /** Emits an event, or keeps it for its first listener. */
  emitOrKeep(event: string, ...args: unknown[]): void {
    if (this.hasListeners(event)) this.emit(event, ...args)
    else this.kept[key(event)] = { args }
  }

  /** Forgets kept events: the next request must not get the last one's. */
  forgetKept(): void {
    this.kept = {}
  }

  private add(event: string, listener: Listener, once: boolean): this {
    if (typeof listener !== 'function') throw new TypeError(`on('${event}') needs a function to call`)
    this.entries[key(event)] = this.of(key(event)).concat({ listener, once })
    if (this.kept[key(event)] !== undefined) setTimeout(() => this.deliverKept(event), 0)
    return this
  }

  private deliverKept(event: string): void {
    const kept = this.kept[key(event)]
    this.kept[key(event)] = undefined
    if (kept !== undefined) this.emitOrKeep(event, ...kept.args)
  }

  private of(name: string): Entry[] {
    return this.entries[name] ?? []
  }
}

/** Prefixed, so that `constructor` and `__proto__` are events like any other. */
function key(event: string | undefined): string {
  return ` ${event ?? ''}`
}
