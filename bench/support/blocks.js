import { clearImmediate, setImmediate } from 'node:timers'
import { cpu } from './measure.js'

/**
 * Watches for how long this process's event loop does one thing, in processor time, so that nobody else's work on the
 * machine counts (threads of V8's do). It keeps the loop turning meanwhile.
 *
 * @param {() => boolean} counts asked after each turn of the loop whether that one is of interest
 * @returns `longest()`, which ends it and gives milliseconds
 */
export function watchBlocks(counts = () => true) {
  let longest = 0
  let last = cpu()
  let turn = setImmediate(look)
  function look() {
    const now = cpu()
    if (counts()) longest = Math.max(longest, now - last)
    last = now
    turn = setImmediate(look)
  }
  return {
    longest() {
      look()
      clearImmediate(turn)
      return longest / 1000
    },
  }
}
