import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../civic-sip-api')

/** Civic's official clients, as they are installed, and their versions. */
export const CLIENTS: readonly (readonly [name: string, version: string])[] = [
  ['civic-sip-api', '1.2.1'],
  ['civic-sip-api-0.4', '0.4.2'],
]

interface Result {
  readonly userData?: { userId: string; data: { label: string; value: string }[] }
  readonly error?: string
}

/** Exchanges a code with one of the clients, in a separate process. */
export function exchange(input: object): Promise<Result> {
  return new Promise((resolve, reject) => {
    const client = spawn(process.execPath, ['--no-deprecation', 'client.cjs'], { cwd: folder })
    let [output, errors] = ['', '']
    client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    client.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    client.on('error', reject)
    client.on('close', () => (output ? resolve(JSON.parse(output) as Result) : reject(new Error(errors))))
    client.stdin.end(JSON.stringify(input))
  })
}

/** Skips the suite (fails it in CI) if the clients cannot be installed. */
export function needsCivicsClient(context: Mocha.Context): void {
  if (install()) return
  if (process.env['CI']) throw new Error('civic-sip-api cannot be installed')
  console.log(`skipped: civic-sip-api is not installed; run npm ci in ${folder}`)
  context.skip()
}

/** @returns whether the clients are installed; installs them if necessary */
function install(): boolean {
  if (existsSync(`${folder}/node_modules/civic-sip-api`)) return true
  const options = { cwd: folder, shell: process.platform === 'win32', timeout: 100_000 }
  return spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], options).status === 0
}
