/** Fills a replay store completely. Runs as a separate process, with --expose-gc. */
import { createHash } from 'node:crypto'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { MemoryReplayStore } from 'passport-civic-sip'
import { serve } from './child.js'
import { watchBlocks } from './blocks.js'
import { cpu, median } from './measure.js'

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

/** Microseconds of processor time for each key. */
async function consumeAll(store, keys, ttlMs) {
  const before = cpu()
  for (const key of keys) await store.consume(key, ttlMs)
  return (cpu() - before) / keys.length
}

serve({
  setup: () => undefined,
  /**
   * Fills a store, then lets it expire.
   *
   * @returns microseconds of processor time for one `consume` in the first and in the last quarter; the longest block
   *   of the event loop by an expiring batch, in milliseconds; bytes for each key
   */
  async fill({ keys, ttlMs }) {
    // Warms up the code
    for (let left = 5; left > 0; left--) await consumeAll(new MemoryReplayStore(), newKeys(STEP), 1)
    const before = memory()
    const store = new MemoryReplayStore({ max: keys })
    const steps = []
    while (store.size < keys) {
      const batch = newKeys(STEP)
      steps.push(await consumeAll(store, batch, ttlMs))
    }
    const bytesPerKey = (memory() - before) / keys
    let size = store.size
    const watch = watchBlocks(() => size !== (size = store.size))
    while (store.size > 0) await setTimeout(100)
    const quarter = Math.ceil(steps.length / 4)
    return {
      first: median(steps.slice(0, quarter)),
      last: median(steps.slice(-quarter)),
      bytesPerKey,
      longestPause: watch.longest(),
    }
  },
})
