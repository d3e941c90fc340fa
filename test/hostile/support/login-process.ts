import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { CivicStrategy, RedisReplayStore } from '../../../lib/index.ts'
import type { CivicStrategyOptions } from '../../../lib/index.ts'
import { outcomesOf, post } from '../../support/drive.ts'
import type { Outcome } from '../../support/drive.ts'

export type RedisLibrary = 'redis' | 'ioredis'

/** A separate Node process that logs people in, with its replay store in Redis. */
export interface LoginProcess {
  /** Posts all of these at once; gives each one's outcomes, in order. */
  login(tokens: readonly string[]): Promise<Outcome[][]>
  stop(): Promise<void>
}

interface Setup {
  readonly library: RedisLibrary
  readonly url: string
  readonly options: CivicStrategyOptions
}

/** Connects a replay store to Redis by either library. */
export async function connectStore(
  library: RedisLibrary,
  url: string,
): Promise<{ store: RedisReplayStore; disconnect: () => void }> {
  if (library === 'ioredis') {
    const client = new Redis(url, { lazyConnect: true })
    // What a client has to say of a server that is down is for its own listeners
    client.on('error', () => undefined)
    await client.connect()
    return { store: new RedisReplayStore(client), disconnect: () => client.disconnect() }
  }
  const client = createClient({ url })
  client.on('error', () => undefined)
  await client.connect()
  return { store: new RedisReplayStore(client), disconnect: () => client.destroy() }
}

export async function startLoginProcess(setup: Setup): Promise<LoginProcess> {
  const file = fileURLToPath(import.meta.url)
  const child = fork(file, [JSON.stringify(setup)], { execArgv: ['--import=tsx/esm'] })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = once(child, 'exit')
  await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('it did not start'))),
  ])
  return {
    login: async (tokens) => {
      child.send(tokens)
      const [outcomes] = (await once(child, 'message')) as [Outcome[][]]
      return outcomes
    },
    stop: async () => {
      process.off('exit', kill)
      child.disconnect()
      await exited
    },
  }
}

async function work({ library, url, options }: Setup, parent: ChildProcess): Promise<void> {
  const { store, disconnect } = await connectStore(library, url)
  const settings = { ...options, replayStore: store, passReqToCallback: false as const }
  const strategy = new CivicStrategy(settings, (userId: string) => ({ userId }))
  process.on('message', (tokens: string[]) => {
    void Promise.all(tokens.map((authToken) => outcomesOf(strategy, post({ authToken })))).then((outcomes) =>
      parent.send(outcomes),
    )
  })
  process.once('disconnect', disconnect)
  parent.send('ready')
}

// Run as a program, it is the process itself
if (process.argv[1] === fileURLToPath(import.meta.url) && process.send)
  await work(JSON.parse(process.argv[2] ?? '') as Setup, process as unknown as ChildProcess)
