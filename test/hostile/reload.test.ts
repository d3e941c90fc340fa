import assert from 'node:assert/strict'
import { MemoryReplayStore } from '../../lib/index.ts'
import type { CivicStrategyOptions, ReplayStore } from '../../lib/index.ts'
import { FakeSip, forge, newKeys } from '../support/sip.ts'
import { assertNoTimerLeft } from '../support/timers.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import type { Outcome } from '../support/drive.ts'

const AREA = 'Login CSRF: a refused post again'
const FOREIGN = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
const OWN = { 'sec-fetch-site': 'same-origin' }

describe('a post that was refused as cross-origin, made again by the page that shows the refusal', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  const refusedFirst = async (strategy: object, token: unknown, headers: object = FOREIGN): Promise<void> => {
    const req = { ...post({ authToken: token }), headers }
    const { code } = await outcomeOf(AREA, 'refused', strategy, req)
    assert.equal(code, 'CIVIC_CROSS_ORIGIN')
  }
  const again = (strategy: object, token: string, expected: 'accepted' | 'refused'): Promise<Outcome> =>
    outcomeOf(AREA, expected, strategy, post({ authToken: token }, OWN))

  const modes: Record<string, () => Partial<CivicStrategyOptions>> = {
    'the default store': () => ({}),
    'a store of the app': () => ({ replayStore: new MemoryReplayStore() }),
    'no store': () => ({ replayStore: false }),
    'a store that rejects': () => ({
      replayStore: { consume: () => Promise.reject(new Error('down')), release: () => Promise.resolve() },
    }),
  }
  for (const [name, options] of Object.entries(modes)) {
    it(`logs nobody in, with ${name}`, async () => {
      const strategy = strategyFor(sip, options())
      const token = sip.token()
      await refusedFirst(strategy, token)
      assert.equal((await again(strategy, token, 'refused')).code, 'CIVIC_TOKEN_REPLAYED')
      assert.equal(sip.exchanges.length, 0)
    })
  }

  it('logs nobody in, whatever the reason for the refusal', async () => {
    const strategy = strategyFor(sip, { originCheck: 'strict' })
    for (const headers of [
      {},
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'x' },
    ]) {
      const token = sip.token()
      await refusedFirst(strategy, token, headers)
      assert.equal((await again(strategy, token, 'refused')).code, 'CIVIC_TOKEN_REPLAYED')
    }
  })

  it('logs nobody in at another process with a shared store', async () => {
    const replayStore = new MemoryReplayStore()
    const token = sip.token()
    await refusedFirst(strategyFor(sip, { replayStore }), token)
    assert.equal(
      (await again(strategyFor(sip, { replayStore }), token, 'refused')).code,
      'CIVIC_TOKEN_REPLAYED',
    )
  })

  it('is refused by a store that responds after the deadline: its mark stays', async () => {
    const inner = new MemoryReplayStore()
    let marked!: Promise<boolean>
    let released = 0
    let answer = (): void => undefined
    const slow: ReplayStore = {
      consume: (key, ttlMs) =>
        (marked = new Promise<void>((resolve) => (answer = resolve)).then(() => inner.consume(key, ttlMs))),
      release: (key) => (released++, inner.release(key)),
    }
    const token = sip.token()
    await refusedFirst(strategyFor(sip, { replayStore: slow, timeout: 20 }), token)
    answer()
    assert.equal(await marked, true)
    assert.equal(
      (await again(strategyFor(sip, { replayStore: inner }), token, 'refused')).code,
      'CIVIC_TOKEN_REPLAYED',
    )
    assert.equal(released, 0)
  })

  it('with a forged token marks nothing', async () => {
    const asked: string[] = []
    const replayStore: ReplayStore = {
      consume: (key) => (asked.push(key), Promise.resolve(true)),
      release: () => Promise.resolve(),
    }
    const strategy = strategyFor(sip, { replayStore })
    const claims = sip.claims()
    const forged = forge({ alg: 'ES256' }, claims, newKeys().privateKey)
    for (const token of [forged, 'x', 7, 'x'.repeat(9000), sip.token({ sub: 'x' })])
      await refusedFirst(strategy, token)
    assert.deepEqual(asked, [])
    assert.equal((await again(strategy, sip.sign(claims), 'accepted')).kind, 'success')
  })

  it('leaves other tokens as they are, and the same one as often as SIP lets it where there is no store', async () => {
    const strategy = strategyFor(sip, { replayStore: false })
    await refusedFirst(strategy, sip.token())
    const token = sip.token()
    assert.equal((await again(strategy, token, 'accepted')).kind, 'success')
    assert.equal((await again(strategy, token, 'accepted')).kind, 'success')
  })

  it('leaves no timer behind', async () => {
    const strategy = strategyFor(sip)
    await assertNoTimerLeft(() => refusedFirst(strategy, sip.token()))
  })
})
