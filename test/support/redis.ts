import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'

import { missing } from './missing.ts'
import { startServer } from './servers.ts'
import type { TestServer } from './servers.ts'

/** Skips the suite (fails it in CI) where redis-server is not installed. */
export function needsRedis(context: Mocha.Context): void {
  if (spawnSync('redis-server', ['--version']).error) missing(context, 'redis-server', 'redis-server')
}

/** A new Redis on a free port of 127.0.0.1, which keeps nothing on disk. */
export async function startRedis(): Promise<TestServer & { readonly port: number }> {
  return startIn(await temporaryFolder(), () => [])
}

/** A cluster of one node, which holds every slot. */
export async function startRedisCluster(): Promise<TestServer & { readonly port: number }> {
  const server = await startIn(await temporaryFolder(), (port) => [
    ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    // Redis adds 10,000 to the port by itself, also beyond the last one there is
    ...['--cluster-port', String(port > 55_535 ? port - 10_000 : port + 10_000)],
  ])
  const client = createClient({ url: server.url })
  await client.connect()
  await client.clusterAddSlotsRange({ start: 0, end: 16_383 })
  while (!/cluster_state:ok/.test(await client.clusterInfo()));
  client.destroy()
  return server
}

/** A Redis and a sentinel, which knows it as `main`. The port is the sentinel's. */
export async function startRedisSentinel(): Promise<TestServer & { readonly port: number }> {
  const main = await startRedis()
  const folder = await temporaryFolder()
  const file = join(folder, 'sentinel.conf')
  await writeFile(file, `sentinel monitor main 127.0.0.1 ${main.port} 1\n`)
  const sentinel = await startIn(folder, () => ['--sentinel'], file, /\+monitor master main/)
  const stop = async (): Promise<void> => {
    await sentinel.stop()
    await main.stop()
  }
  return { ...sentinel, stop }
}

function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'redis-'))
}

/** Starts Redis with its files in this folder, which goes when it stops. */
async function startIn(
  folder: string,
  more: (port: number) => readonly string[],
  file?: string,
  ready = /Ready to accept connections/,
): Promise<TestServer & { readonly port: number }> {
  const { port, stop } = await startServer({
    command: 'redis-server',
    args: (port) => [
      ...(file === undefined ? ['--save', '', '--appendonly', 'no'] : [file]),
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...more(port),
    ],
    ready,
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
