/** `npm run bench`: installs and builds what the bench needs, and runs it. `-- --short` for CI. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'

const BENCH = fileURLToPath(new URL('.', import.meta.url))
const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Ends the bench if a step fails. */
function step(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}

const ci = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
if (!existsSync(`${ROOT}/node_modules/typescript`)) step('npm', ['ci', '--no-audit', '--no-fund'], ROOT)
if (!existsSync(`${BENCH}/node_modules/passport-civic`)) step('npm', ci, BENCH)
step('npx', ['tsc', '-b', '.', 'attestations'], ROOT)
step(process.execPath, ['run.js', ...process.argv.slice(2)], BENCH)
