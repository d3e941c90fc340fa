import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs test/hostile with longer property tests, and returns the counts of each area.
 *
 * @param {number} factor
 * @returns {{ area: string, tried: number, wronglyAccepted: number, wronglyRefused: number, hung: number }[]}
 */
export function hostile(factor) {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  const file = join(folder, 'tally.jsonl')
  try {
    const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js')
    const env = { ...process.env, CI: 'true', RELIABILITY_TALLY: file, RELIABILITY_FACTOR: String(factor) }
    const args = [mocha, '--no-parallel', '--reporter', 'dot', 'test/hostile/**/*.test.ts']
    const { status } = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' })
    if (status !== 0) throw new Error('test/hostile fails: nothing is reported')
    const rows = readFileSync(file, 'utf8').trim().split('\n')
    return rows.map((row) => JSON.parse(row)).sort((a, b) => (a.area < b.area ? -1 : 1))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
