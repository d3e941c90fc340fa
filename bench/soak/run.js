/**
 * `npm run soak`: runs test/hostile at length, then 20,000 logins while SIP fails, and writes docs/reliability.md.
 * `-- --short` does a little of both, to check that they work, and writes nothing.
 */
import console from 'node:console'
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { URL } from 'node:url'
import { markdown, isRight } from './report.js'
import { hostile } from './hostile.js'
import { soak } from './soak.js'

const isShort = process.argv.includes('--short')
const size = { concurrency: 64, every: 20 }

const areas = hostile(isShort ? 1 : 10)
const load = await soak(
  isShort ? { ...size, logins: 1_000, people: 50 } : { ...size, logins: 20_000, people: 500 },
)
const notes = await readFile(new URL('notes.md', import.meta.url), 'utf8')
const text = await markdown({ areas, load, notes, date: new Date().toISOString().slice(0, 10) })
console.log(text)
if (!isRight(areas, load)) {
  console.error('Something went wrong: see the counts above')
  process.exitCode = 1
} else if (!isShort) {
  await writeFile(new URL('../../docs/reliability.md', import.meta.url), text)
  console.log('wrote docs/reliability.md')
}
