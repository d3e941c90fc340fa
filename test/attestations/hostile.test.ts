import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { verifyOffline, verifyOnLedger } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { refused } from '../support/refused.ts'
import { authorities, fundedLedger, issueTo } from '../support/issuer.ts'
import { person, recorded } from '../support/recorded.ts'

const ada = person('ada')
const [attestation] = issueTo(ada)
const REQUEST = { appId: 'app', requestId: 'request' }

type Json = Record<string, unknown>

/** A copy of an object with the field at a path set by a function of its old value; `undefined` takes it away. */
function changed(object: object, path: string, change: (old: unknown) => unknown): Json {
  const copy = structuredClone(object) as Json
  const names = path.split('.')
  const last = names.pop()!
  const holder = names.reduce((inside, name) => inside[name] as Json, copy)
  const value = change(holder[last])
  if (value === undefined) Reflect.deleteProperty(holder, last)
  else holder[last] = value
  return copy
}

function malformed(input: unknown) {
  assert.throws(() => verifyOffline(input), refused('MALFORMED'))
  assert.throws(() => verifyOffline(input, REQUEST), refused('MALFORMED'))
}

const ATTESTED = 'attn.attestation.attestation'
const HASHES = ['data.salt', 'data.nonce', 'data.hash', 'attnData', `${ATTESTED}.subject.data`]
const TEXTS = [
  'label',
  'data.label',
  'data.value',
  'attnLabel',
  `${ATTESTED}.subject.label`,
  `${ATTESTED}.subject.xpub`,
  `${ATTESTED}.subject.signature`,
]
const OBJECTS = ['data', 'attn', 'attn.attestation', ATTESTED, `${ATTESTED}.subject`]

describe('attestations: input that is not an attestation', () => {
  it('MALFORMED: anything but an object', () => {
    for (const input of [
      undefined,
      null,
      true,
      0,
      1n,
      '',
      'attestation',
      Symbol('a'),
      () => 0,
      [],
      {},
      new Map(),
    ]) {
      malformed(input)
    }
  })

  for (const path of [...HASHES, ...TEXTS, ...OBJECTS, 'data.proof']) {
    const absent = [null, 0, true, {}, [], ['x'], Object.create({ value: 'x' }) as unknown]
    it(`MALFORMED: ${path} absent or of another type`, () => {
      if (path !== 'data.nonce') malformed(changed(attestation!, path, () => undefined))
      for (const other of OBJECTS.includes(path) ? [null, 0, 'text', {}] : absent) {
        if (path === 'data.proof' && Array.isArray(other) && other.length === 0) continue
        malformed(changed(attestation!, path, () => other))
      }
    })
  }

  for (const path of HASHES) {
    it(`MALFORMED: ${path} is not exactly 64 lower-case hex digits`, () => {
      for (const change of [
        (hash: string) => hash.slice(1),
        (hash: string) => `${hash}0`,
        (hash: string) => `${hash}\n`,
        (hash: string) => `g${hash.slice(1)}`,
        () => 'AB'.repeat(32),
        () => '０'.repeat(64),
        () => '',
      ]) {
        malformed(changed(attestation!, path, (old) => change(old as string)))
      }
    })
  }

  for (const path of TEXTS.filter((name) => !/signature|xpub/.test(name))) {
    it(`MALFORMED: ${path} is not well-formed Unicode, or longer than any`, () => {
      for (const text of ['\ud800', 'a\udc00', 'x'.repeat(5 * 1024 * 1024)]) {
        malformed(changed(attestation!, path, () => text))
      }
    })
  }

  it('MALFORMED: two copies of a value differ', () => {
    malformed({ ...attestation, label: 'contact.personal.phoneNumber' })
    malformed({ ...attestation, attnLabel: 'attOther' })
    malformed(changed(attestation!, `${ATTESTED}.subject.label`, () => 'attOther'))
  })

  it('ROOT_MISMATCH: the two roots differ', () => {
    const other = '00'.repeat(32)
    assert.throws(() => verifyOffline({ ...attestation, attnData: other }), refused('ROOT_MISMATCH'))
    const second = { ...recorded(ada).email.second, attestationData: other }
    assert.throws(() => verifyOffline(second), refused('ROOT_MISMATCH'))
  })

  it('MALFORMED: a proof step without one key, left or right', () => {
    const hash = '00'.repeat(32)
    for (const step of [
      {},
      { left: hash, right: hash },
      { left: hash, note: '' },
      { left: hash, [Symbol('s')]: 0 },
      { up: hash },
      { left: hash.slice(1) },
      { left: [hash] },
      Object.create({ left: hash }) as unknown,
      [hash],
      hash,
      null,
    ]) {
      malformed(changed(attestation!, 'data.proof', () => [step]))
    }
  })

  it('MALFORMED: a key that is private, cut, or not a point of the curve', () => {
    for (const xpub of [
      ada.xprv,
      ada.xpub.slice(1),
      `${ada.xpub}1`,
      '1'.repeat(111),
      `xpub${'1'.repeat(107)}`,
    ]) {
      malformed(changed(attestation!, `${ATTESTED}.subject.xpub`, () => xpub))
    }
  })

  it('MALFORMED: a credential without exactly one claim', () => {
    const { second } = recorded(ada).email
    for (const claims of [[], [second.claims[0], second.claims[0]], {}, 'claims', null]) {
      malformed({ ...second, claims })
    }
    malformed(changed(second, 'claims', () => [{ ...second.claims[0], proof: { merkleTree: {} } }]))
  })

  it('SUBJECT_SIGNATURE: a signature that is not canonical DER in lower-case hex', () => {
    const genuine = attestation!.attn.attestation.attestation.subject.signature
    for (const signature of [
      '',
      genuine.toUpperCase(),
      `${genuine}00`,
      genuine.slice(2),
      `${genuine}0`,
      ` ${genuine}`,
      genuine.replace(/^30../, '3080'),
      '3006020100020100',
      '00'.repeat(72),
      '30'.repeat(500),
    ]) {
      const input = changed(attestation!, `${ATTESTED}.subject.signature`, () => signature)
      assert.throws(() => verifyOffline(input), refused('SUBJECT_SIGNATURE'), signature)
    }
  })

  it('GRANT_MISMATCH or MALFORMED: a grant of any other shape', () => {
    for (const request of [null, undefined]) {
      const input = changed(attestation!, 'attn.attestation.request', () => request)
      assert.throws(() => verifyOffline(input, REQUEST), refused('GRANT_MISMATCH'))
    }
    const grant = { clientId: 'app', url: '', label: 'attCivicBasic', signature: '' }
    for (const request of [0, 'grant', [], {}, { ...grant, clientId: 5 }, { ...grant, signature: ['30'] }]) {
      const input = changed(attestation!, 'attn.attestation.request', () => request)
      assert.throws(() => verifyOffline(input, REQUEST), refused('MALFORMED'))
    }
    for (const request of [grant, { ...grant, clientId: 'other' }, { ...grant, label: 'other' }]) {
      const input = changed(attestation!, 'attn.attestation.request', () => request)
      assert.throws(() => verifyOffline(input, REQUEST), refused('GRANT_MISMATCH'))
    }
  })
})

describe('attestations: malicious input', () => {
  it('runs no getter and reads no prototype', () => {
    let ran = 0
    const trap = { get: () => ran++, enumerable: true }
    for (const path of ['data', 'label', 'attn', 'attnData']) {
      const copy = structuredClone(attestation) as unknown as Json
      Object.defineProperty(copy, path, trap)
      malformed(copy)
    }
    malformed(Object.create(attestation!))
    assert.equal(ran, 0)
  })

  it('reads plain data with odd prototypes and odd keys', () => {
    const odd = Object.assign(Object.create(null) as Attestation, structuredClone(attestation))
    assert.equal(verifyOffline(odd).value, 'ada@example.org')
    const polluted = JSON.parse(
      JSON.stringify(attestation).replace('{', '{"__proto__":{"x":1},"constructor":0,'),
    ) as unknown
    assert.equal(verifyOffline(polluted).value, 'ada@example.org')
    assert.equal(({} as Json).x, undefined)
  })

  it('survives proxies that throw or are revoked', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    malformed(proxy)
    const fail = () => {
      throw new RangeError('trap')
    }
    for (const trap of ['getOwnPropertyDescriptor', 'ownKeys']) {
      const throwing = new Proxy({ left: '' }, { [trap]: fail })
      malformed({ ...attestation, data: { ...attestation!.data, proof: [throwing] } })
    }
    malformed(new Proxy({}, { getOwnPropertyDescriptor: fail }))
  })

  it('reads every field once: a proxy cannot show another value after the check', () => {
    const reads = new Map<string, number>()
    const watched = (target: object, path: string): object =>
      new Proxy(target, {
        getOwnPropertyDescriptor: (inside, key) => {
          const name = `${path}.${String(key)}`
          reads.set(name, (reads.get(name) ?? 0) + 1)
          const property = Reflect.getOwnPropertyDescriptor(inside, key)
          const value: unknown = property?.value
          const nested = typeof value === 'object' && value !== null && !Array.isArray(value)
          return property && { ...property, value: nested ? watched(value, name) : value, configurable: true }
        },
      })
    assert.equal(verifyOffline(watched(structuredClone(attestation!), '')).value, 'ada@example.org')
    const several = [...reads].filter(([, count]) => count > 1).map(([name]) => name)
    assert.deepEqual(several, [])
    assert.ok(reads.has('.attn.attestation.attestation.subject.xpub'))
  })

  it('is not slowed down by length or depth', () => {
    const hash = '00'.repeat(32)
    const long = 'a'.repeat(2 ** 28)
    let deep: unknown = {}
    for (let i = 0; i < 1_000_000; i++) deep = { left: deep }
    const sparse: unknown[] = []
    sparse.length = 2 ** 32 - 1
    for (const proof of [
      sparse,
      Array.from({ length: 1_000_000 }, () => ({ left: hash })),
      Array.from({ length: 65 }, () => ({ left: hash })),
      [deep],
      [{ left: long }],
      [sparse],
    ]) {
      malformed({ ...attestation, data: { ...attestation!.data, proof } })
    }
    for (const path of [...HASHES, ...TEXTS, ...OBJECTS]) {
      malformed(changed(attestation!, path, () => long))
      if (!OBJECTS.includes(path)) malformed(changed(attestation!, path, () => deep))
    }
  }).timeout(60_000)

  it('always gives an AttestationError', () => {
    const anything = fc.anything({
      withBigInt: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    })
    fc.assert(
      fc.property(anything, (input) => {
        malformed(input)
      }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...HASHES, ...TEXTS, ...OBJECTS, 'data.proof'), anything, (path, value) => {
        // Without a nonce it is what Civic issued, and the label is free
        fc.pre(path !== 'data.nonce' || value !== undefined)
        const input = structuredClone(attestation) as unknown as Json
        const names = path.split('.')
        const last = names.pop()!
        names.reduce((inside, name) => inside[name] as Json, input)[last] = value
        const codes = [
          'MALFORMED',
          'LEAF_MISMATCH',
          'PROOF_MISMATCH',
          'ROOT_MISMATCH',
          'SUBJECT_SIGNATURE',
        ] as const
        assert.throws(() => verifyOffline(input), refused(...codes))
      }),
    )
  })

  it('is refused on the ledger with an AttestationError too', async () => {
    const ledger = fundedLedger()
    const check = (input: unknown) => verifyOnLedger(input, ledger, { authorities })
    await assert.rejects(check({}), refused('MALFORMED'))
    for (const path of ['authority', 'authority.xpub', 'authority.path', 'cosigners']) {
      for (const other of [null, 0, {}, [], ['xpub', 'xpub', 'xpub']]) {
        const input = changed(attestation!, `${ATTESTED}.${path}`, () => other)
        await assert.rejects(check(input), refused('MALFORMED'))
      }
    }
    for (const tx of [undefined, null, 5, '', '00', 'zz', '0'.repeat(900_000), ['00']]) {
      const input = changed(attestation!, `${ATTESTED}.tx`, () => tx)
      await assert.rejects(check(input), refused('ANCHOR_MISMATCH'))
    }
  })
})
