import { performance } from 'node:perf_hooks'
import { clearImmediate, setImmediate } from 'node:timers'
import { cpu } from './measure.js'

/**
 * Measures the longest turn of this process's event loop, and keeps the loop turning. The clock includes other
 * processes' work, and the processor time includes V8's threads, so the shorter of the two counts.
 *
 * @param {() => boolean} counts called after each turn of the loop: whether the turn counts
 * @returns `longest()`, which ends the measurement and returns milliseconds
 */
export function watchBlocks(counts = () => true) {
  let longest = 0
  let last = { cpu: cpu(), clock: performance.now() }
  let turn = setImmediate(look)
  function look() {
    const now = { cpu: cpu(), clock: performance.now() }
    const turned = Math.min((now.cpu - last.cpu) / 1000, now.clock - last.clock)
    if (counts()) longest = Math.max(longest, turned)
    last = now
    turn = setImmediate(look)
  }
  return {
    longest() {
      look()
      clearImmediate(turn)
      return longest
    },
  }
}
