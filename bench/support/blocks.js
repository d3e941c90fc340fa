import { performance } from 'node:perf_hooks'
import { clearImmediate, setImmediate } from 'node:timers'
import { cpu } from './measure.js'

/**
 * Watches for how long this process's event loop does one thing, and keeps the loop turning meanwhile. A turn took no
 * longer than the clock says, into which the rest of the machine's work goes, and no longer than the process's
 * processor time, into which that of V8's own threads goes: so it counts as the shorter of the two.
 *
 * @param {() => boolean} counts asked after each turn of the loop whether that one is of interest
 * @returns `longest()`, which ends it and gives milliseconds
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
