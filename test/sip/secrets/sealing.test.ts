import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { Sealer } from '../../../sip/lib/secrets/sealing.ts'

describe('sip: sealing', () => {
  const [first, second] = ['1'.repeat(64), '2'.repeat(64)] as const
  const place = { table: 'apps', row: 'a', column: 'secret' }
  const refused = { name: 'SealError', message: /^apps\.secret cannot be opened/ }

  it('opens what it sealed, and seals the same text differently each time', () => {
    const sealer = new Sealer([first])
    const [one, other] = [sealer.seal(place, 'Grüße'), sealer.seal(place, 'Grüße')]
    assert.notEqual(one, other)
    assert.equal(sealer.open(place, one), 'Grüße')
    assert.equal(sealer.open(place, other), 'Grüße')
    assert.equal(sealer.open(place, sealer.seal(place, '')), '')
  })

  it('opens with either secret, and seals with the current one', () => {
    const sealed = new Sealer([first]).seal(place, 'text')
    const both = new Sealer([second, first])
    assert.equal(both.open(place, sealed), 'text')
    assert.equal(both.isCurrent(sealed), false)
    const again = both.seal(place, 'text')
    assert.equal(both.isCurrent(again), true)
    assert.equal(new Sealer([second]).open(place, again), 'text')
    assert.throws(() => new Sealer([first]).open(place, again), refused)
  })

  it('opens no value that was moved to another table, row or column', () => {
    const sealer = new Sealer([first])
    const sealed = sealer.seal({ table: 'apps', row: 'b', column: 'secret' }, 'text')
    assert.throws(() => sealer.open(place, sealed), refused)
    const elsewhere = [
      { ...place, table: 'requests' },
      { ...place, column: 'grant' },
      { ...place, column: 'secret.x' },
    ]
    for (const other of elsewhere) {
      assert.throws(() => sealer.open(place, sealer.seal(other, 'text')), refused)
    }
  })

  it('opens no value that was changed or cut short', () => {
    const sealer = new Sealer([first])
    const bytes = Buffer.from(sealer.seal(place, 'text'), 'base64')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      assert.throws(() => sealer.open(place, changed.toString('base64')), refused, `byte ${at}`)
      assert.throws(() => sealer.open(place, bytes.subarray(0, at).toString('base64')), refused)
    }
  })

  it('has a key for each use', () => {
    const sealer = new Sealer([first])
    assert.notEqual(sealer.hmac('a', 'text'), sealer.hmac('b', 'text'))
    assert.equal(sealer.hmac('a', 'text'), new Sealer([first, second]).hmac('a', 'text'))
    assert.notEqual(sealer.hmac('a', 'text'), new Sealer([second, first]).hmac('a', 'text'))
  })

  it('refuses short secrets, and shows none', () => {
    for (const wrong of [[], [''], ['1'.repeat(63)], [first, 'x'.repeat(64)]]) {
      assert.throws(() => new Sealer(wrong), TypeError)
    }
    assert.doesNotMatch(inspect(new Sealer([first]), { depth: 9, showHidden: true }), /1111|buffer/i)
  })
})
