/** Runs every part, prints the tables, and, without `--short`, writes docs/performance.md and its chart. */
import console from 'node:console'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { URL } from 'node:url'
import { attestations } from './parts/attestations.js'
import { cryptography } from './parts/cryptography.js'
import { growth } from './parts/growth.js'
import { logins } from './parts/logins.js'
import { refusal } from './parts/refusal.js'
import { replayStore } from './parts/replay-store.js'
import { startup } from './parts/startup.js'
import { barChart } from './support/chart.js'
import { number } from './support/format.js'
import { lines, machine, markdown, targetTable } from './support/report.js'

const isShort = process.argv.includes('--short')
const DOCS = new URL('../docs/', import.meta.url)

const show = (table) => console.log(`${lines(table).join('\n')}\n`)

const [load] = loadavg()
console.log(`${machine()}, load ${load.toFixed(1)}\n`)
const sections = []
for (const part of [cryptography, logins, refusal, replayStore, growth, startup, attestations]) {
  const started = performance.now()
  const measured = [await part({ isShort })].flat()
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`${measured.map(({ title }) => title).join(' and ')} (${seconds} s)\n`)
  for (const { tables } of measured) tables.forEach(show)
  sections.push(...measured)
}
show(targetTable(sections))
for (const { headline } of sections) if (headline) console.log(headline)

const { chart } = sections.find((section) => section.chart)
const svg = barChart('Logins per second, one process, concurrency 64', chart, number)
const notes = await readFile(new URL('notes.md', import.meta.url), 'utf8')
const text = await markdown(sections, {
  chart: 'performance.svg',
  date: new Date().toISOString().slice(0, 10),
  load,
  notes,
})
if (!isShort) {
  await mkdir(DOCS, { recursive: true })
  await writeFile(new URL('performance.svg', DOCS), svg)
  await writeFile(new URL('performance.md', DOCS), text)
  console.log('\nwrote docs/performance.md and docs/performance.svg')
}
