/**
 * Lets the process end while this timer waits. In jsdom and happy-dom, timers are numbers and keep no process alive.
 *
 * @returns the timer
 */
export function unref<T extends NodeJS.Timeout>(timer: T): T {
  ;(timer as Partial<NodeJS.Timeout> | undefined)?.unref?.()
  return timer
}
