import { setImmediate } from 'node:timers/promises'

/** What was rejected during some work, and nobody handled. */
export async function unhandledDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const rejections: unknown[] = []
  const listener = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', listener)
  try {
    await work()
    // Node tells of them once its turn is over
    await setImmediate()
    return rejections
  } finally {
    process.off('unhandledRejection', listener)
  }
}
