import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mock } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import nodeFetch from 'node-fetch'
import { MemoryReplayStore } from '../../lib/index.ts'
import type { CivicStrategyOptions, Fetch, ReplayStore } from '../../lib/index.ts'
import { FakeSip, status } from '../support/sip.ts'
import { outcomeOf, outcomesOf, post, strategyFor } from '../support/drive.ts'
import type { Outcome } from '../support/drive.ts'
import { serve } from '../support/http.ts'
import { count } from '../support/tally.ts'

const AREA = 'Replay: one process'
const REPLAYED = 'CIVIC_TOKEN_REPLAYED'

/** A store that keeps what it is asked, and does what it is told. */
class Spy implements ReplayStore {
  readonly consumed: string[] = []
  readonly released: string[] = []
  readonly #store = new MemoryReplayStore()
  consume(key: string, ttlMs: number): Promise<boolean> {
    this.consumed.push(key)
    return this.#store.consume(key, ttlMs)
  }
  release(key: string): Promise<void> {
    this.released.push(key)
    return this.#store.release(key)
  }
}

describe('the same token again', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  const login = (strategy: object, token: string, expected: 'accepted' | 'refused'): Promise<Outcome> =>
    outcomeOf(AREA, expected, strategy, post({ authToken: token }))

  it('50 times at once logs in once, and is sent once', async () => {
    for (let round = 0; round < 5; round++) {
      sip.exchanges.length = 0
      const strategy = strategyFor(sip)
      const token = sip.token()
      const all = await Promise.all(
        Array.from({ length: 50 }, () => outcomesOf(strategy, post({ authToken: token }))),
      )
      const outcomes = all.flat()
      assert.equal(outcomes.length, 50)
      const logins = outcomes.filter(({ kind }) => kind === 'success')
      for (const [at, { kind }] of outcomes.entries()) {
        const isFirst = kind === 'success' && outcomes.findIndex((one) => one.kind === 'success') === at
        count(AREA, isFirst ? 'accepted' : 'refused', kind === 'success' ? 'accepted' : 'refused')
      }
      assert.equal(logins.length, 1)
      assert.equal(outcomes.filter(({ code }) => code === REPLAYED).length, 49)
      assert.equal(sip.exchanges.length, 1)
    }
  })

  it('is refused while the first login is running', async () => {
    let answer = (): void => undefined
    const asked = new Promise<void>((resolve) => {
      sip.answers = [
        async (res, exchange) => {
          resolve()
          await new Promise<void>((go) => (answer = go))
          return sip.success()(res, exchange)
        },
      ]
    })
    const strategy = strategyFor(sip)
    const token = sip.token()
    const first = login(strategy, token, 'accepted')
    await asked
    assert.equal((await login(strategy, token, 'refused')).code, REPLAYED)
    answer()
    assert.equal((await first).kind, 'success')
    assert.equal((await login(strategy, token, 'refused')).code, REPLAYED)
  })

  it('of two apps whose tokens share jti and code does not clash', async () => {
    const replayStore = new Spy()
    const ids = { jti: 'the same', data: { codeToken: 'the same' } }
    const other = strategyFor(sip, { appId: 'app54321', replayStore })
    sip.answers = [sip.success()]
    assert.equal((await login(strategyFor(sip, { replayStore }), sip.token(ids), 'accepted')).kind, 'success')
    sip.answers = [sip.success({ data: sip.dataToken({ sub: 'app54321' }) })]
    const token = sip.token({ ...ids, sub: 'app54321' })
    assert.equal((await login(other, token, 'accepted')).kind, 'success')
    assert.equal(new Set(replayStore.consumed).size, 2)
  })

  it('is known by app, jti and code together, and by nothing a list could run together', async () => {
    const replayStore = new Spy()
    const strategy = strategyFor(sip, { replayStore })
    const pairs = [
      ['a', 'b'],
      ['a","b', 'c'],
      ['a', 'b","c'],
      ['ab', 'c'],
      ['a', 'bc'],
      ['b', 'a'],
    ]
    for (const [jti, codeToken] of pairs)
      await login(strategy, sip.token({ jti, data: { codeToken } }), 'accepted')
    assert.equal(new Set(replayStore.consumed).size, pairs.length)
    // Signed anew, with other times: still the same code
    const again = await login(strategy, sip.token({ jti: 'a', data: { codeToken: 'b' } }), 'refused')
    assert.equal(again.code, REPLAYED)
    for (const key of replayStore.consumed) assert.match(key, /^[0-9a-f]{64}$/)
  })

  describe('after a failure', () => {
    const lost = async (): Promise<string> => {
      const server = await serve(() => undefined)
      await server.close()
      return server.origin
    }

    it('works if the connection was refused, as often as that happens', async () => {
      const closed = await lost()
      let isDown = true
      const fetch: Fetch = (url, init) => nodeFetch(isDown ? closed : url, init as object)
      const strategy = strategyFor(sip, { fetch })
      const token = sip.token()
      for (let i = 0; i < 3; i++) {
        assert.equal((await login(strategy, token, 'refused')).code, 'CIVIC_UNAVAILABLE')
      }
      assert.equal(sip.exchanges.length, 0)
      isDown = false
      assert.equal((await login(strategy, token, 'accepted')).kind, 'success')
      assert.equal((await login(strategy, token, 'refused')).code, REPLAYED)
    })

    it('works if SIP throttled', async () => {
      const strategy = strategyFor(sip, { retries: 0 })
      const token = sip.token()
      sip.answers = [status(429)]
      assert.equal((await login(strategy, token, 'refused')).code, 'CIVIC_THROTTLED')
      sip.answers = []
      assert.equal((await login(strategy, token, 'accepted')).kind, 'success')
    })

    const used: Record<string, [FakeSip['answers'][number], Partial<CivicStrategyOptions>?]> = {
      'a reset': [(res) => res.destroy()],
      silence: [() => undefined, { timeout: 1000 }],
      'an answer that broke off': [
        (res) => res.writeHead(200, { 'Content-Length': 99 }).write('{', () => res.destroy()),
      ],
      'an empty answer': [(res) => res.end()],
      'an answer too large': [(res) => res.end(' '.repeat(5000)), { maxResponseBytes: 1000 }],
      'a redirect': [(res) => res.writeHead(307, { Location: '/' }).end()],
      ...Object.fromEntries(
        [400, 401, 403, 404, 405, 408, 409, 410, 425, 500, 502, 503, 504].map((code) => [
          `a ${code}`,
          [status(code)],
        ]),
      ),
    }
    for (const [name, [answer, options]] of Object.entries(used)) {
      it(`is refused where SIP may have used it: ${name}`, async () => {
        const replayStore = new Spy()
        const strategy = strategyFor(sip, { ...options, replayStore })
        const token = sip.token()
        sip.answers = [answer]
        const first = await login(strategy, token, 'refused')
        assert.notEqual(first.code, REPLAYED)
        assert.deepEqual(replayStore.released, [])
        sip.answers = []
        assert.equal((await login(strategy, token, 'refused')).code, REPLAYED)
        assert.equal(sip.exchanges.length, 1)
      })
    }

    it('is refused if the storage failed in any way, after SIP’s 200', async () => {
      const gone = await lost()
      const payloads: Record<string, [string, FakeSip['answers'][number]?]> = {
        'refused connection': [`${gone}/payload`],
        'a reset': [`${sip.origin}/payload`, (res) => res.destroy()],
        silence: [`${sip.origin}/payload`, () => undefined],
        'a 404': [`${sip.origin}/payload`, status(404)],
        'a 429': [`${sip.origin}/payload`, status(429, { 'Retry-After': '0' })],
        'a 500': [`${sip.origin}/payload`, status(500)],
        'a redirect': [`${sip.origin}/payload`, (res) => res.writeHead(302, { Location: '/' }).end()],
        nothing: [`${sip.origin}/payload`, (res) => res.end()],
        'another place': ['https://evil.example/payload'],
      }
      for (const [name, [url, answer]] of Object.entries(payloads)) {
        const replayStore = new Spy()
        // The exchange goes through, and only what is not SIP is refused a connection
        const strategy = strategyFor(sip, { replayStore, timeout: 3000 })
        const token = sip.token()
        sip.answers = [sip.success({ processed: true, data: url }), ...(answer ? [answer] : [])]
        const first = await login(strategy, token, 'refused')
        assert.equal(first.kind, 'error', name)
        assert.deepEqual(replayStore.released, [], name)
        sip.answers = [sip.success()]
        assert.equal((await login(strategy, token, 'refused')).code, REPLAYED, name)
      }
    })

    it('is refused if the storage refuses the connection', async () => {
      const replayStore = new Spy()
      const closed = await lost()
      const fetch: Fetch = (url, init) =>
        nodeFetch((init as RequestInit).method === 'GET' ? closed : url, init as object)
      const strategy = strategyFor(sip, { replayStore, fetch })
      sip.answers = [sip.success({ processed: true, data: `${sip.origin}/payload` })]
      const token = sip.token()
      const first = await login(strategy, token, 'refused')
      assert.equal(first.code, 'CIVIC_UNAVAILABLE')
      assert.deepEqual(replayStore.released, [])
      assert.equal((await login(strategy, token, 'refused')).code, REPLAYED)
    })

    it('is refused if the app itself refuses or throws', async () => {
      for (const verify of [() => false as const, () => Promise.reject(new Error('database'))]) {
        const strategy = strategyFor(sip, {}, verify)
        const token = sip.token()
        await login(strategy, token, 'refused')
        assert.equal((await login(strategy, token, 'refused')).code, REPLAYED)
      }
    })
  })

  describe('with a store that fails', () => {
    const never = new Promise<never>(() => undefined)
    const broken: Record<string, ReplayStore['consume']> = {
      rejects: () => Promise.reject(new Error('SET civic:replay:key')),
      throws: () => {
        throw new Error('SET civic:replay:key')
      },
      'never answers': () => never,
      'says undefined': () => Promise.resolve(undefined as never),
      'says null': () => Promise.resolve(null as never),
      'says OK': () => Promise.resolve('OK' as never),
      'says 1': () => Promise.resolve(1 as never),
      'says nothing that is a promise': () => undefined as never,
    }
    for (const [name, consume] of Object.entries(broken)) {
      it(`is no login, and nothing is sent: it ${name}`, async () => {
        const store = { consume, release: () => Promise.resolve() }
        const strategy = strategyFor(sip, { replayStore: store, timeout: 150 })
        const { kind, code, status: got, thrown } = await login(strategy, sip.token(), 'refused')
        assert.deepEqual([kind, code, got], ['error', 'CIVIC_STORE_UNAVAILABLE', 503])
        assert.equal((thrown as Error).cause, undefined)
        assert.equal(sip.exchanges.length, 0)
      })
    }

    it('that responds too late forgets the key again, so that the token works later', async () => {
      const inner = new MemoryReplayStore()
      let isSlow = true
      let released = (): void => undefined
      const done = new Promise<void>((resolve) => (released = resolve))
      const replayStore: ReplayStore = {
        consume: async (key, ttlMs) => {
          if (isSlow) await new Promise((resolve) => setTimeout(resolve, 200))
          return inner.consume(key, ttlMs)
        },
        release: async (key) => {
          await inner.release(key)
          released()
        },
      }
      const strategy = strategyFor(sip, { replayStore, timeout: 50 })
      const token = sip.token()
      assert.equal((await login(strategy, token, 'refused')).code, 'CIVIC_STORE_UNAVAILABLE')
      await done
      isSlow = false
      assert.equal((await login(strategyFor(sip, { replayStore }), token, 'accepted')).kind, 'success')
    })

    it('at release, keeps the first error and its deadline', async () => {
      const failing = [() => Promise.reject(new Error('DEL')), () => never]
      sip.answers = [status(429)]
      for (const release of failing) {
        const replayStore = { consume: () => Promise.resolve(true), release }
        const strategy = strategyFor(sip, { replayStore, retries: 0, timeout: 2000 })
        const outcome = await login(strategy, sip.token(), 'refused')
        assert.equal(outcome.code, 'CIVIC_THROTTLED')
      }
    })
  })

  describe('in memory', () => {
    it('is remembered as long as any clock may accept it, and then forgotten', async () => {
      const replayStore = new Spy()
      const ttls: number[] = []
      const store: ReplayStore = {
        consume: (key, ttlMs) => {
          ttls.push(ttlMs)
          return replayStore.consume(key, ttlMs)
        },
        release: (key) => replayStore.release(key),
      }
      const iat = Date.now() / 1000
      await login(
        strategyFor(sip, { replayStore: store, clockTolerance: 300 }),
        sip.token({ iat, exp: iat + 1800.5 }),
        'accepted',
      )
      assert.deepEqual(ttls, [2_400_500])
    })

    it('uses no more memory for one token that is posted repeatedly while SIP is down', async () => {
      setFlagsFromString('--expose_gc')
      const collect = runInNewContext('gc') as () => void
      const store = new MemoryReplayStore()
      const used = (): number => {
        collect()
        return process.memoryUsage().heapUsed
      }
      const before = used()
      for (let i = 0; i < 100_000; i++) {
        const key = createHash('sha256').update('one token').digest('hex')
        assert.equal(await store.consume(key, 1_800_000), true)
        await store.release(key)
      }
      const grown = used() - before
      assert.equal(store.size, 0)
      assert.ok(grown < 3_000_000, `${grown} bytes`)
    })

    it('works if the clock is set back to before the start of the process', async () => {
      mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
      try {
        const store = new MemoryReplayStore()
        mock.timers.setTime(400_000)
        assert.equal(await store.consume('a', 1_800_000), true)
        assert.equal(await store.consume('a', 1_800_000), false)
        await store.release('a')
        assert.equal(await store.consume('a', 1_800_000), true)
      } finally {
        mock.timers.reset()
      }
    })

    it('refuses when it is full, and never forgets a live key for a new one', async () => {
      const replayStore = new MemoryReplayStore({ max: 3 })
      const strategy = strategyFor(sip, { replayStore })
      const tokens = Array.from({ length: 3 }, () => sip.token())
      for (const token of tokens) await login(strategy, token, 'accepted')
      for (let i = 0; i < 20; i++) {
        const { code, status: got } = await login(strategy, sip.token(), 'refused')
        assert.deepEqual([code, got], ['CIVIC_STORE_UNAVAILABLE', 503])
      }
      for (const token of tokens) assert.equal((await login(strategy, token, 'refused')).code, REPLAYED)
      assert.equal(sip.exchanges.length, 3)
    })

    it('frees the memory of released keys', async () => {
      const store = new MemoryReplayStore({ max: 1 })
      for (let i = 0; i < 10; i++) {
        assert.equal(await store.consume(String(i), 1000), true)
        await store.release(String(i))
      }
      await store.consume('last', 1000)
      await assert.rejects(store.consume('more', 1000), /full/)
    })
  })

  it('is not asked before the token is verified', async () => {
    const replayStore = new Spy()
    const strategy = strategyFor(sip, { replayStore })
    await login(strategy, sip.token({ aud: 'x' }), 'refused')
    await login(strategy, 'x.y.z', 'refused')
    await outcomeOf(
      AREA,
      'refused',
      strategy,
      post({ authToken: sip.token({ aud: 'x' }) }, { 'sec-fetch-site': 'cross-site' }),
    )
    assert.deepEqual(replayStore.consumed, [])
  })
})
