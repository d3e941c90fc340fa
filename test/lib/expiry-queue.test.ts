import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ExpiryQueue } from '../../lib/expiry-queue.ts'

const times = fc.array(fc.nat(1000), { maxLength: 200 })

/** Takes out all that is due. */
function drain(queue: ExpiryQueue, now = Infinity): string[] {
  const keys: string[] = []
  for (let key = queue.takeDue(now); key !== undefined; key = queue.takeDue(now)) keys.push(key)
  return keys
}

describe('the queue of expiries', () => {
  it('gives back every key once, by its time', () => {
    fc.assert(
      fc.property(times, (all) => {
        const queue = new ExpiryQueue()
        all.forEach((time, index) => queue.push(time, `${time} ${index}`))
        assert.equal(queue.size, all.length)
        const keys = drain(queue)
        assert.equal(new Set(keys).size, all.length)
        assert.deepEqual(
          keys.map((key) => Number(key.split(' ')[0])),
          [...all].sort((a, b) => a - b),
        )
        assert.equal(queue.size, 0)
      }),
    )
  })

  it('gives nothing before its time, whatever came and went before', () => {
    fc.assert(
      fc.property(times, times, fc.nat(1000), (first, second, now) => {
        const queue = new ExpiryQueue()
        first.forEach((time) => queue.push(time, String(time)))
        const early = drain(queue, now)
        second.forEach((time) => queue.push(time, String(time)))
        const sorted = (numbers: number[]): string[] => numbers.sort((a, b) => a - b).map(String)
        assert.deepEqual(early, sorted(first.filter((time) => time <= now)))
        assert.deepEqual(drain(queue), sorted([...first.filter((time) => time > now), ...second]))
      }),
    )
  })

  it('compares no more than a heap does', () => {
    // With a heap that is quick; with a search through all of them it takes hours
    const queue = new ExpiryQueue()
    for (let index = 0; index < 200_000; index++) queue.push((index * 7919) % 200_000, 'key')
    assert.equal(drain(queue).length, 200_000)
  })
})
