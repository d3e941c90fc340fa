import type { Deadline } from './deadline.ts'
import { CivicError } from './errors.ts'
import type { ReplayStore } from './replay.ts'

// Async, so that a store's exception becomes a rejection
export async function startConsume(store: ReplayStore, key: string, ttlMs: number): Promise<unknown> {
  return store.consume(key, ttlMs)
}

export async function release(store: ReplayStore, key: string): Promise<unknown> {
  return store.release(key)
}

/**
 * Marks a key as used.
 *
 * @returns whether this was the first time
 * @throws CivicError `CIVIC_STORE_UNAVAILABLE` if the store fails or does not respond in time
 */
export async function consume(
  store: ReplayStore,
  key: string,
  ttlMs: number,
  deadline: Deadline,
): Promise<boolean> {
  const consumed = startConsume(store, key, ttlMs)
  const isFirst = await deadline.race(consumed).catch(() => undefined)
  if (typeof isFirst === 'boolean') return isFirst
  // A late success marks a code as used that nobody used
  consumed.then((late) => late && store.release(key)).catch(() => undefined)
  // Not passed on as the cause: ioredis puts the command's arguments, and so the key, into its errors
  throw new CivicError('CIVIC_STORE_UNAVAILABLE', 'The replay store fails, is full or is too slow', {
    retryable: true,
  })
}
