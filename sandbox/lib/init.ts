import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const TEMPLATE = fileURLToPath(new URL('../template', import.meta.url))

/**
 * Writes a site that logs people in, and its tests, into a new folder, then installs and starts it.
 * @param install whether to install and start it; otherwise prints the commands
 * @throws Error if the folder is not empty, or npm fails
 */
export async function init(folder: string, install: boolean): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`init: ${folder} is not empty: name a new folder`)
  }
  mkdirSync(folder, { recursive: true })
  cpSync(TEMPLATE, folder, { recursive: true })
  // Npm leaves a file called `.gitignore` out of packages
  renameSync(join(folder, 'gitignore'), join(folder, '.gitignore'))
  // The sandbox adds Civic's variables when it starts
  const secret = randomBytes(32).toString('hex')
  writeFileSync(join(folder, '.env'), `PORT=3001\nSESSION_SECRET=${secret}\n`, { mode: 0o600 })
  console.log(`Wrote a site to ${folder}. Its tests: npm test. Start it: npm start`)
  if (!install) return
  await npm(folder, 'install')
  await npm(folder, 'start')
}

async function npm(cwd: string, command: string): Promise<void> {
  // On Windows npm is a shell script
  const child = spawn('npm', [command], { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`init: npm ${command} failed in ${cwd}`)
}
