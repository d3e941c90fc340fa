import assert from 'node:assert/strict'
import { toProfile, UserData } from '../../lib/index.ts'

const LABEL = 'contact.personal.email'

describe('a profile', () => {
  const proved = { label: LABEL, isValid: true, isOwner: true }
  const emails = (...items: object[]): unknown => toProfile('1', new UserData(items)).emails

  it('uses no value without a text, and never throws', () => {
    const values: unknown[] = [
      undefined,
      null,
      true,
      [],
      ['x'],
      {},
      { toString: 1, valueOf: 1 },
      { __proto__: null },
    ]
    for (const value of values) assert.equal(emails({ ...proved, value }), undefined)
    assert.deepEqual(emails({ ...proved, value: 'zoe@example.org' }), [{ value: 'zoe@example.org' }])
    assert.deepEqual(emails({ ...proved, value: 5550100 }), [{ value: '5550100' }])
  })

  it('uses only items that are exactly valid and owned', () => {
    const value = 'mallory@example.org'
    for (const flag of [undefined, null, 1, 'true', {}, [true], false]) {
      assert.equal(emails({ ...proved, value, isValid: flag }), undefined)
      assert.equal(emails({ ...proved, value, isOwner: flag }), undefined)
    }
    const inherited: unknown = JSON.parse(
      `{"__proto__":{"isValid":true,"isOwner":true},"label":"${LABEL}","value":"x"}`,
    )
    assert.equal(emails(inherited as object), undefined)
    assert.equal(emails(Object.create({ ...proved, value }) as object), undefined)
  })
})
