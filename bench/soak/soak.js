import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { start } from '../support/child.js'
import { judge } from './judge.js'
import { logIn } from './load.js'

const SETTLE_MS = 30_000

/** Tokens are made before they are used, so that making them does not slow down the responses. */
const BATCH = 500

/**
 * Logs people in through the example site, while SIP fails in one of `every` exchanges.
 *
 * @param {{ logins: number, concurrency: number, people: number, every: number }} size
 */
export async function soak({ logins, concurrency, people, every }) {
  const sip = await start('../soak/sip.js', { every })
  const site = await start('../soak/site.js', sip.ready, { execArgv: ['--expose-gc'] })
  let seconds = 0
  const run = async (total) => {
    const outcomes = []
    while (outcomes.length < total) {
      const count = Math.min(BATCH, total - outcomes.length)
      const tokens = await sip.call('tokens', { from: outcomes.length, count, people })
      const started = performance.now()
      outcomes.push(...(await logIn(site.ready, concurrency, tokens)))
      seconds += (performance.now() - started) / 1000
    }
    return outcomes
  }
  try {
    // Compiled, connected and with all accounts made: growth after this is a leak
    const warmUp = await run(2 * people)
    await site.call('forgetKeys')
    const before = await settled(site, 0)
    seconds = 0
    const outcomes = await run(logins)
    const after = await settled(site, before.sockets)
    await site.call('forgetKeys')
    const forgotten = await site.call('state')
    const { delivered, faults } = await sip.call('ledger')
    const times = outcomes.map(({ ms }) => ms).sort((a, b) => a - b)
    const [p50, p99] = [0.5, 0.99].map((share) => times[Math.floor(times.length * share)])
    return {
      ...{ concurrency, people, every, faults, seconds, p50, p99, before, after, forgotten },
      ...judge(outcomes, delivered),
      warmUp: judge(warmUp, delivered),
    }
  } finally {
    await site.call('close').finally(() => site.stop())
    await sip.stop()
  }
}

/** The site's state when no more sockets are open than before, or after half a minute. */
async function settled(site, sockets) {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const state = await site.call('state')
    if (state.sockets <= sockets || performance.now() > deadline) return state
    await delay(250)
  }
}
