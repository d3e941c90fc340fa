import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 1

/** Watches how long this process's event loop is held up; `longest()` ends that and gives milliseconds. */
export function watchDelays() {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    longest() {
      histogram.disable()
      // what is recorded is the time from one tick of its timer to the next
      return Math.max(0, histogram.max / 1e6 - RESOLUTION_MS)
    },
  }
}
