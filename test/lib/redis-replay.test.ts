import assert from 'node:assert/strict'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { RedisReplayStore } from '../../lib/index.ts'
import type { RedisLike } from '../../lib/index.ts'

type Words = readonly string[]

/** A Redis server's SET and DEL, which remembers what it was told of the logins' keys and of the probes'. */
class FakeServer {
  readonly commands: Words[] = []
  readonly #keys = new Set<string>()

  run(words: Words): unknown {
    this.commands.push(words)
    const [name, key = ''] = words
    if (name === 'DEL') return Number(this.#keys.delete(key))
    if (this.#keys.has(key)) return null
    this.#keys.add(key)
    return 'OK'
  }

  get probes(): Words[] {
    return this.commands.filter(([, key]) => key?.includes('probe:'))
  }

  get logins(): Words[] {
    return this.commands.filter((words) => !this.probes.includes(words))
  }
}

/** What a library's client sends: real clients, of which only the call for a command is replaced. */
const CLIENTS: Readonly<Record<string, (run: (words: Words) => unknown) => RedisLike>> = {
  'redis, single': (run) =>
    Object.assign(createClient(), { sendCommand: (words: Words) => Promise.resolve(run(words)) }),
  'redis, a pool': (run) =>
    Object.assign(createClientPool(), { sendCommand: (words: Words) => Promise.resolve(run(words)) }),
  'redis, cluster': (run) =>
    Object.assign(createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] }), {
      sendCommand: (firstKey: string, isReadonly: boolean, words: Words) => {
        assert.equal(firstKey, words[1])
        assert.equal(isReadonly, false)
        return Promise.resolve(run(words))
      },
    }),
  'redis, sentinel': (run) =>
    Object.assign(createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }), {
      sendCommand: (isReadonly: boolean, words: Words) => {
        assert.equal(isReadonly, false)
        return Promise.resolve(run(words))
      },
    }),
  'ioredis, single or sentinel': (run) =>
    Object.assign(new Redis({ lazyConnect: true }), {
      call: (...words: string[]) => Promise.resolve(run(words)),
    }),
  'ioredis, cluster': (run) =>
    Object.assign(new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true }), {
      call: (...words: string[]) => Promise.resolve(run(words)),
    }),
}

/** A single client of redis that answers so. */
function answering(run: (words: Words) => unknown): RedisLike {
  return {
    sendCommand: async (words: Words) => Promise.resolve(run(words)),
  }
}

describe('RedisReplayStore', () => {
  let server: FakeServer
  beforeEach(() => (server = new FakeServer()))
  const run = (words: Words): unknown => server.run(words)

  for (const [name, client] of Object.entries(CLIENTS)) {
    it(`sends the words of the commands: ${name}`, async () => {
      const store = new RedisReplayStore(client(run), { prefix: 'mine:' })
      assert.equal(await store.consume('key', 1500.2), true)
      assert.equal(await store.consume('key', 1500), false)
      await store.release('key')
      assert.equal(await store.consume('key', 1500), true)
      assert.deepEqual(server.logins, [
        ['SET', 'mine:key', '1', 'NX', 'PX', '1501'],
        ['SET', 'mine:key', '1', 'NX', 'PX', '1500'],
        ['DEL', 'mine:key'],
        ['SET', 'mine:key', '1', 'NX', 'PX', '1500'],
      ])
    })
  }

  it('starts its keys with civic:replay:', async () => {
    await new RedisReplayStore(answering(run)).consume('key', 1)
    assert.equal(server.logins[0]?.[1], 'civic:replay:key')
  })

  it('accepts no other reply as a success', async () => {
    for (const answer of [undefined, 'QUEUED', 1, true]) {
      const store = new RedisReplayStore(
        answering((words) => (words[1]?.endsWith(':key') ? answer : run(words))),
      )
      await assert.rejects(store.consume('key', 1), /unexpected reply/)
    }
  })

  describe('checks with its first use that NX works', () => {
    it('with a key that nobody else uses, and deletes it', async () => {
      const store = new RedisReplayStore(answering(run))
      await Promise.all([store.consume('a', 1), store.consume('b', 1)])
      await store.consume('c', 1)
      const [first = [], second, last, ...more] = server.probes
      assert.deepEqual(more, [])
      assert.match(first[1] ?? '', /^civic:replay:probe:[0-9a-f-]{36}$/)
      assert.deepEqual(first.slice(2), ['1', 'NX', 'PX', '10000'])
      assert.deepEqual(second, first)
      assert.deepEqual(last, ['DEL', first[1]])
      await new RedisReplayStore(answering(run)).consume('d', 1)
      assert.notEqual(server.probes[3]?.[1], first[1])
    })

    it('and refuses every login if it does not', async () => {
      const broken: Record<string, (words: Words) => unknown> = {
        'NX is dropped': () => 'OK',
        'nothing is ever set': () => null,
        'answers are no answers': () => undefined,
      }
      for (const [name, answer] of Object.entries(broken)) {
        const store = new RedisReplayStore(answering(answer))
        for (let use = 0; use < 3; use++) await assert.rejects(store.consume('key', 1), Error, name)
      }
    })

    it('and again after a failure', async () => {
      let isDown = true
      const store = new RedisReplayStore(
        answering((words) => {
          if (isDown) throw new Error('down')
          return run(words)
        }),
      )
      await assert.rejects(store.consume('key', 1), /down/)
      isDown = false
      assert.equal(await store.consume('key', 1), true)
      assert.equal(server.probes.length, 3)
    })

    it('but may be forbidden to delete: the probe’s key expires', async () => {
      const store = new RedisReplayStore(
        answering((words) => {
          if (words[0] === 'DEL') throw new Error('NOPERM')
          return run(words)
        }),
      )
      assert.equal(await store.consume('key', 1), true)
      await assert.rejects(store.release('key'), /NOPERM/)
    })
  })
})
