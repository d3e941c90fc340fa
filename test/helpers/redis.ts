import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { missing } from './missing.ts'
import { startServer, type TestServer } from './servers.ts'

/** Skips the suite (fails it in CI) where redis-server is not installed. */
export function needsRedis(context: Mocha.Context): void {
  if (spawnSync('redis-server', ['--version']).error) missing(context, 'redis-server', 'redis-server')
}

/** A Redis of its own on a free port of 127.0.0.1, which keeps nothing on disk. */
export async function startRedis(): Promise<TestServer & { readonly port: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'))
  const { port, stop } = await startServer({
    command: 'redis-server',
    args: (port) => [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ],
    ready: /Ready to accept connections/,
    readyOn: 'stdout',
    stopSignal: 'SIGTERM',
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
