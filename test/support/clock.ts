/** Runs work as if it were so many milliseconds later. */
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
