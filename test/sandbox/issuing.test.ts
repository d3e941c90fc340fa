import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { merkleTree, signSubject, verifyOffline } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { attest, walletKey } from '../support/attesting.ts'
import type { WalletKey } from '../support/attesting.ts'
import {
  attested,
  attesterOf,
  callAttester,
  codeFor,
  EMAIL,
  mailTo,
  PHONE,
} from '../support/sandbox-attester.ts'
import type { Reply } from '../support/sandbox-attester.ts'

function newKey(): WalletKey {
  return walletKey(randomBytes(32))
}

const FINN = { [EMAIL]: 'finn@example.org', [PHONE]: '+1 202 555 0100' }
const CITY = { 'documents.address.city': 'Amaurot' }

describe('sandbox: having labels attested', function () {
  this.timeout(30_000)
  let sandbox: Sandbox
  let time = Date.now()
  before(async () => {
    sandbox = await createSandbox({ clock: () => time })
  })
  after(() => sandbox.close())

  const call = (what: string, body?: unknown, headers?: Record<string, string>): Promise<Reply> =>
    callAttester(sandbox, what, body, headers)
  const request = (
    key: WalletKey,
    label: AttestationSet,
    claims: object,
    codes?: Record<string, unknown>,
  ): Promise<Reply> => call('POST /attestations', { label, xpub: key.xpub, claims, codes })
  const sign = ({ id, tree }: Reply, label: string, { xprv }: WalletKey): Promise<Reply> =>
    call(`PUT /attestations/${String(id)}`, {
      subject: signSubject({ label, data: (tree as { root: string }).root }, xprv),
    })

  describe('the attester', () => {
    it('names the authority, the ledger and what each label needs', async () => {
      const response = await fetch(`${sandbox.url}/attester`)
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
      const { name, authorities, labels, ...rest } = (await response.json()) as {
        name: unknown
        authorities: string[]
        labels: Record<string, unknown>
      }
      assert.equal(typeof name, 'string')
      assert.match(authorities[0]!, /^xpub/)
      assert.deepEqual(rest, { version: 1, network: 'tbch', ledger: sandbox.ledgerUrl })
      assert.deepEqual(labels[EMAIL], { set: 'attCivicBasic', check: 'code' })
      assert.deepEqual(labels[PHONE], { set: 'attCivicBasic', check: 'none' })
      assert.deepEqual(labels['documents.genericId.image'], { set: 'attCivicIdentity', check: 'review' })
      assert.deepEqual(labels['documents.address.city'], { set: 'attCivicResidence', check: 'none' })
    })

    it('is called by wallets of every origin, without credentials', async () => {
      const origin = { Origin: 'https://wallet.example.org' }
      for (const [method, path] of [
        ['POST', '/codes'],
        ['POST', '/attestations'],
        ['PUT', '/attestations/x'],
        ['POST', '/revocations'],
      ] as const) {
        const preflight = await fetch(`${sandbox.url}/attester${path}`, {
          method: 'OPTIONS',
          headers: {
            ...origin,
            'Access-Control-Request-Method': method,
            'Access-Control-Request-Headers': 'content-type',
          },
        })
        assert.equal(preflight.status, 204)
        assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
        assert.ok(preflight.headers.get('access-control-allow-methods')!.includes(method))
        assert.equal(preflight.headers.get('access-control-allow-headers'), 'Content-Type')
        assert.equal(preflight.headers.get('access-control-allow-credentials'), null)
      }
      const headers = { ...origin, 'Sec-Fetch-Site': 'cross-site' }
      assert.equal((await call('POST /codes', {}, headers)).status, 400)
      assert.equal((await fetch(`${sandbox.url}/attester/codes`, { method: 'PUT' })).status, 405)
    })

    it('replaces the calls that were under /wallet/api', async () => {
      for (const path of ['mail', 'attestations', 'attestations/x']) {
        const method = path === 'attestations/x' ? 'GET' : 'POST'
        assert.equal((await fetch(`${sandbox.url}/wallet/api/${path}`, { method })).status, 404)
      }
    })
  })

  describe('an email address', () => {
    it('accepts the code that was sent to it, once', async () => {
      const key = newKey()
      const codes = { [EMAIL]: await codeFor(sandbox, key, 'finn@example.org') }
      const made = await request(key, 'attCivicBasic', FINN, codes)
      assert.deepEqual([made.status, made['state']], [202, 'sign'])
      assert.deepEqual(await sign(made, 'attCivicBasic', key), { status: 200, state: 'anchoring' })
      const { state, attestations } = await attesterOf(sandbox).status(String(made['id']))
      assert.equal(state, 'attested')
      assert.deepEqual(
        attestations!.map((attestation) => verifyOffline(attestation).value),
        Object.values(FINN),
      )
      const other = await request(key, 'attCivicBasic', { ...FINN, [EMAIL]: 'gwen@example.org' }, codes)
      assert.equal(other.status, 403)
    })

    it('is refused without the code, with that of another address or another wallet', async () => {
      const key = newKey()
      for (const code of [
        undefined,
        123456,
        ['123456'],
        await codeFor(sandbox, key, 'gwen@example.org'),
        await codeFor(sandbox, newKey(), 'finn@example.org'),
      ]) {
        const { status, message } = await request(key, 'attCivicBasic', FINN, { [EMAIL]: code })
        assert.equal(status, 403)
        assert.match(message!, /the code is not the one/)
      }
      assert.equal((await request(key, 'attCivicBasic', { [PHONE]: '+1 202 555 0100' })).status, 403)
    })

    it('needs no new code while it is attested to this key', async () => {
      const key = newKey()
      await attested(sandbox, key, { set: 'attCivicBasic', claims: FINN })
      const moved = { ...FINN, [PHONE]: '+1 202 555 0111' }
      assert.equal(
        (await attest(attesterOf(sandbox), { set: 'attCivicBasic', claims: moved }, key)).state,
        'attested',
      )
      for (const email of ['Finn@example.org', 'gwen@example.org']) {
        assert.equal((await request(key, 'attCivicBasic', { ...FINN, [EMAIL]: email })).status, 403)
      }
      assert.equal((await request(newKey(), 'attCivicBasic', moved)).status, 403)
    })

    it('must be one', async () => {
      const { xpub } = newKey()
      for (const value of [undefined, 7, '', 'finn', 'a b@example.org', `${'x'.repeat(99)}@example.org`]) {
        assert.equal((await call('POST /codes', { xpub, label: EMAIL, value })).status, 400)
      }
      for (const label of [undefined, 7, PHONE, 'constructor']) {
        assert.equal((await call('POST /codes', { xpub, label, value: 'finn@example.org' })).status, 400)
      }
      assert.equal(
        (await call('POST /codes', { xpub: 'x', label: EMAIL, value: 'finn@example.org' })).status,
        400,
      )
    })

    it('gets a message that names the host of the wallet', async () => {
      const { xpub } = newKey()
      const body = { xpub, label: EMAIL, value: 'iris@example.org' }
      await call('POST /codes', body, { Origin: 'https://wallet.example.org' })
      assert.match(await mailTo(sandbox, body.value), /Type it only at wallet\.example\.org\./)
      await call('POST /codes', body)
      assert.match(await mailTo(sandbox, body.value), /in the wallet that asked for it/)
    })
  })

  describe('a document', () => {
    const image = Buffer.concat([Buffer.from([0xff, 0xd8]), randomBytes(100)])
    const claims = {
      'documents.genericId.name': 'Finn Frost',
      'documents.genericId.dateOfBirth': '1990-02-03',
      'documents.genericId.dateOfExpiry': '2090-02-03',
      'documents.genericId.image': image.toString('base64'),
      'documents.genericId.image_md5': createHash('md5').update(image).digest('hex'),
    }

    it('is attested by its picture', async () => {
      const { attestations } = await attested(sandbox, newKey(), { set: 'attCivicIdentity', claims })
      assert.equal(attestations!.length, 5)
    })

    const wrong: [string, Record<string, string>, RegExp][] = [
      ['expired', { 'documents.genericId.dateOfExpiry': '2001-02-03' }, /expired/],
      [
        'with a date that does not exist',
        { 'documents.genericId.dateOfBirth': '1990-13-03' },
        /dateOfBirth: a date/,
      ],
      ['with a picture that is no JPEG', { 'documents.genericId.image': 'eA==' }, /not a JPEG/],
      [
        'for a level that no document proves',
        { 'verifications.levels.CIVIC:IAL1': 'CIVIC:IAL4' },
        /IAL1: CIVIC:IAL1/,
      ],
      ['with another picture’s MD5', { 'documents.genericId.image_md5': '0'.repeat(32) }, /image_md5/],
    ]
    for (const [what, change, reason] of wrong) {
      it(`is refused ${what}`, async () => {
        const { status, message } = await request(newKey(), 'attCivicIdentity', { ...claims, ...change })
        assert.equal(status, 403)
        assert.match(message!, reason)
      })
    }
  })

  describe('the tree', () => {
    it('is made by the attester, of exactly the given claims', async () => {
      const made = await request(newKey(), 'attCivicResidence', CITY)
      const { tree } = await attesterOf(sandbox).status(String(made['id']))
      assert.deepEqual(tree, made['tree'])
      assert.match(String(made['id']), /^[0-9a-f]{64}$/)
    })

    it('is not accepted from the wallet: no leaf can be hidden below the root', async () => {
      const key = newKey()
      const hiding = merkleTree({ ...CITY, 'documents.address.hidden': 'x' })
      const body = { label: 'attCivicResidence', xpub: key.xpub, claims: CITY }
      const made = await call('POST /attestations', {
        ...body,
        tree: { root: hiding.root, leaves: [hiding.leaves[0]] },
      })
      assert.equal((made['tree'] as { leaves: unknown[] }).leaves.length, 1)
      const { status, message } = await sign({ ...made, tree: hiding }, 'attCivicResidence', key)
      assert.equal(status, 400)
      assert.match(message!, /ROOT_MISMATCH/)
    })

    it('is signed once, by the requesting key, over this root and set', async () => {
      const key = newKey()
      const made = await request(key, 'attCivicResidence', CITY)
      const path = `PUT /attestations/${String(made['id'])}`
      assert.equal((await sign(made, 'attCivicResidence', newKey())).status, 403)
      assert.equal((await sign(made, 'attCivicBasic', key)).status, 400)
      const { root } = made['tree'] as { root: string }
      const good = signSubject({ label: 'attCivicResidence', data: root }, key.xprv)
      for (const subject of [
        undefined,
        null,
        'x',
        {},
        [],
        { ...good, signature: '30' },
        { ...good, xpub: 7 },
      ]) {
        assert.equal((await call(path, { subject })).status, 400)
      }
      assert.equal((await call(path, { subject: good })).status, 200)
      assert.equal((await call(path, { subject: good })).status, 409)
    })

    it('is forgotten after 15 minutes', async () => {
      const key = newKey()
      const made = await request(key, 'attCivicResidence', CITY)
      time += 15 * 60 * 1000 - 1
      assert.equal((await call(`GET /attestations/${String(made['id'])}`)).status, 200)
      time += 1
      assert.equal((await call(`GET /attestations/${String(made['id'])}`)).status, 404)
      assert.equal((await sign(made, 'attCivicResidence', key)).status, 404)
      assert.equal((await call('GET /attestations/nothing')).status, 404)
    })
  })

  it('refuses invalid requests', async () => {
    const good = { label: 'attCivicResidence', xpub: newKey().xpub, claims: CITY }
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`documents.address.${i}`, 'x']))
    const wrong: unknown[] = [
      {},
      { ...good, label: 'attEverything' },
      { ...good, label: 'constructor' },
      { ...good, label: ['attCivicResidence'] },
      { ...good, label: 'attCivicIdentity' },
      { ...good, xpub: undefined },
      { ...good, xpub: 'x'.repeat(200_000) },
      { ...good, xpub: newKey().xprv },
      { ...good, claims: undefined },
      { ...good, claims: null },
      { ...good, claims: [] },
      { ...good, claims: ['documents.address.city'] },
      { ...good, claims: {} },
      { ...good, claims: many },
      { ...good, claims: { ...CITY, 'documents.genericId.dateOfBirth': '1990-01-01' } },
      { ...good, claims: { ...CITY, 'documents.address.street': 5 } },
      { ...good, claims: { ...CITY, 'documents.address.street': 'x\ud800' } },
      { ...good, claims: { ...CITY, 'documents.address.street': '' } },
      { ...good, claims: { ...CITY, 'documents.address.hidden': 'x' } },
      { ...good, claims: { ...CITY, 'documents.address.\ud800': 'x' } },
    ]
    for (const body of wrong) {
      const { status, message } = await call('POST /attestations', body)
      assert.equal(status, 400, message)
    }
    assert.equal((await call('POST /attestations', good)).status, 202)
  })

  it('knows test users, and makes new ones', async () => {
    const ask = async (path: string, body?: object): Promise<[number, unknown]> => {
      const response = await fetch(`${sandbox.url}/wallet/api/${path}`, {
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
        headers: { 'Content-Type': 'application/json' },
      })
      return [response.status, await response.json()]
    }
    const [, people] = (await ask('people')) as [number, { id: string; values?: unknown }[]]
    assert.deepEqual(
      people.slice(0, 3).map(({ id }) => id),
      ['alice', 'bob', 'carol'],
    )
    assert.equal(people[0]!.values, undefined)
    const [status, made] = (await ask('people', { name: 'Hana Hill', dateOfBirth: '1999-01-02' })) as [
      number,
      { id: string },
    ]
    assert.equal(status, 201)
    const [, { values }] = (await ask(`people/${made.id}`)) as [number, { values: Record<string, string> }]
    assert.equal(values['documents.genericId.name'], 'Hana Hill')
    assert.equal(values['documents.genericId.dateOfBirth'], '1999-01-02')
    assert.equal((await ask('people', { nickname: 'H' }))[0], 400)
    assert.equal((await ask('people/nobody'))[0], 404)
  })
})
