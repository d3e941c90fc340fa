import assert from 'node:assert/strict'

/** How many timers keep this process alive. */
export function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}

/** Demands that the work leaves no timer behind. */
export async function assertNoTimerLeft(work: () => Promise<unknown>): Promise<void> {
  // Mocha sets a timer once the test has returned a promise
  await Promise.resolve()
  const before = timers()
  await work()
  // One of an earlier test may have ended meanwhile
  assert.ok(timers() <= before)
}
