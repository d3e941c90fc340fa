/** A replay store filled to the brim, in a process of its own. Started with --expose-gc. */
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { MemoryReplayStore } from 'passport-civic-sip'
import { serve } from './child.js'
import { watchDelays } from './delays.js'
import { median } from './measure.js'

const STEP = 10_000
let made = 0

/** Keys as the strategy makes them. */
const newKeys = (count) =>
  Array.from({ length: count }, () => createHash('sha256').update(String(made++)).digest('hex'))

function memory() {
  globalThis.gc()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

serve({
  setup: () => undefined,
  /**
   * Fills a store, then lets it expire.
   *
   * @returns microseconds for one `consume` up to 100,000 keys and from 900,000; bytes for each key; milliseconds for
   * which the event loop stood still at most while all of them expired
   */
  async fill({ keys, ttlMs }) {
    const before = memory()
    const store = new MemoryReplayStore({ max: keys })
    const steps = []
    while (store.size < keys) {
      const batch = newKeys(STEP)
      const started = performance.now()
      for (const key of batch) await store.consume(key, ttlMs)
      steps.push((1000 * (performance.now() - started)) / STEP)
    }
    const bytesPerKey = (memory() - before) / keys
    const watch = watchDelays()
    while (store.size > 0) await setTimeout(100)
    const tenth = Math.ceil(steps.length / 10)
    return {
      first: median(steps.slice(0, tenth)),
      last: median(steps.slice(-tenth)),
      bytesPerKey,
      longestPause: watch.longest(),
    }
  },
})
