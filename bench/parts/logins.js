/** Part 2: logins per second through Express and Passport, and where their time goes. */
import { start } from '../support/child.js'
import { clientOptions, createFixture, createSigner } from '../support/fixture.js'
import { number, percent, target, times } from '../support/format.js'
import { load, post } from '../support/load.js'
import { interleave, median, quantile, ratio } from '../support/measure.js'

const CONTENDERS = [
  'limit',
  'ours, node-fetch',
  'ours, undici.fetch',
  'ours, undici.request',
  'passport-civic',
]
const FIELDS = { 'passport-civic': 'civic_jwt_token' }

/** Starts the SIP and a site for each contender. */
export async function startSites(contenders, { imageBytes = 0, redisUrl } = {}) {
  const fixture = createFixture()
  const sip = await start('sip.js', { fixture, imageBytes, answers: imageBytes > 0 ? 4 : 64 })
  const options = clientOptions(fixture, sip.ready.api)
  const sites = []
  for (const contender of contenders) {
    sites.push({ contender, ...(await start('app.js', { contender, options, redisUrl })) })
  }
  const { codeTokens } = createSigner(fixture, sip.ready.api)
  return {
    sites,
    codeTokens,
    posts: (site, count) => codeTokens(count).map((token) => post(token, FIELDS[site.contender])),
    stop: () => Promise.all([...sites, sip].map(({ stop }) => stop())),
  }
}

/** One round of one site: how many logins a second, how long each took, and the site's processor time for each. */
export async function measureLogins(site, posts, concurrency) {
  const before = await site.call('cpu')
  const { perSecond, latencies, failed } = await load([site.ready.port], posts, { concurrency })
  const perLogin = ((await site.call('cpu')) - before) / posts.length
  return { perSecond, perLogin, failed, p50: median(latencies), p99: quantile(latencies, 0.99) }
}

const only = (rounds, figure) => rounds.map((round) => round[figure])

export async function logins({ isShort }) {
  const { sites, posts, stop } = await startSites(CONTENDERS)
  const counts = isShort ? { 1: 20, 16: 64, 64: 128 } : { 1: 250, 16: 700, 64: 1000 }
  const slow = { 1: 4, 16: 16, 64: 64 }
  const tables = []
  const byConcurrency = {}
  try {
    for (const concurrency of [1, 16, 64]) {
      const contenders = sites.map((site) => {
        const count = site.contender === 'passport-civic' ? slow[concurrency] : counts[concurrency]
        return [site.contender, () => measureLogins(site, posts(site, count), concurrency)]
      })
      const options = { rounds: isShort ? 1 : 7, warmups: isShort ? 0 : 1 }
      const results = await interleave(Object.fromEntries(contenders), options)
      byConcurrency[concurrency] = results
      tables.push(tableOf(concurrency, results))
    }
    const profiles = {}
    for (const site of sites.slice(0, 4)) {
      await site.call('startProfile')
      const { perLogin } = await measureLogins(site, posts(site, isShort ? 50 : 2000), 16)
      profiles[site.contender] = { shares: await site.call('stopProfile'), perLogin }
    }
    tables.push(profileTable(profiles))
  } finally {
    await stop()
  }
  return section(byConcurrency, tables)
}

function tableOf(concurrency, results) {
  const limit = only(results.limit, 'perSecond')
  const rows = Object.entries(results).map(([name, rounds]) => [
    name,
    number(median(only(rounds, 'perSecond'))),
    times(ratio(only(rounds, 'perSecond'), limit)),
    `${number(median(only(rounds, 'p50')))} ms`,
    `${number(median(only(rounds, 'p99')))} ms`,
    `${number(median(only(rounds, 'perLogin')))} µs`,
    percent(Math.max(...only(rounds, 'failed'))),
  ])
  const head = [
    `concurrency ${concurrency}`,
    'logins/s',
    '× the limit (quartiles)',
    'p50',
    'p99',
    'CPU per login',
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
  const toPeer = to('ours, node-fetch', 'passport-civic', 64)
  return {
    title: 'Logins per second',
    text: `\`POST /auth/civic\` through Express and Passport in one process, against a SIP in another that answers with
      genuine tokens made ahead, and a third that posts. The limit is a strategy of bare \`node:crypto\` and
      \`http.request\` with keep-alive that checks nothing else. "undici.request" is \`bench/contenders/undici-request.js\`
      passed as the option \`fetch\`. The last table is V8's sampling profile at concurrency 16.`,
    tables,
    targets: [
      target('logins/s at 64, ours to passport-civic', toPeer, { atLeast: 25 }, '×'),
      target(
        'logins/s at 64, node-fetch',
        to('ours, node-fetch', 'limit', 64),
        { atLeast: 0.7 },
        '× the limit',
      ),
      target(
        `logins/s at 64, ${best.slice(6)} as fetch`,
        to(best, 'limit', 64),
        { atLeast: 0.85 },
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
