/** What one process holds after many logins. */
import { number, whole } from '../support/format.js'
import { ManyLogins } from '../../test/support/many-logins.ts'
import { newDatabase, startServers } from './stage.js'

const KIB = 2 ** 10
const MIB = 2 ** 20
/** Has a process collect its garbage at each signal, so that what is in use is what is needed. */
const COLLECTING = `data:text/javascript,${encodeURIComponent(`
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  process.on('SIGUSR2', () => collect())
`)}`

/** Part 4: the heap after each tenth of the logins, and how much it grows with each login of the second half. */
export async function memory(postgres, { logins }) {
  const database = await newDatabase(postgres.url, 'memory')
  const servers = await startServers(database, 1, { NODE_OPTIONS: `--import=${COLLECTING}` })
  const load = await ManyLogins.start({ ...servers, people: 200 })
  const each = Math.ceil(logins / 10)
  try {
    const tenths = []
    for (let tenth = 0; tenth < 10; tenth++) {
      await load.run(each, 16)
      tenths.push(await servers.needed())
    }
    const { lost } = load.wrongs
    if (lost.length > 0) throw new Error(`${lost.length} logins failed: ${lost[0]}`)
    // The first half compiles, and fills caches that are bounded
    const growth = slopeOf(tenths.slice(5).map(({ heap }) => heap)) / each
    const rows = tenths.map(({ heap, resident }, at) => [
      whole((at + 1) * each),
      `${number(heap / MIB)} MiB`,
      `${number(resident / MIB)} MiB`,
    ])
    rows.push(['a login of the second half adds', `${number(growth / KIB)} KiB`, ''])
    return { head: ['logins so far', 'heap in use', 'resident'], rows }
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
