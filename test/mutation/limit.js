import { setTimeout, clearTimeout } from 'node:timers'
import { beforeEach } from 'mocha'

const LIMIT_MS = 8_000
const limited = new WeakSet()

// Stryker switches mocha's timeouts off. A mutant that leaves a test waiting would only end at Stryker's timeout, which
// costs a restart of the whole runner
beforeEach(function () {
  const test = this.currentTest
  if (limited.has(test)) return
  limited.add(test)
  const { fn } = test
  test.fn = function (...args) {
    return within(LIMIT_MS, fn.apply(this, args))
  }
})

function within(ms, result) {
  if (typeof result?.then !== 'function') return result
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Over ${ms} ms`)), ms)
  })
  return Promise.race([result, late]).finally(() => clearTimeout(timer))
}
