/**
 * Lets the process end while this timer waits. A DOM's stand-in, such as jsdom or happy-dom, has timers that are
 * numbers and keep no process alive.
 *
 * @returns the timer
 */
export function unref<T extends NodeJS.Timeout>(timer: T): T {
  ;(timer as Partial<NodeJS.Timeout> | undefined)?.unref?.()
  return timer
}
