import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { verifyOffline, type Attestation } from 'civic-attestations'
import { createSandbox, type Sandbox } from 'civic-sip-sandbox'
import { issueRequest, type AttestationSet } from '../../sandbox/lib/wallet-core.ts'
import { walletKey } from '../../sandbox/lib/wallet-key.ts'

interface Mail {
  readonly to: string
  readonly text: string
}

describe('sandbox: having labels attested', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())

  const key = walletKey(randomBytes(32))
  const post = async (path: string, body: unknown): Promise<[number, Record<string, string>]> => {
    const response = await fetch(`${sandbox.url}/wallet/api/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return [response.status, (await response.json()) as Record<string, string>]
  }
  const get = async (path: string): Promise<unknown> => (await fetch(sandbox.url + path)).json()
  const codeFor = async (email: string): Promise<string> => {
    const mails = (await get('/dashboard/api/mail')) as Mail[]
    return /\b\d{6}\b/.exec(mails.find(({ to }) => to === email)!.text)![0]
  }
  const request = (
    set: AttestationSet,
    claims: Record<string, string>,
    more = {},
  ): Promise<[number, Record<string, string>]> =>
    post('attestations', { ...issueRequest(set, claims, key), ...more })

  describe('an e-mail address', () => {
    const claims = {
      'contact.personal.email': 'finn@example.org',
      'contact.personal.phoneNumber': '+1 202 555 0100',
    }

    it('takes the code that came to it, once', async () => {
      assert.equal((await post('mail', { xpub: key.xpub, email: 'finn@example.org' }))[0], 202)
      const emailCode = await codeFor('finn@example.org')
      const [status, { statusUrl, type }] = await request('attCivicBasic', claims, { emailCode })
      assert.deepEqual([status, type], [202, 'temporary'])
      const issued = (await get(statusUrl!)) as { type: string; attestations: Attestation[] }
      assert.equal(issued.type, 'permanent')
      assert.deepEqual(
        issued.attestations.map((attestation) => verifyOffline(attestation).value),
        Object.values(claims),
      )
      assert.equal((await request('attCivicBasic', claims, { emailCode }))[0], 403)
    })

    it('is refused without the code, with that of another address or another wallet', async () => {
      await post('mail', { xpub: key.xpub, email: 'gwen@example.org' })
      await post('mail', { xpub: walletKey(randomBytes(32)).xpub, email: 'finn@example.org' })
      for (const emailCode of [
        undefined,
        123456,
        await codeFor('gwen@example.org'),
        await codeFor('finn@example.org'),
      ]) {
        const [status, { message }] = await request('attCivicBasic', claims, { emailCode })
        assert.equal(status, 403)
        assert.match(message!, /the code is not the one/)
      }
    })

    it('is given up after five wrong codes', async () => {
      await post('mail', { xpub: key.xpub, email: 'finn@example.org' })
      const emailCode = await codeFor('finn@example.org')
      const wrong = emailCode === '000000' ? '000001' : '000000'
      for (let i = 0; i < 5; i += 1) await request('attCivicBasic', claims, { emailCode: wrong })
      assert.equal((await request('attCivicBasic', claims, { emailCode }))[0], 403)
    })

    it('must be one', async () => {
      for (const email of [undefined, 7, '', 'finn', 'a b@example.org', `${'x'.repeat(99)}@example.org`]) {
        assert.equal((await post('mail', { xpub: key.xpub, email }))[0], 400)
      }
      assert.equal((await post('mail', { xpub: 'x', email: 'finn@example.org' }))[0], 400)
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
      const [status, { statusUrl }] = await request('attCivicIdentity', claims)
      assert.equal(status, 202)
      const { attestations } = (await get(statusUrl!)) as { attestations: Attestation[] }
      assert.equal(attestations.length, 5)
    })

    const wrong: [string, Record<string, string>, RegExp][] = [
      ['expired', { 'documents.genericId.dateOfExpiry': '2001-02-03' }, /expired/],
      [
        'with a date that is none',
        { 'documents.genericId.dateOfBirth': '1990-13-03' },
        /dateOfBirth: a date/,
      ],
      ['with a picture that is none', { 'documents.genericId.image': 'eA==' }, /not a JPEG/],
      ['with another picture’s MD5', { 'documents.genericId.image_md5': '0'.repeat(32) }, /image_md5/],
    ]
    for (const [what, change, reason] of wrong) {
      it(`is refused ${what}`, async () => {
        const [status, { message }] = await request('attCivicIdentity', { ...claims, ...change })
        assert.equal(status, 403)
        assert.match(message!, reason)
      })
    }
  })

  it('refuses what a wallet would not make', async () => {
    const claims = { 'documents.address.city': 'Amaurot' }
    const good = issueRequest('attCivicResidence', claims, key)
    const [leaf] = good.tree.leaves
    const stranger = issueRequest('attCivicResidence', claims, walletKey(randomBytes(32)))
    const wrong: unknown[] = [
      {},
      { ...good, label: 'attEverything' },
      { ...good, label: 'constructor' },
      { ...good, label: 'attCivicIdentity' },
      { ...good, tree: undefined },
      { ...good, tree: { ...good.tree, leaves: [null] } },
      { ...good, tree: { ...good.tree, leaves: [leaf, leaf] } },
      { ...good, tree: { ...good.tree, leaves: [{ ...leaf, nonce: undefined }] } },
      { ...good, tree: { ...good.tree, leaves: [{ ...leaf, value: 'Elsewhere' }] } },
      { ...good, tree: { ...good.tree, root: '0'.repeat(64) } },
      { ...good, subject: undefined },
      { ...good, subject: { ...good.subject, xpub: stranger.subject.xpub } },
      { ...good, subject: stranger.subject },
    ]
    for (const body of wrong) {
      const [status, { message }] = await post('attestations', body)
      assert.equal(status, 400, message)
    }
    assert.equal((await post('attestations', good))[0], 202)
    assert.equal((await fetch(`${sandbox.url}/wallet/api/attestations/nothing`)).status, 404)
  })

  it('knows made-up people, and makes new ones', async () => {
    const people = (await get('/wallet/api/people')) as { id: string; values?: unknown }[]
    assert.deepEqual(
      people.slice(0, 3).map(({ id }) => id),
      ['alice', 'bob', 'carol'],
    )
    assert.equal(people[0]!.values, undefined)
    const [status, made] = await post('people', { name: 'Hana Hill', dateOfBirth: '1999-01-02' })
    assert.equal(status, 201)
    const { values } = (await get(`/wallet/api/people/${made['id']}`)) as { values: Record<string, string> }
    assert.equal(values['documents.genericId.name'], 'Hana Hill')
    assert.equal(values['documents.genericId.dateOfBirth'], '1999-01-02')
    assert.equal((await post('people', { nickname: 'H' }))[0], 400)
    assert.equal((await fetch(`${sandbox.url}/wallet/api/people/nobody`)).status, 404)
  })
})
