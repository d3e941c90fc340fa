export type Listener = (event: unknown) => void

/**
 * Events with a memory: one that nobody listens to yet waits for its first listener, since sites call
 * `signup` first and `on` after it.
 */
export class Emitter {
  private readonly listeners: Record<string, { listener: Listener; once: boolean }[] | undefined> = {}
  private readonly waiting: Record<string, { event: unknown } | undefined> = {}

  on(name: string, listener: Listener, once = false): void {
    if (typeof listener !== 'function') throw new TypeError(`on('${name}') needs a function to call`)
    const list = (this.listeners[key(name)] ??= [])
    list.push({ listener, once })
    if (this.waiting[key(name)] !== undefined) setTimeout(() => this.deliverWaiting(name), 0)
  }

  /** Takes `listener` off `name`, or all listeners of `name` if none is given. */
  off(name: string, listener?: Listener): void {
    const list = this.listeners[key(name)] ?? []
    this.listeners[key(name)] =
      listener === undefined ? [] : list.filter((entry) => entry.listener !== listener)
  }

  emit(name: string, event: unknown): void {
    const list = this.listeners[key(name)] ?? []
    if (list.length === 0) {
      this.waiting[key(name)] = { event }
      return
    }
    this.listeners[key(name)] = list.filter((entry) => !entry.once)
    list.forEach((entry) => {
      try {
        entry.listener(event)
      } catch (error) {
        // the site's own mistake: shown in its console, and no bar to its other listeners
        setTimeout(() => {
          throw error
        }, 0)
      }
    })
  }

  /** Forgets what waits: the next request must not be given the last one's news. */
  forgetWaiting(): void {
    Object.keys(this.waiting).forEach((name) => (this.waiting[name] = undefined))
  }

  private deliverWaiting(name: string): void {
    const held = this.waiting[key(name)]
    this.waiting[key(name)] = undefined
    if (held !== undefined) this.emit(name, held.event)
  }
}

/** So that an event called `constructor` or `__proto__` is an event like any other. */
function key(name: string): string {
  return ` ${name}`
}
