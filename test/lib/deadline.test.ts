import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mock } from 'node:test'
import { Deadline } from '../../lib/deadline.ts'
import { unhandledDuring } from './support/rejections.ts'
import { assertNoTimerLeft, timers } from '../support/timers.ts'

const never = new Promise<never>(() => undefined)
const timedOut = { code: 'CIVIC_TIMEOUT', message: 'SIP did not respond in time', retryable: false }

describe('a deadline', () => {
  it('settles as the work does, inside it', async () => {
    const deadline = new Deadline(60_000)
    assert.equal(await deadline.race(Promise.resolve('done')), 'done')
    await assert.rejects(deadline.race(Promise.reject(new Error('failed'))), /failed/)
    assert.equal(deadline.signal.aborted, false)
    deadline.stop()
  })

  it('stops waiting at its end, and aborts the work', async () => {
    const deadline = new Deadline(20)
    await assert.rejects(deadline.race(never), timedOut)
    assert.equal(deadline.signal.aborted, true)
    assert.ok(deadline.left <= 0)
    await assert.rejects(deadline.race(never), timedOut)
  })

  it('passes silently if nothing waits for it', async () => {
    assert.deepEqual(await unhandledDuring(() => once(new Deadline(1).signal, 'abort')), [])
  })

  it('has the remaining milliseconds', () => {
    const deadline = new Deadline(60_000)
    assert.ok(deadline.left > 59_000 && deadline.left <= 60_000, String(deadline.left))
    deadline.stop()
  })

  it('waits, but not past its end', async () => {
    const deadline = new Deadline(40)
    await deadline.wait(1)
    assert.equal(deadline.signal.aborted, false)
    await assert.rejects(deadline.wait(60_000), timedOut)
  })

  it('leaves no timer behind', () =>
    assertNoTimerLeft(async () => {
      const before = timers()
      const early = new Deadline(60_000)
      assert.equal(timers(), before + 1)
      await early.wait(1)
      early.stop()
      const late = new Deadline(5)
      await assert.rejects(late.wait(60_000), timedOut)
    }))

  it('ignores changes of the wall clock', async () => {
    mock.timers.enable({ apis: ['Date'], now: 0 })
    try {
      const deadline = new Deadline(20)
      await assert.rejects(deadline.race(never), timedOut)
    } finally {
      mock.timers.reset()
    }
  })
})
