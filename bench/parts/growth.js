/** Part 6: a document of one megabyte, and several processes. */
import console from 'node:console'
import { availableParallelism } from 'node:os'
import { number, percent, target, times } from '../support/format.js'
import { besideMeasured } from '../support/cores.js'
import { load } from '../support/load.js'
import { interleave, median, quantile, ratio } from '../support/measure.js'
import { startRedis } from '../support/redis.js'
import { measureLogins, startSites } from '../support/sites.js'

export async function growth({ isShort }) {
  const { large, targets } = await besideMeasured(() => documents(isShort))
  const processes = await scaleOut(isShort)
  return {
    title: 'Growth',
    text: `Logins whose response contains a document image of 1 MB, at concurrency 4; one to four processes of the site behind
      one Redis, at concurrency 64, on a machine of ${availableParallelism()} cores that also runs Redis, the SIP and the
      sender.`,
    tables: [large, processes],
    targets,
  }
}

async function documents(isShort) {
  const slow = 'passport-civic'
  const contenders = ['limit', 'ours, node-fetch', 'ours, undici.request', slow]
  const { sites, posts, stop } = await startSites(contenders, { imageBytes: 1_000_000 })
  try {
    const measures = sites.map((site) => [
      site.contender,
      async () => {
        const count = site.contender === slow ? 1 : 16
        const [all, more] = [count, 4].map((number) => posts(site, isShort ? 2 : number))
        const figures = await measureLogins(site, all, Math.min(4, all.length))
        await site.call('watchBlocks')
        await load([site.ready.port], more, { concurrency: more.length })
        return { ...figures, longestBlock: await site.call('longestBlock') }
      },
    ])
    const results = await interleave(Object.fromEntries(measures), { rounds: isShort ? 1 : 5, slow })
    const only = (name, figure) => results[name].map((round) => round?.[figure])
    const rows = contenders.map((name) => [
      name,
      `${number(median(only(name, 'perLogin')) / 1000)} ms`,
      times(ratio(only(name, 'perLogin'), only('limit', 'perLogin'))),
      `${number(median(only(name, 'longestBlock')))} ms`,
      percent(quantile(only(name, 'failed'), 1)),
    ])
    const head = [
      'a document of 1 MB',
      'CPU per login',
      '× the limit (quartiles)',
      'longest block',
      'failed at most',
    ]
    const toLimit = ratio(only('ours, node-fetch', 'perLogin'), only('limit', 'perLogin')).value
    const targets = [target('CPU of a login with 1 MB, node-fetch', toLimit, { atMost: 1.15 }, '× the limit')]
    return { large: { head, rows }, targets }
  } finally {
    await stop()
  }
}

async function scaleOut(isShort) {
  const redis = await startRedis()
  if (!redis) {
    console.log('skipped: several processes behind one Redis, since redis-server is not installed')
    return { head: ['processes behind one Redis'], rows: [['not measured: no redis-server on this machine']] }
  }
  try {
    const counts = [1, 2, 4]
    const { sites, posts, stop } = await startSites(Array(4).fill('ours, Redis'), {
      redisUrl: redis.url,
      pinned: false,
    })
    try {
      const measures = counts.map((count) => [
        count,
        async () => {
          const ports = sites.slice(0, count).map(({ ready }) => ready.port)
          return (await load(ports, posts(sites[0], isShort ? 64 : 320), { concurrency: 64 })).perSecond
        },
      ])
      const results = await interleave(Object.fromEntries(measures), { rounds: isShort ? 1 : 3 })
      const rows = counts.map((count) => [
        String(count),
        number(median(results[count])),
        times(ratio(results[count], results[1])),
      ])
      return { head: ['processes behind one Redis', 'logins/s', '× one process (quartiles)'], rows }
    } finally {
      await stop()
    }
  } finally {
    await redis.stop()
  }
}
