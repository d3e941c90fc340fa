/**
 * `npm run mutation`: changes lib/ in every way Stryker knows, one at a time, and lists those that no test notices.
 * Files or patterns as arguments limit it, such as `-- lib/origin.ts`. CONTRIBUTING.md says how long it takes.
 */
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIMIT_MS = 3 * 60 * 60 * 1000

const modules = join(HERE, 'node_modules')
const isWindows = process.platform === 'win32'
if (!existsSync(modules))
  spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HERE, stdio: 'inherit', shell: isWindows })

// Stryker takes mocha from the project, and its runner cannot work with the one that everything else runs on: so the
// project is a copy whose node_modules are links to the root's, but for that one
const PROJECT = await mkdtemp(join(tmpdir(), 'mutation-'))
await mkdir(join(PROJECT, 'node_modules'))
for (const name of await readdir(join(ROOT, 'node_modules'))) {
  const from = name === 'mocha' ? modules : join(ROOT, 'node_modules')
  if (!name.startsWith('.')) await symlink(join(from, name), join(PROJECT, 'node_modules', name), 'junction')
}
for (const name of ['lib', 'dist', 'docs', 'wallet', 'package.json', 'tsconfig.json', 'tsconfig.base.json'])
  await cp(join(ROOT, name), join(PROJECT, name), { recursive: true })
for (const name of ['lib', 'hostile', 'direct', 'support', 'vectors'])
  await cp(join(ROOT, 'test', name), join(PROJECT, 'test', name), { recursive: true })

const stryker = join(modules, '@stryker-mutator/core/bin/stryker.js')
const node = join(modules, '.bin', isWindows ? 'node.cmd' : 'node')
const files = process.argv.slice(2)
const mutate = files.length > 0 ? ['--mutate', files.join(',')] : []
const { status } = spawnSync(node, [stryker, 'run', join(HERE, 'stryker.config.js'), ...mutate], {
  cwd: PROJECT,
  stdio: 'inherit',
  shell: isWindows,
  timeout: LIMIT_MS,
})
if (existsSync(join(PROJECT, 'reports')))
  await cp(join(PROJECT, 'reports'), join(ROOT, 'reports'), { recursive: true })
await rm(PROJECT, { recursive: true })
process.exitCode = status ?? 1
