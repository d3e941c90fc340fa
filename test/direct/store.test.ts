import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { MemoryDirectStore, RedisDirectStore } from '../../lib/direct/index.ts'
import type { DirectStore } from '../../lib/direct/index.ts'
import { Records } from '../../lib/direct/records.ts'
import { privateKey } from '../../lib/keys.ts'
import { needsRedis, startRedis } from '../support/redis.ts'
import type { TestServer } from '../support/servers.ts'
import { at } from '../support/clock.ts'
import { newKey } from '../support/shop.ts'

interface Opened {
  readonly store: DirectStore
  readonly close: () => Promise<unknown>
}

/** What every store does. */
function contract(open: () => Promise<Opened>): void {
  let store: DirectStore
  let close: Opened['close']
  let round = 0
  before(async () => ({ store, close } = await open()))
  after(() => close())
  beforeEach(() => {
    round++
  })
  const key = (): string => `key ${round}`

  it('keeps a value', async () => {
    assert.equal(await store.get(key()), undefined)
    await store.set(key(), 'one', 10_000)
    await store.set(key(), 'two', 10_000)
    assert.equal(await store.get(key()), 'two')
  })

  it('adds a value once', async () => {
    const added = await Promise.all(Array.from({ length: 20 }, (_, n) => store.add(key(), String(n), 10_000)))
    assert.equal(added.filter(Boolean).length, 1)
    assert.equal(await store.get(key()), String(added.indexOf(true)))
  })

  it('lets a value be taken once', async () => {
    await store.set(key(), 'one', 10_000)
    const taken = await Promise.all(Array.from({ length: 20 }, () => store.take(key())))
    assert.deepEqual(taken.filter(Boolean), ['one'])
    assert.equal(await store.get(key()), undefined)
  })
}

describe('a store in memory', () => {
  contract(() => Promise.resolve({ store: new MemoryDirectStore(), close: () => Promise.resolve() }))

  it('forgets values when their time is over', async () => {
    const store = new MemoryDirectStore()
    await store.set('a', '1', 1000)
    await at(1001, async () => {
      assert.equal(await store.get('a'), undefined)
      assert.equal(await store.take('a'), undefined)
      assert.equal(await store.add('a', '2', 1000), true)
    })
  })

  it('stays as small as what is alive, by itself', () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    try {
      const store = new MemoryDirectStore()
      for (let n = 0; n < 2000; n++) void store.set(`key ${n}`, 'x', 1000)
      void store.set('key 0', 'x', 100_000)
      mock.timers.tick(900)
      assert.equal(store.size, 2000)
      for (let n = 0; n < 150; n++) mock.timers.tick(10)
      assert.equal(store.size, 1)
      for (let n = 0; n < 101; n++) mock.timers.tick(1000)
      assert.equal(store.size, 0)
    } finally {
      mock.timers.reset()
    }
  })
})

describe('a store in Redis', function () {
  let server: TestServer
  before(async function () {
    needsRedis(this)
    server = await startRedis()
  })
  after(() => server.stop())

  describe('by redis', () =>
    contract(async () => {
      const client = createClient({ url: server.url })
      await client.connect()
      return {
        store: new RedisDirectStore(client),
        close: () => {
          client.destroy()
          return Promise.resolve()
        },
      }
    }))

  describe('by ioredis', () =>
    contract(async () => {
      const client = new Redis(server.url, { lazyConnect: true })
      await client.connect()
      return {
        store: new RedisDirectStore(client, { prefix: 'other:' }),
        close: () => {
          client.disconnect()
          return Promise.resolve()
        },
      }
    }))

  it('gives every value its time', async () => {
    const client = createClient({ url: server.url })
    await client.connect()
    try {
      const store = new RedisDirectStore(client, { prefix: 'timed:' })
      await store.set('a', '1', 1500.5)
      await store.add('b', '1', 1500.5)
      for (const name of ['timed:a', 'timed:b']) {
        const left = await client.pTTL(name)
        assert.ok(left > 1000 && left <= 1501)
      }
    } finally {
      client.destroy()
    }
  })
})

describe('a store in Redis by default', () => {
  it('has keys that start with civic:direct:', async () => {
    const asked: string[][] = []
    const client = {
      sendCommand: (words: string[]) => {
        asked.push(words)
        return Promise.resolve(null)
      },
    }
    await new RedisDirectStore(client).get('a')
    assert.deepEqual(asked, [['GET', 'civic:direct:a']])
  })
})

describe('a Redis with an unexpected reply', () => {
  it('is an error', async () => {
    const store = new RedisDirectStore({ sendCommand: () => Promise.resolve(7) })
    await assert.rejects(store.set('a', '1', 1), /SET/)
    await assert.rejects(store.add('a', '1', 1), /SET/)
    await assert.rejects(store.get('a'), /not text/)
    await assert.rejects(store.take('a'), /not text/)
  })
})

describe('a client that is not for Redis', () => {
  for (const client of [undefined, {}, { set: () => undefined, get: () => undefined }]) {
    it(`is refused: ${JSON.stringify(client)}`, () => {
      assert.throws(() => new RedisDirectStore(client as never), /client must be/)
    })
  }
  it('has no prefix of another type, and no other option', () => {
    const client = { sendCommand: () => Promise.resolve() }
    assert.throws(() => new RedisDirectStore(client, { prefix: 7 as never }), /prefix/)
    assert.throws(() => new RedisDirectStore(client, { prefx: 'x' } as never), /prefix/)
  })
})

describe('the records in a store', () => {
  const [one, two] = [newKey(), newKey()]

  it('open only under their own name', async () => {
    const store = new MemoryDirectStore()
    const records = new Records(store, () => [one])
    await records.set('a', { person: 'Ada' }, 1000)
    await records.add('b', { person: 'Eve' }, 1000)
    const sealed = (await store.get('a'))!
    assert.ok(!Buffer.from(sealed, 'base64url').toString('latin1').includes('Ada'))
    assert.deepEqual(await records.get('a'), { person: 'Ada' })
    await store.set('a', (await store.get('b'))!, 1000)
    await store.set('b', sealed, 1000)
    assert.deepEqual([await records.get('a'), await records.take('b')], [undefined, undefined])
  })

  it('open under a key that is being rotated out', async () => {
    const store = new MemoryDirectStore()
    await new Records(store, () => [one]).set('a', { person: 'Ada' }, 1000)
    assert.deepEqual(await new Records(store, () => [two, one]).get('a'), { person: 'Ada' })
    assert.equal(await new Records(store, () => [two]).get('a'), undefined)
  })

  it('open for every process of this version, whichever sealed them', async () => {
    const store = new MemoryDirectStore()
    await store.set('a', 'Ytd3RvivprGVRvYaPm4UunKhlT4wiWG7c9cNdaJMykNMPR6dDPbMwSh8fHA', 1000)
    const key = privateKey('11'.repeat(32))
    assert.deepEqual(await new Records(store, () => [key]).get('a'), { person: 'Ada' })
  })

  for (const what of ['', 'x', 'A'.repeat(40)]) {
    it(`do not open if somebody else wrote them: ${JSON.stringify(what)}`, async () => {
      const store = new MemoryDirectStore()
      await store.set('a', what, 1000)
      assert.equal(await new Records(store, () => [one]).get('a'), undefined)
    })
  }

  it('are unavailable if the store does not respond in five seconds', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const hung = Object.assign(new MemoryDirectStore(), {
        get: () => new Promise<undefined>(() => undefined),
      })
      const asked = new Records(hung, () => [one]).get('a')
      mock.timers.tick(5_000)
      await assert.rejects(asked, {
        name: 'CivicError',
        code: 'CIVIC_STORE_UNAVAILABLE',
        message: 'The request store fails or is too slow',
        retryable: true,
      })
    } finally {
      mock.timers.reset()
    }
  })
})
