/** Part 6: how long 64 logins at once hold up the event loop. */
import { number } from '../support/format.js'
import { load } from '../support/load.js'
import { interleave, median, quantile } from '../support/measure.js'
import { startSites } from './logins.js'

export async function eventLoop({ isShort }) {
  const { sites, posts, stop } = await startSites(['limit', 'ours, node-fetch', 'passport-civic'])
  const contenders = sites.map((site) => [
    site.contender,
    async () => {
      const all = posts(site, 64)
      await site.call('watchBlocks')
      await load([site.ready.port], all, { concurrency: 64 })
      return site.call('longestBlock')
    },
  ])
  try {
    // the first round compiles the code
    const options = { rounds: isShort ? 1 : 5, warmups: isShort ? 0 : 1 }
    const results = await interleave(Object.fromEntries(contenders), options)
    const rows = Object.entries(results).map(([name, values]) => [
      name,
      `${number(median(values))} ms (${number(quantile(values, 0.25))} to ${number(quantile(values, 0.75))})`,
    ])
    return {
      title: 'Event loop',
      text: `64 logins posted at once to a site that is warm: the longest time for which its event loop could do
        nothing else, the median of ${options.rounds} rounds and their quartiles.`,
      tables: [{ head: ['', 'longest block'], rows }],
      targets: [],
    }
  } finally {
    await stop()
  }
}
