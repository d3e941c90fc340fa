/** Parts 2 and 3: logins per second through Express and Passport, where their time goes, and the event loop. */
import { besideMeasured } from '../support/cores.js'
import { number, percent, target, times, whole } from '../support/format.js'
import { interleave, median, quantile, ratio } from '../support/measure.js'
import { measureLogins, startSites } from '../support/sites.js'
import { eventLoop } from './event-loop.js'

const SLOW = 'passport-civic'
/** Logins after which V8 has compiled their code. A busy site has these within seconds. */
const WARM_UP = 1500
const CONTENDERS = ['limit', 'ours, node-fetch', 'ours, undici.fetch', 'ours, undici.request', SLOW]

const only = (rounds, figure) => rounds.map((round) => round?.[figure])

export function logins(options) {
  return besideMeasured(() => measure(options))
}

async function measure({ isShort }) {
  const { sites, posts, stop } = await startSites(CONTENDERS)
  const counts = isShort ? { 1: 20, 16: 64, 64: 128 } : { 1: 80, 16: 192, 64: 320 }
  const slow = { 1: 4, 16: 16, 64: 64 }
  const tables = []
  const byConcurrency = {}
  let blocks
  try {
    for (const site of isShort ? [] : sites) {
      await measureLogins(site, posts(site, site.contender === SLOW ? 16 : WARM_UP), 16)
    }
    for (const concurrency of [1, 16, 64]) {
      const contenders = sites.map((site) => {
        const count = site.contender === SLOW ? slow[concurrency] : counts[concurrency]
        return [site.contender, () => measureLogins(site, posts(site, count), concurrency)]
      })
      const options = { rounds: isShort ? 1 : 7, warmups: 0, slow: SLOW }
      const results = await interleave(Object.fromEntries(contenders), options)
      byConcurrency[concurrency] = results
      tables.push(tableOf(concurrency, results))
    }
    const profiles = {}
    for (const site of sites.slice(0, 4)) {
      await site.call('startProfile')
      const { perLogin } = await measureLogins(site, posts(site, isShort ? 50 : 600), 16)
      profiles[site.contender] = { shares: await site.call('stopProfile'), perLogin }
    }
    tables.push(profileTable(profiles))
    blocks = await eventLoop(sites, posts, { isShort, slow: SLOW })
  } finally {
    await stop()
  }
  return [section(byConcurrency, tables), blocks]
}

function tableOf(concurrency, results) {
  const limit = only(results.limit, 'perSecond')
  const limitCpu = only(results.limit, 'perLogin')
  const rows = Object.entries(results).map(([name, rounds]) => [
    name,
    number(median(only(rounds, 'perSecond'))),
    times(ratio(only(rounds, 'perSecond'), limit)),
    `${number(median(only(rounds, 'p50')))} ms`,
    `${number(median(only(rounds, 'p99')))} ms`,
    `${number(median(only(rounds, 'perLogin')))} µs`,
    times(ratio(only(rounds, 'perLogin'), limitCpu)),
    percent(quantile(only(rounds, 'failed'), 1)),
  ])
  const head = [
    `concurrency ${concurrency}`,
    'logins/s',
    '× the limit (quartiles)',
    'p50',
    'p99',
    'CPU per login',
    '× the limit',
    'failed at most',
  ]
  return { head, rows }
}

/** Microseconds of a login by package, from V8's sampling profiler, at concurrency 16. */
function profileTable(profiles) {
  const names = Object.keys(profiles)
  const packages = [...new Set(names.flatMap((name) => Object.keys(profiles[name].shares)))]
  const micros = (name, of) => (profiles[name].shares[of] ?? 0) * profiles[name].perLogin
  const largest = (of) => Math.max(...names.map((name) => micros(name, of)))
  const rows = packages
    .filter((of) => largest(of) >= 1)
    .sort((a, b) => largest(b) - largest(a))
    .map((of) => [of, ...names.map((name) => `${number(micros(name, of))} µs`)])
  return { head: ['where the processor time goes', ...names], rows }
}

function section(byConcurrency, tables) {
  const perSecond = (name, concurrency) => only(byConcurrency[concurrency][name], 'perSecond')
  const to = (name, other, concurrency) =>
    ratio(perSecond(name, concurrency), perSecond(other, concurrency)).value
  const faster = ['ours, undici.fetch', 'ours, undici.request']
  const best = faster.reduce((a, b) => (to(a, 'limit', 64) >= to(b, 'limit', 64) ? a : b))
  const toPeer = to('ours, node-fetch', SLOW, 64)
  return {
    title: 'Logins per second',
    text: `\`POST /auth/civic\` through Express and Passport in one process, against a SIP in another that responds with
      genuine tokens made ahead, and a third that posts. On Linux, the site has one core for itself and the other two
      share another. It begins after ${whole(WARM_UP)} logins that do not count; CPU is the site's process alone. The limit is a strategy of bare \`node:crypto\` and
      \`http.request\` with keep-alive that checks nothing else. "undici.request" is \`bench/contenders/undici-request.js\`
      passed as the option \`fetch\`. The last table is V8's sampling profile at concurrency 16.`,
    tables,
    targets: [
      target('logins/s at 64, ours to passport-civic', toPeer, { atLeast: 25 }, '×'),
      target(
        'logins/s at 64, node-fetch',
        to('ours, node-fetch', 'limit', 64),
        { atLeast: 0.75 },
        '× the limit',
      ),
      target(
        `logins/s at 64, ${best.slice(6)} as fetch`,
        to(best, 'limit', 64),
        { atLeast: 0.9 },
        '× the limit',
      ),
    ],
    chart: Object.keys(byConcurrency[64]).map((name) => {
      const values = perSecond(name, 64)
      return { name, value: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) }
    }),
    headline: `logins per second at concurrency 64: ${number(median(perSecond('ours, node-fetch', 64)))}, ${number(toPeer)} × passport-civic`,
  }
}
