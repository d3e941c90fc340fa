import type { Deadline } from './deadline.ts'
import { CivicError } from './errors.ts'
import type { ReplayStore } from './replay.ts'

// Async, so that what a store throws is a rejection
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
 * @throws CivicError `CIVIC_STORE_UNAVAILABLE` where the store fails or does not answer in time
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
  // One that comes too late marks a code as used that nobody used
  consumed.then((late) => late && store.release(key)).catch(() => undefined)
  // The store's own error stays out: ioredis puts the command's arguments, so the key, in it
  throw new CivicError('CIVIC_STORE_UNAVAILABLE', 'The replay store fails, is full or is too slow', {
    retryable: true,
  })
}
