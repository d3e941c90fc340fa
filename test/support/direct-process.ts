import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { RedisDirectStore } from '../../lib/direct/index.ts'
import { Site } from './direct-site.ts'

interface Setup {
  readonly redis: string
  readonly origin: string
  /** 64 hex digits. */
  readonly prvKey: string
}

export interface SiteProcess {
  readonly origin: string
  stop(): Promise<void>
}

/** A separate Node process that serves the site, its requests in Redis. */
export async function startSiteProcess(setup: Setup): Promise<SiteProcess> {
  const file = fileURLToPath(import.meta.url)
  const child = fork(file, [JSON.stringify(setup)], { execArgv: ['--import=tsx/esm'] })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = once(child, 'exit')
  const [origin] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('it did not start'))),
  ])) as [string]
  return {
    origin,
    stop: async () => {
      process.off('exit', kill)
      child.disconnect()
      await exited
    },
  }
}

async function work({ redis, origin, prvKey }: Setup): Promise<void> {
  const client = new Redis(redis, { lazyConnect: true })
  await client.connect()
  const store = new RedisDirectStore(client)
  const site = await Site.start({ direct: { origin, prvKey, store } })
  process.once('disconnect', () => {
    client.disconnect()
    void site.stop()
  })
  process.send?.(site.origin)
}

// Run as a program, it is the process itself
if (process.argv[1] === fileURLToPath(import.meta.url) && process.send)
  await work(JSON.parse(process.argv[2] ?? '') as Setup)
