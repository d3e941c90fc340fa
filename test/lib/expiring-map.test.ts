import assert from 'node:assert/strict'
import { ExpiringMap } from '../../lib/expiring-map.ts'

describe('ExpiringMap', () => {
  let now = 0
  beforeEach(() => {
    now = 0
  })
  const create = () =>
    new ExpiringMap<number>(
      (expiry) => expiry,
      () => now,
    )

  it('returns a value until it expires, and keeps it until it is swept', () => {
    const map = create()
    map.set('key', 10)
    assert.equal(map.get('key'), 10)
    now = 10
    assert.equal(map.get('key'), undefined)
    assert.ok(map.has('key'))
    assert.equal(map.size, 1)
    assert.equal(map.forgetExpired(), false)
    assert.ok(!map.has('key'))
    assert.equal(map.size, 0)
  })

  it('counts a key once', () => {
    const map = create()
    map.set('key', 10)
    map.set('key', 20)
    assert.equal(map.size, 1)
    map.delete('key')
    map.delete('key')
    assert.equal(map.size, 0)
  })

  it('finds expired entries behind live ones, in several steps', () => {
    const map = create()
    for (let index = 0; index < 60_000; index++) map.set(String(index), index % 600 === 599 ? 1 : 100)
    now = 1
    let goes = 1
    while (map.forgetExpired()) goes++
    assert.ok(goes >= 5 && goes <= 7, `${goes} goes for 60,000 entries`)
    assert.equal(map.size, 59_900)
  })
})
