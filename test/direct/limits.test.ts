import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { StartLimits } from '../../lib/direct/limits.ts'

describe('the limits of starts', () => {
  it('count an IPv6 network of a household as one address', () => {
    const limits = new StartLimits(1000, 1000)
    for (let n = 0; n < 60; n++)
      assert.equal(limits.start(`${n}`, `2001:db8:0:1${(n % 16).toString(16)}::${n}`), 0)
    assert.ok(limits.start('one more', '2001:db8:0:1f::99') > 0)
    assert.equal(limits.start('another', '2001:db8:0:200::1'), 0)
  })

  describe('with a stopped clock', () => {
    beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 }))
    afterEach(() => mock.timers.reset())

    it('are reset after a minute, and return the seconds until then', () => {
      const limits = new StartLimits(1000, 1000)
      for (let n = 0; n < 60; n++) assert.equal(limits.start(`${n}`, '192.0.2.1'), 0)
      assert.equal(limits.start('one more', '192.0.2.1'), 60)
      mock.timers.tick(48_500)
      assert.equal(limits.start('one more', '192.0.2.1'), 12)
      mock.timers.tick(11_499)
      assert.equal(limits.start('one more', '192.0.2.1'), 1)
      mock.timers.tick(1)
      assert.equal(limits.start('later', '192.0.2.1'), 0)
    })

    it('free a slot when a request ends or expires', () => {
      const limits = new StartLimits(2, 1500)
      limits.start('one', '192.0.2.1')
      limits.start('two', '192.0.2.2')
      assert.equal(limits.start('three', '192.0.2.3'), 2)
      limits.end('two')
      assert.equal(limits.start('three', '192.0.2.3'), 0)
      mock.timers.tick(1499)
      assert.equal(limits.start('four', '192.0.2.4'), 2)
      mock.timers.tick(1)
      assert.equal(limits.start('four', '192.0.2.4'), 0)
    })
  })
})
