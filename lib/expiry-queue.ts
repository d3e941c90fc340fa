/**
 * Keys by the time they expire: a binary min-heap in two parallel arrays, which take a third of the memory that an
 * object for each entry would.
 */
export class ExpiryQueue {
  readonly #times: number[] = []
  readonly #keys: string[] = []

  get size(): number {
    return this.#times.length
  }

  push(time: number, key: string): void {
    let at = this.size
    for (let parent = (at - 1) >> 1; at > 0 && this.#time(parent) > time; parent = (at - 1) >> 1) {
      this.#move(parent, at)
      at = parent
    }
    this.#times[at] = time
    this.#keys[at] = key
  }

  /** Takes out the key that expires first, if that is not after `now`. */
  takeDue(now: number): string | undefined {
    if (this.size === 0 || this.#time(0) > now) return undefined
    const due = this.#keys[0]
    const time = this.#times.pop() as number
    const key = this.#keys.pop() as string
    if (this.size > 0) this.#sink(time, key)
    return due
  }

  /** Puts an entry where the first one was taken out. */
  #sink(time: number, key: string): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child + 1 < this.size && this.#time(child + 1) < this.#time(child)) child++
      if (child >= this.size || this.#time(child) >= time) break
      this.#move(child, at)
      at = child
    }
    this.#times[at] = time
    this.#keys[at] = key
  }

  #time(index: number): number {
    return this.#times[index] as number
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#time(from)
    this.#keys[to] = this.#keys[from] as string
  }
}
