import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { missing } from './missing.ts'
import { startServer } from './servers.ts'
import type { TestServer } from './servers.ts'

/** Debian has a folder for each major version, none of which is on the PATH. */
const VERSIONS = '/usr/lib/postgresql'

function programs(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined
  return readdirSync(VERSIONS)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')))
}

/** Skips the suite (fails it in CI) if PostgreSQL is not installed. */
export function needsPostgres(context: Mocha.Context): void {
  if (programs() === undefined) missing(context, 'PostgreSQL', 'postgresql')
}

/** A database server that a test can stop and start again. */
export interface Postgres extends TestServer {
  /** Stops the server and keeps its data. All connections break. */
  down: () => Promise<void>
  /** Starts it again, on the same port. */
  up: () => Promise<void>
}

/** A new, empty PostgreSQL on a free port of 127.0.0.1 and in a temporary folder. */
export async function startPostgres(): Promise<Postgres> {
  const bin = programs()
  if (bin === undefined) throw new Error('PostgreSQL is not installed: call needsPostgres first')
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  // Initdb refuses root
  const user = process.getuid?.() === 0 ? accountOf('postgres') : undefined
  if (user) await chown(folder, user.uid, user.gid)
  execFileSync(
    join(bin, 'initdb'),
    ['-D', folder, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { stdio: 'ignore', ...user },
  )
  const start = (port?: number) =>
    startServer({
      command: join(bin, 'postgres'),
      args: (port) => ['-D', folder, '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F'],
      ready: /database system is ready to accept connections/,
      readyOn: 'stderr',
      stopSignal: 'SIGINT',
      ...{ user, port },
    })
  let running = await start()
  const { port } = running
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    down: () => running.stop(),
    up: async () => {
      running = await start(port)
    },
    stop: async () => {
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function accountOf(name: string) {
  const id = (which: string) => Number(execFileSync('id', [which, name], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
