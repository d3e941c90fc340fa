import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mock } from 'node:test'
import { MemoryReplayStore } from '../../lib/index.ts'

const MINUTE = 60_000

/** In steps: a mocked clock stands at the end of a tick for every timer inside it. */
function advance(ms: number): void {
  for (let passed = 0; passed < ms; passed += 10) mock.timers.tick(10)
}

describe('MemoryReplayStore', () => {
  // Only what the store reads: the clock and its own timer
  beforeEach(() => mock.timers.enable({ apis: ['Date', 'setTimeout'], now: Date.UTC(2026, 0) }))
  afterEach(() => {
    mock.reset()
    mock.timers.reset()
  })

  it('returns true the first time, and false while it remembers the key', async () => {
    const store = new MemoryReplayStore()
    assert.equal(await store.consume('key', MINUTE), true)
    assert.equal(await store.consume('key', MINUTE), false)
    assert.equal(await store.consume('other', MINUTE), true)
    mock.timers.tick(MINUTE - 1)
    assert.equal(await store.consume('key', MINUTE), false)
    mock.timers.tick(1)
    assert.equal(await store.consume('key', MINUTE), true)
  })

  it('is atomic: of many simultaneous calls, one is first', async () => {
    const store = new MemoryReplayStore()
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.consume('key', MINUTE)))
    assert.equal(answers.filter(Boolean).length, 1)
  })

  it('forgets a key that is released', async () => {
    const store = new MemoryReplayStore()
    await store.consume('key', MINUTE)
    await store.release('key')
    await store.release('never there')
    assert.equal(store.size, 0)
    assert.equal(await store.consume('key', MINUTE), true)
  })

  it('keeps a released key that was consumed again for its whole new lifetime', async () => {
    const store = new MemoryReplayStore()
    await store.consume('key', MINUTE)
    await store.release('key')
    await store.consume('key', 3 * MINUTE)
    mock.timers.tick(2 * MINUTE)
    assert.equal(await store.consume('key', MINUTE), false)
    assert.equal(store.size, 1)
    await store.release('key')
    advance(2 * MINUTE)
    assert.equal(store.size, 0)
  })

  it('and forgets it by itself then', async () => {
    const store = new MemoryReplayStore()
    await store.consume('key', MINUTE)
    await store.release('key')
    await store.consume('key', 2 * MINUTE)
    advance(MINUTE + 2000)
    assert.equal(store.size, 1)
    advance(MINUTE)
    assert.equal(store.size, 0)
  })

  it('counts a key once that is consumed again before it is forgotten', async () => {
    const store = new MemoryReplayStore()
    await store.consume('key', 10)
    mock.timers.tick(20)
    assert.equal(await store.consume('key', MINUTE), true)
    assert.equal(store.size, 1)
  })

  it('accepts any key, even an empty one', async () => {
    const store = new MemoryReplayStore()
    for (const key of ['', 'a', 'é日本']) {
      assert.equal(await store.consume(key, MINUTE), true)
      assert.equal(await store.consume(key, MINUTE), false)
    }
  })

  describe('when it is full', () => {
    it('refuses, and drops no live key', async () => {
      const store = new MemoryReplayStore({ max: 2 })
      await store.consume('a', MINUTE)
      await store.consume('b', MINUTE)
      await assert.rejects(store.consume('c', MINUTE), /full: it holds 2 live keys/)
      assert.equal(await store.consume('a', MINUTE), false)
      assert.equal(await store.consume('b', MINUTE), false)
      assert.equal(store.size, 2)
    })

    it('frees expired keys', async () => {
      const store = new MemoryReplayStore({ max: 2 })
      await store.consume('a', 10)
      await store.consume('b', MINUTE)
      mock.timers.setTime(Date.now() + 10)
      assert.equal(await store.consume('c', MINUTE), true)
      assert.equal(await store.consume('b', MINUTE), false)
    })

    it('frees only one batch, so that a login does not wait for all of them', async () => {
      const store = new MemoryReplayStore({ max: 1000 })
      for (let index = 0; index < 1000; index++) await store.consume(String(index), 10)
      mock.timers.setTime(Date.now() + 10)
      assert.equal(await store.consume('key', MINUTE), true)
      assert.equal(store.size, 501)
    })
  })

  it('expires by itself, in whatever order keys run out, a batch at a time', async () => {
    const store = new MemoryReplayStore()
    const ttls = Array.from({ length: 5000 }, (_, index) => ((index * 7919) % 5000) + 1)
    for (const [index, ttl] of ttls.entries()) await store.consume(String(index), ttl)
    assert.equal(store.size, 5000)
    advance(1000)
    assert.equal(store.size, 4500)
    advance(10)
    assert.equal(store.size, 4000)
    advance(5000)
    assert.equal(store.size, 0)
    for (let index = 0; index < 5000; index++) await store.consume(String(index), 500)
    advance(1000)
    assert.equal(store.size, 4500)
    advance(90)
    assert.equal(store.size, 0)
  })

  it('needs no timer that is an object: in jsdom it is a number, with some mocks nothing', async () => {
    for (const timer of [1, undefined]) {
      mock.method(globalThis, 'setTimeout', () => timer)
      assert.equal(await new MemoryReplayStore().consume('key', MINUTE), true)
    }
  })

  it('keeps no process alive', () => {
    const script = `
      import { MemoryReplayStore } from 'passport-civic-sip'
      await new MemoryReplayStore().consume('key', 3600000)`
    const { status, error } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 15_000,
    })
    assert.equal(error, undefined)
    assert.equal(status, 0)
  })
})
