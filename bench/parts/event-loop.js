/** Part 3: how long 64 logins at once hold up the event loop. */
import { number } from '../support/format.js'
import { connectAll, sendAll } from '../support/load.js'
import { interleave, median, quantile } from '../support/measure.js'

/** @param sites warm sites */
export async function eventLoop(sites, posts, { isShort, slow }) {
  const contenders = sites.map((site) => [
    site.contender,
    async () => {
      const all = posts(site, 64)
      const connections = await connectAll([site.ready.port], 64)
      await site.call('watchBlocks')
      await sendAll(connections, all)
      for (const send of connections) send.close()
      return site.call('longestBlock')
    },
  ])
  const options = { rounds: isShort ? 1 : 3, warmups: 0, slow }
  const results = await interleave(Object.fromEntries(contenders), options)
  const rows = Object.entries(results).map(([name, values]) => [
    name,
    `${number(median(values))} ms (${number(quantile(values, 0.25))} to ${number(quantile(values, 0.75))})`,
  ])
  return {
    title: 'Event loop',
    text: `64 logins posted at once to a warm site: the longest time for which its event loop was blocked, as the
      median of ${options.rounds} rounds, with quartiles.`,
    tables: [{ head: ['', 'longest block'], rows }],
    targets: [],
  }
}
