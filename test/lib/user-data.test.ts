import assert from 'node:assert/strict'
import { ScopeRequests, toProfile, UserData } from '../../lib/index.ts'
import { nameProvider } from '../../lib/provider.ts'
import { Labels, scopeLabels } from '../../lib/user-data.ts'

function item(label: string, value: unknown, isValid: unknown = true, isOwner: unknown = true): object {
  return {
    label,
    value,
    isValid,
    isOwner,
  }
}

const { EMAIL, PHONE_NUMBER, DOCUMENT_NAME, DOCUMENT_DATE_OF_BIRTH } = Labels

describe('UserData', () => {
  const items = [
    item(EMAIL, 'old@example.org', false),
    item(EMAIL, 'zoe@example.org'),
    item(PHONE_NUMBER, 5550100),
  ]
  const data = new UserData(items)

  it('is the array of items as received', () => {
    assert.ok(Array.isArray(data))
    assert.equal(data.length, 3)
    assert.equal(data[0]?.value, 'old@example.org')
    assert.deepEqual([...data], items)
    assert.deepEqual(JSON.parse(JSON.stringify(data)), items)
  })

  it('is frozen, and so are its items', () => {
    assert.throws(() => (data as unknown[]).push({}), TypeError)
    assert.throws(() => Object.assign(data[0] as object, { isValid: true }), TypeError)
    assert.throws(() => Object.assign(data, { get: () => 'forged' }), TypeError)
  })

  it('gives plain arrays from map and filter', () => {
    assert.equal(Object.getPrototypeOf(data.map(({ label }) => label)), Array.prototype)
    assert.equal(Object.getPrototypeOf(data.filter(() => true)), Array.prototype)
  })

  it('lists its labels, once each', () => assert.deepEqual(data.labels, [EMAIL, PHONE_NUMBER]))

  it('is empty without items', () => assert.deepEqual([...new UserData()], []))

  describe('get', () => {
    it('prefers an item that is valid and owned', () =>
      assert.equal(data.get(EMAIL)?.value, 'zoe@example.org'))
    it('returns the first item of the label if none is', () => {
      const revoked = new UserData([item(EMAIL, 'a', false), item(EMAIL, 'b', false)])
      assert.equal(revoked.get(EMAIL)?.value, 'a')
    })
    it('returns undefined for a missing label', () => assert.equal(data.get('x'), undefined))
  })

  describe('value', () => {
    it('is a verified value', () => {
      assert.equal(data.value(EMAIL), 'zoe@example.org')
      assert.equal(data.value(PHONE_NUMBER), 5550100)
    })
    it('is undefined unless both flags are exactly true', () => {
      for (const flag of [false, 'true', 1, null, {}]) {
        assert.equal(new UserData([item(EMAIL, 'a', flag)]).value(EMAIL), undefined)
        assert.equal(new UserData([item(EMAIL, 'a', true, flag)]).value(EMAIL), undefined)
      }
      assert.equal(new UserData([{ label: EMAIL, value: 'a' }]).value(EMAIL), undefined)
      assert.equal(data.value('x'), undefined)
    })
    it('ignores inherited properties of an item', () => {
      const inherited = Object.create(item(EMAIL, 'a')) as object
      const polluted = JSON.parse(
        `{"__proto__":{"isValid":true,"isOwner":true},"label":"${EMAIL}","value":"a"}`,
      ) as object
      for (const one of [inherited, Object.assign(inherited, { label: EMAIL, value: 'a' }), polluted]) {
        assert.equal(new UserData([one]).value(EMAIL), undefined)
      }
    })
  })
})

describe('toProfile', () => {
  it('converts verified data to Portable Contacts', () => {
    const data = new UserData([
      item(EMAIL, 'zoe@example.org'),
      item(EMAIL, 'second@example.org'),
      item(PHONE_NUMBER, 5550100),
      item(DOCUMENT_NAME, 'Zoë Example'),
      item(DOCUMENT_DATE_OF_BIRTH, '1990-01-31'),
    ])
    assert.deepEqual(toProfile('id', data), {
      provider: 'civic',
      id: 'id',
      displayName: 'Zoë Example',
      name: { formatted: 'Zoë Example' },
      emails: [{ value: 'zoe@example.org' }, { value: 'second@example.org' }],
      phoneNumbers: [{ value: '5550100' }],
      birthday: '1990-01-31',
      _json: data,
    })
  })

  it('leaves out what is revoked or not owned', () => {
    const data = new UserData([item(EMAIL, 'a@example.org', false), item(DOCUMENT_NAME, 'Zoë', true, false)])
    assert.deepEqual(toProfile('id', data), { provider: 'civic', id: 'id', _json: data })
  })
})

describe('scope requests', () => {
  it('have the names and wire values of CivicJS', () => {
    assert.deepEqual(ScopeRequests, {
      BASIC_SIGNUP: 'civicBasic',
      CIVIC_BASIC: 'civicBasic',
      BASIC_LOGIN: 'Login',
      ANONYMOUS_LOGIN: 'Anonymous_Login',
      PROOF_OF_IDENTITY: 'proofOfIdentity',
      PROOF_OF_AGE: 'proofOfAge',
      PROOF_OF_RESIDENCE: 'proofOfResidence',
      LEGAL: 'Legal',
      ID_VERIFICATION: 'id_verification',
      PASSPORT: 'passport',
      DRIVER_LICENSE: 'driversLicense',
    })
    assert.ok(Object.isFrozen(ScopeRequests))
  })

  it('each have their labels, by name and by wire value', () => {
    for (const [name, wire] of Object.entries(ScopeRequests)) {
      assert.ok(scopeLabels(name))
      assert.equal(scopeLabels(name), scopeLabels(wire))
    }
    assert.deepEqual(scopeLabels('BASIC_SIGNUP'), [EMAIL, PHONE_NUMBER])
    assert.deepEqual(scopeLabels('ANONYMOUS_LOGIN'), ['verifications.levels.CIVIC:IAL1'])
    assert.deepEqual(scopeLabels('proofOfAge'), [DOCUMENT_DATE_OF_BIRTH])
    assert.equal(scopeLabels('PROOF_OF_IDENTITY')?.length, 12)
    assert.equal(scopeLabels('PROOF_OF_RESIDENCE')?.length, 16)
    assert.equal(
      scopeLabels('PROOF_OF_RESIDENCE')?.filter((label) => label.startsWith('documents.address.')).length,
      4,
    )
  })

  it('that are unknown have no labels', () => {
    assert.equal(scopeLabels('everything'), undefined)
    assert.equal(scopeLabels('toString'), undefined)
    assert.equal(scopeLabels('__proto__'), undefined)
  })
})

describe("a profile's provider", () => {
  it('is civic for a client’s data, otherwise the strategy’s name', () => {
    const data = new UserData([])
    assert.equal(toProfile('id', data).provider, 'civic')
    nameProvider(data, 'civic-direct')
    assert.equal(toProfile('id', data).provider, 'civic-direct')
    assert.deepEqual(Reflect.ownKeys(data), ['length'])
  })
})
