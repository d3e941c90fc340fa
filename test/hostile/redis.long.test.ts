import assert from 'node:assert/strict'
import { createClient } from 'redis'
import { needsRedis, startRedis } from '../support/redis.ts'
import type { TestServer } from '../support/servers.ts'
import { FakeSip, status } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import type { Outcome } from '../support/drive.ts'
import { connectStore, startLoginProcess } from './support/login-process.ts'
import type { RedisLibrary } from './support/login-process.ts'
import { count } from '../support/tally.ts'

const AREA = 'Replay: two processes and Redis'

function newClient(url: string) {
  return createClient({ url })
}

const UNAVAILABLE = ['error', 'CIVIC_STORE_UNAVAILABLE', 503]

describe('a replay store in Redis', function () {
  this.timeout(60_000)
  const sip = new FakeSip()
  let redis: TestServer | undefined
  before(async function () {
    needsRedis(this)
    await sip.start()
    redis = await startRedis()
  })
  after(async () => {
    await sip.stop()
    await redis?.stop()
  })
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  /** Runs one command as an administrator would. */
  async function command<T>(work: (client: ReturnType<typeof newClient>) => Promise<T>): Promise<T> {
    const client = newClient(redis!.url)
    await client.connect()
    try {
      return await work(client)
    } finally {
      client.destroy()
    }
  }

  for (const library of ['redis', 'ioredis'] as const satisfies RedisLibrary[]) {
    describe(`by ${library}`, () => {
      it('lets a token posted 50 times at once to two processes log in once', async () => {
        const setup = { library, url: redis!.url, options: sip.options }
        const [one, two] = await Promise.all([startLoginProcess(setup), startLoginProcess(setup)])
        try {
          for (let round = 0; round < 10; round++) {
            const tokens = Array<string>(25).fill(sip.token())
            sip.exchanges.length = 0
            const outcomes = (await Promise.all([one.login(tokens), two.login(tokens)])).flat(2)
            assert.equal(outcomes.length, 50)
            let logins = 0
            for (const { kind, code } of outcomes) {
              if (kind === 'success') logins++
              else assert.equal(code, 'CIVIC_TOKEN_REPLAYED')
              const isFirst = kind === 'success' && logins === 1
              count(AREA, isFirst ? 'accepted' : 'refused', kind === 'success' ? 'accepted' : 'refused')
            }
            assert.equal(logins, 1)
            assert.equal(sip.exchanges.length, 1)
          }
          const different = Array.from({ length: 25 }, () => sip.token())
          const all = (
            await Promise.all([one.login(different.slice(5)), two.login(different.slice(0, 5))])
          ).flat(2)
          for (const { kind } of all) {
            count(AREA, 'accepted', kind === 'success' ? 'accepted' : 'refused')
            assert.equal(kind, 'success')
          }
        } finally {
          await Promise.all([one.stop(), two.stop()])
        }
      })

      async function withStore(
        work: (
          login: (token: string, expected?: 'accepted' | 'refused') => Promise<Outcome>,
        ) => Promise<void>,
        timeout: number,
        url = redis!.url,
      ): Promise<void> {
        const { store, disconnect } = await connectStore(library, url)
        const strategy = strategyFor(sip, { replayStore: store, timeout, retries: 0 })
        try {
          await work((token, expected = 'refused') =>
            outcomeOf(AREA, expected, strategy, post({ authToken: token })),
          )
        } finally {
          disconnect()
        }
      }

      it('forgets by itself, and keeps nothing of a token', async () => {
        await withStore(async (login) => {
          const token = sip.token()
          await command((client) => client.flushAll())
          assert.equal((await login(token, 'accepted')).kind, 'success')
          const [key, ...more] = await command((client) => client.keys('*'))
          assert.deepEqual(more, [])
          assert.match(key!, /^civic:replay:[0-9a-f]{64}$/)
          assert.equal(await command((client) => client.get(key!)), '1')
          const ttl = await command((client) => client.pTTL(key!))
          assert.ok(ttl > 1_900_000 && ttl <= 1_920_000, String(ttl))
        }, 5000)
      })

      it('lets the same token work again after a failure that used no code', async () => {
        await withStore(async (login) => {
          const token = sip.token()
          sip.answers = [status(429)]
          assert.equal((await login(token)).code, 'CIVIC_THROTTLED')
          sip.answers = []
          assert.equal((await login(token, 'accepted')).kind, 'success')
          assert.equal((await login(token)).code, 'CIVIC_TOKEN_REPLAYED')
        }, 5000)
      })

      it('that hangs is a 503 inside the deadline, and the token works when it is back', async () => {
        await withStore(async (login) => {
          const token = sip.token()
          await command((client) => client.flushAll())
          await command((client) => client.sendCommand(['CLIENT', 'PAUSE', '4000', 'ALL']))
          const started = performance.now()
          const { kind, code, status: got } = await login(token)
          assert.deepEqual([kind, code, got], UNAVAILABLE)
          assert.ok(performance.now() - started < 3500)
          assert.equal(sip.exchanges.length, 0)
          // The pause over, the late SET is undone by a DEL sent after it
          const isFree = async (): Promise<boolean> =>
            (await command((client) => client.keys('*'))).length === 0
          while (!(await isFree()));
          assert.equal((await login(token, 'accepted')).kind, 'success')
        }, 500)
      })

      it('that is slow, but in time, is a login', async () => {
        await withStore(async (login) => {
          await command((client) => client.sendCommand(['CLIENT', 'PAUSE', '300', 'ALL']))
          assert.equal((await login(sip.token(), 'accepted')).kind, 'success')
        }, 10_000)
      })

      it('that goes down is a 503 inside the deadline', async () => {
        const own = await startRedis()
        await withStore(
          async (login) => {
            assert.equal((await login(sip.token(), 'accepted')).kind, 'success')
            await own.stop()
            for (let i = 0; i < 2; i++) {
              sip.exchanges.length = 0
              const { kind, code, status: got, thrown } = await login(sip.token())
              assert.deepEqual([kind, code, got], UNAVAILABLE)
              assert.equal((thrown as Error).cause, undefined)
              assert.equal(sip.exchanges.length, 0)
            }
          },
          2000,
          own.url,
        )
      })

      it('that refuses to write is a 503', async () => {
        await withStore(async (login) => {
          await command((client) => client.configSet('maxmemory', '1'))
          try {
            const { kind, code, status: got, thrown } = await login(sip.token())
            assert.deepEqual([kind, code, got], UNAVAILABLE)
            assert.ok(!JSON.stringify(thrown, Object.getOwnPropertyNames(thrown)).includes('civic:replay'))
            assert.equal(sip.exchanges.length, 0)
          } finally {
            await command((client) => client.configSet('maxmemory', '0'))
          }
        }, 5000)
      })
    })
  }
})
