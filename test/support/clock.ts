/** Runs work with the clock set forward by some milliseconds. */
export function at<T>(ms: number, work: () => T): T {
  const now = Date.now
  Date.now = () => now() + ms
  const restore = (): void => {
    Date.now = now
  }
  try {
    const result = work()
    if (result instanceof Promise) return result.finally(restore) as T
    restore()
    return result
  } catch (error) {
    restore()
    throw error
  }
}
