import assert from 'node:assert/strict'
import { Cluster, Redis } from 'ioredis'
import { createCluster, createSentinel } from 'redis'
import { RedisReplayStore } from '../../lib/index.ts'
import type { RedisLike } from '../../lib/index.ts'
import { needsRedis, startRedisCluster, startRedisSentinel } from '../support/redis.ts'
import type { TestServer } from '../support/servers.ts'

interface Connected {
  readonly client: RedisLike
  readonly close: () => unknown
}

const CONNECT: Readonly<Record<string, Readonly<Record<string, (port: number) => Promise<Connected>>>>> = {
  'a cluster': {
    redis: async (port) => {
      const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })
      await client.connect()
      return { client, close: () => client.destroy() }
    },
    ioredis: async (port) => {
      const client = new Cluster([{ host: '127.0.0.1', port }], { lazyConnect: true })
      await client.connect()
      return { client, close: () => client.disconnect() }
    },
  },
  'behind a sentinel': {
    redis: async (port) => {
      const client = createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port }] })
      await client.connect()
      return { client, close: () => client.destroy() }
    },
    ioredis: async (port) => {
      const client = new Redis({ name: 'main', sentinels: [{ host: '127.0.0.1', port }], lazyConnect: true })
      await client.connect()
      return { client, close: () => client.disconnect() }
    },
  },
}
const START = { 'a cluster': startRedisCluster, 'behind a sentinel': startRedisSentinel }

describe('a replay store in a Redis that is', function () {
  this.timeout(60_000)
  for (const [topology, start] of Object.entries(START)) {
    describe(topology, () => {
      let server: (TestServer & { readonly port: number }) | undefined
      before(async function () {
        needsRedis(this)
        server = await start()
      })
      after(() => server?.stop())

      for (const [library, connect] of Object.entries(CONNECT[topology]!)) {
        it(`takes each of many keys once, and again once it is released: ${library}`, async () => {
          const { client, close } = await connect(server!.port)
          try {
            const store = new RedisReplayStore(client, { prefix: `${library}:` })
            const keys = Array.from({ length: 50 }, (_, at) => `key ${at}`)
            const consume = (): Promise<boolean[]> =>
              Promise.all(keys.map((key) => store.consume(key, 60_000)))
            assert.deepEqual(
              await consume(),
              keys.map(() => true),
            )
            assert.deepEqual(
              await consume(),
              keys.map(() => false),
            )
            await store.release('key 7')
            assert.deepEqual((await consume()).indexOf(true), 7)
          } finally {
            await close()
          }
        })
      }
    })
  }
})
