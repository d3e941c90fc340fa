/** The heap of a process over many logins. */
import { number, whole } from '../support/format.js'
import { ManyLogins } from '../../test/support/many-logins.ts'
import { newDatabase, startServers } from './stage.js'

const MIB = 2 ** 20
const SAMPLES = 20

/** Part 4: the least that the heap held in each tenth of the logins, and the slope of that. */
export async function memory(postgres, isShort, logins = isShort ? 40 : 10_000) {
  // Small, so that it is collected often, and what is in use is what is needed
  const variables = { NODE_OPTIONS: '--max-semi-space-size=1' }
  const servers = await startServers(await newDatabase(postgres.url, 'memory'), 1, variables)
  const { url, ports, apps, sipPublicKey } = servers
  const load = await ManyLogins.start({ url, ports, apps, sipPublicKey, people: 200 })
  try {
    const tenths = []
    for (let tenth = 0; tenth < 10; tenth++) {
      const heaps = []
      for (let sample = 0; sample < SAMPLES; sample++) {
        await load.run(Math.ceil(logins / 10 / SAMPLES), 16)
        heaps.push(await servers.heap())
      }
      tenths.push({ heap: Math.min(...heaps), resident: await servers.resident() })
    }
    const { lost } = load.wrongs
    if (lost.length > 0) throw new Error(`${lost.length} logins failed: ${lost[0]}`)
    const each = logins / 10
    // The first half compiles, and fills caches that are bounded
    const slope = slopeOf(tenths.slice(5).map(({ heap }) => heap)) / each
    const rows = tenths.map(({ heap, resident }, at) => [
      whole((at + 1) * each),
      `${number(heap / MIB)} MiB`,
      `${number(resident / MIB)} MiB`,
    ])
    rows.push(['slope of the second half', `${number(slope)} bytes a login`, ''])
    return { head: ['logins so far', 'heap in use, at least', 'resident'], rows }
  } finally {
    await load.close()
    await servers.stop()
  }
}

/** Of the line that fits best, for steps of one. */
function slopeOf(values) {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((total, value) => total + value, 0) / values.length
  const [above, below] = values.reduce(
    ([product, square], value, at) => [product + (at - middle) * (value - mean), square + (at - middle) ** 2],
    [0, 0],
  )
  return above / below
}
