/**
 * `npm run bench:server`: what civic-sip-server and the Direct option cost, and how they grow. It needs PostgreSQL, and
 * takes some minutes for each part. `-- --short` does a little of each, to see that they work. `-- --only growth` does
 * one part: `costs`, `throughput`, `growth`, `memory` or `anchoring`. `-- --logins 100000` is the number for `memory`.
 */
import console from 'node:console'
import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startPostgres } from '../../test/support/postgres.ts'
import { lines, machine } from '../support/report.js'
import { anchoring } from './anchoring.js'
import { growth } from './growth.js'
import { costs, throughput } from './logins.js'
import { memory } from './memory.js'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    logins: { type: 'string' },
  },
})
const parts = { costs, throughput, growth, memory, anchoring }
const isShort = values.short
const logins = Number(values.logins ?? (isShort ? 40 : 3_000))
if (!Number.isInteger(logins) || logins < 20) throw new Error('--logins: a whole number of at least 20')
const chosen = Object.entries(parts).filter(([name]) => values.only === undefined || name === values.only)
if (chosen.length === 0) throw new Error(`--only: one of ${Object.keys(parts).join(', ')}`)

console.log(`${machine()}, load ${loadavg()[0].toFixed(1)}\n`)
const postgres = await startPostgres()
try {
  for (const [name, part] of chosen) {
    const started = performance.now()
    const table = await part(postgres, { isShort, logins })
    console.log(`${name} (${((performance.now() - started) / 1000).toFixed(0)} s)\n`)
    console.log(`${lines(table).join('\n')}\n`)
  }
} finally {
  await postgres.stop()
}
process.exit()
