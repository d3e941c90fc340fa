/** `npm start`: builds what is missing, then starts the site with its sandbox. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import console from 'node:console'
import process from 'node:process'

const root = join(import.meta.dirname, '..')
if (existsSync(join(root, 'node_modules/typescript'))) {
  console.log('Building…')
  // On Windows npm is a shell script
  const shell = process.platform === 'win32'
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8', shell })
  if (built.status === 0) {
    await import('./dist/start.js')
  } else {
    console.error(`${built.stdout}${built.stderr}`)
    process.exitCode = 1
  }
} else {
  console.error('Run npm ci first: the dependencies are not installed.')
  process.exitCode = 1
}
