import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { MemoryStores } from 'civic-sip-server'
import { Wallet } from 'civic-wallet'
import { signReview } from '../../../sip/lib/attester/review.ts'
import { publicKeyOf } from '../../../sip/lib/attester/xpub.ts'
import { Documents } from '../../../sip/lib/documents/documents.ts'
import type { ReviewerKeys, WholeDocument } from '../../../sip/lib/documents/document-wire.ts'
import type { IdentityProvider } from '../../../sip/lib/documents/documents.ts'
import { reviewedOf } from '../../../sip/lib/documents/review-text.ts'
import { documentRoutes } from '../../../sip/lib/documents/routes.ts'
import { errorHandler, HttpError } from '../../../sip/lib/http/http.ts'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import { attest, attesterAt, walletKey } from '../../support/attesting.ts'
import type { WalletKey } from '../../support/attesting.ts'
import { AttesterServer } from '../support/attester-server.ts'

const IMAGE = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(50)])
const PNG = Buffer.from('89504e470d0a1a0a00', 'hex').toString('base64')
const IDENTITY = {
  'documents.genericId.name': 'Finn Frost',
  'documents.genericId.image': IMAGE.toString('base64'),
  'documents.genericId.image_md5': createHash('md5').update(IMAGE).digest('hex'),
}
const CITY = { 'documents.address.city': 'Amaurot' }

function failsAtOnce(): never {
  throw new Error('Amaurot')
}

describe('sip: documents that a reviewer checks', () => {
  let stores: MemoryStores
  let server: AttesterServer
  let time: number
  /** Knows the secret of nothing, but the role of who asks. */
  let role: string
  let notes: string[]
  let key: WalletKey

  /** By default the provider says nothing, and leaves everything to reviewers. */
  const open = async (
    provider: IdentityProvider = { look: () => Promise.resolve() },
    reviewerKeys?: () => Promise<ReviewerKeys>,
  ): Promise<void> => {
    time = Date.UTC(2026, 0, 1)
    role = 'REVIEWER'
    notes = []
    key = walletKey(randomBytes(32))
    stores = new MemoryStores({ clock: () => time })
    const desk = documentRoutes({
      documents: new Documents({ store: stores.documents, clock: () => time, reviewerKeys }),
      authorize: () => {
        if (role !== 'REVIEWER') throw new HttpError(403, 'only reviewers')
      },
      noteReading: () => Promise.resolve(void notes.push('document.read')),
      keepBy: (_req, what) => (name, decided) => {
        notes.push(what)
        return stores.documents.decide(name, decided)
      },
    })
    server = await AttesterServer.start(
      {
        stores,
        clock: () => time,
        mailer: { send: () => undefined },
        attester: { identityProvider: provider, ...(reviewerKeys && { reviewerKeys }) },
      },
      (app) => void app.use(desk, errorHandler),
    )
  }
  afterEach(() => server.stop())
  const ask = <T>(call: string, body?: object): Promise<T> => server.ask(call, body)
  const attester = attesterAt(ask, '/attester')
  const request = (label: string, claims: object, picture?: string) =>
    attester.request({ label, xpub: key.xpub, claims, ...(picture !== undefined && { picture }) })
  const waiting = () => ask<{ key: string; set: string }[]>('GET /dashboard/api/documents')
  const read = (name: string) => ask<WholeDocument>(`GET /dashboard/api/documents/${name}`)
  /** Signs the tree that there is after an approval. */
  const finish = async (id: string, set: string): Promise<string> => {
    const { state } = await attest(
      { ...attester, request: async () => ({ id, ...(await attester.status(id)) }) },
      { set: set as 'attCivicIdentity', claims: {} },
      key,
    )
    return state
  }

  it('are attested after a reviewer approves them', async () => {
    await open()
    const { id, state } = await request('attCivicIdentity', IDENTITY)
    assert.equal(state, 'review')
    const [{ key: name, set }] = (await waiting()) as [{ key: string; set: string }]
    assert.equal(set, 'attCivicIdentity')
    const { claims, pictures, publicKey } = await read(name)
    assert.equal(claims['documents.genericId.name'], 'Finn Frost')
    assert.deepEqual(pictures, [`data:image/jpeg;base64,${IMAGE.toString('base64')}`])
    assert.equal(publicKey, publicKeyOf(key.xpub))
    assert.equal((await attester.status(id)).state, 'review')
    await ask(`POST /dashboard/api/documents/${name}/approve`, {})
    assert.deepEqual(notes, ['document.read', 'document.approved'])
    assert.deepEqual(await waiting(), [])
    await assert.rejects(read(name), /^Error: 404/)
    // The wallet may come late: the tree is made when it asks
    time += 60 * 60_000
    assert.equal(await finish(id, 'attCivicIdentity'), 'attested')
    assert.equal(await stores.documents.find(name), undefined)
  })

  it('are an address and a picture of a letter, from a wallet', async () => {
    await open()
    const wallet = new Wallet({ seed: randomBytes(32), allowPrivate: true })
    const url = `${server.origin}/attester`
    assert.equal((await wallet.checks(url))['documents.address.city'], 'review')
    assert.deepEqual(await wallet.attest(url, CITY, undefined, { picture: PNG }), { state: 'review' })
    const [{ key: name }] = (await waiting()) as [{ key: string; set: string }]
    assert.deepEqual((await read(name)).pictures, [`data:image/png;base64,${PNG}`])
    await ask(`POST /dashboard/api/documents/${name}/approve`, {})
    assert.deepEqual(await wallet.attest(url, CITY), { state: 'attested' })
    assert.equal(wallet.attestations()[0]?.data.value, 'Amaurot')
  })

  it('need no second review while they are attested to this key', async () => {
    await open()
    const { id } = await request('attCivicIdentity', IDENTITY)
    await ask(`POST /dashboard/api/documents/${(await waiting())[0]!.key}/approve`, {})
    await finish(id, 'attCivicIdentity')
    assert.equal((await request('attCivicIdentity', IDENTITY)).state, 'sign')
    const other = { ...IDENTITY, 'documents.genericId.name': 'Gwen Green' }
    assert.equal((await request('attCivicIdentity', other)).state, 'review')
  })

  it('are refused with a reason, which is all that stays', async () => {
    await open()
    const { id } = await request('attCivicResidence', CITY, PNG)
    const [{ key: name }] = (await waiting()) as [{ key: string; set: string }]
    assert.deepEqual((await read(name)).pictures, [`data:image/png;base64,${PNG}`])
    for (const reason of [undefined, '', ' ', 'x'.repeat(301), 7]) {
      await assert.rejects(
        ask(`POST /dashboard/api/documents/${name}/refuse`, { reason }),
        /^Error: 400 reason/,
      )
    }
    await ask(`POST /dashboard/api/documents/${name}/refuse`, { reason: 'The address is not readable.' })
    assert.deepEqual(await attester.status(id), { state: 'refused', reason: 'The address is not readable.' })
    const kept = JSON.stringify(await stores.documents.find(name))
    assert.ok(!kept.includes('Amaurot') && !kept.includes(PNG))
    await assert.rejects(ask(`POST /dashboard/api/documents/${name}/approve`, {}), /^Error: 404/)
  })

  it('lose their picture with an approval, and everything after a week', async () => {
    await open()
    const { id } = await request('attCivicResidence', CITY, PNG)
    const [{ key: name }] = (await waiting()) as [{ key: string; set: string }]
    await ask(`POST /dashboard/api/documents/${name}/approve`, {})
    assert.ok(!JSON.stringify(await stores.documents.find(name)).includes(PNG))
    const documents = new Documents({ store: stores.documents, clock: () => time })
    time += 7 * 24 * 60 * 60_000
    await documents.sweep()
    await assert.rejects(attester.status(id), /^Error: 404/)
  })

  it('need a picture of the right type and size', async () => {
    await open()
    const large = Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(1024 * 1024)]).toString('base64')
    const script = Buffer.from('<svg onload="alert(1)">').toString('base64')
    for (const picture of [undefined, script, 'no base64', large, `${PNG}=`]) {
      await assert.rejects(
        request('attCivicResidence', CITY, picture),
        /^Error: 403 the picture of the document/,
      )
    }
    const bytes = Buffer.from([0xff, 0xd8, 0x00])
    const image_md5 = createHash('md5').update(bytes).digest('hex')
    const image = {
      'documents.genericId.image': bytes.toString('base64'),
      'documents.genericId.image_md5': image_md5,
    }
    await assert.rejects(request('attCivicIdentity', { ...IDENTITY, ...image }), /^Error: 403 the picture/)
    assert.deepEqual(await waiting(), [])
  })

  it('are for reviewers only', async () => {
    await open()
    await request('attCivicResidence', CITY, PNG)
    const [{ key: name }] = (await waiting()) as [{ key: string; set: string }]
    role = 'OPERATOR'
    for (const call of [
      'GET /dashboard/api/documents',
      `GET /dashboard/api/documents/${name}`,
      'GET /dashboard/api/documents/reviewer-keys',
      `POST /dashboard/api/documents/${name}/approve`,
      `POST /dashboard/api/documents/${name}/refuse`,
    ]) {
      await assert.rejects(ask(call, call.startsWith('POST') ? {} : undefined), /^Error: 403 only reviewers/)
    }
  })

  it('keep a reviewer’s signature for the cosigner, if it is over these claims', async () => {
    await open()
    const { id } = await request('attCivicResidence', CITY, PNG)
    const [{ key: name }] = (await waiting()) as [{ key: string; set: string }]
    const { publicKey, set, claims } = await read(name)
    const reviewer = newKeyPair()
    const sign = (over: object) =>
      signReview({ id: name, publicKey, set, claims, ...over }, reviewer.prvKey, reviewer.pubKey)
    const noKey = { ...sign({}), key: `04${'0'.repeat(128)}` }
    for (const wrong of [sign({ claims: { ...CITY, more: 'x' } }), sign({ id: 'other' }), noKey]) {
      await assert.rejects(
        ask(`POST /dashboard/api/documents/${name}/approve`, { approval: wrong }),
        /^Error: 400 approval/,
      )
    }
    const approval = sign({})
    await ask(`POST /dashboard/api/documents/${name}/approve`, { approval })
    await finish(id, 'attCivicResidence')
    assert.deepEqual((await stores.issuances.find(id))?.approval, approval)
  })

  it('need a signature by a key that the cosigner knows, where there is a cosigner', async () => {
    const [reviewer, stranger] = [newKeyPair(), newKeyPair()]
    let keys = [stranger.pubKey]
    await open(undefined, () => Promise.resolve({ hasCosigner: true, needsSignature: true, keys }))
    const { id } = await request('attCivicIdentity', IDENTITY)
    const name = (await waiting())[0]!.key
    const approve = (body: object) => ask(`POST /dashboard/api/documents/${name}/approve`, body)
    await assert.rejects(approve({}), /^Error: 409 approval: the cosigner needs a reviewer’s signature/)
    const approval = signReview(reviewedOf(await read(name)), reviewer.prvKey, reviewer.pubKey)
    await assert.rejects(approve({ approval }), /^Error: 403 approval: the cosigner does not know/)
    assert.equal((await attester.status(id)).state, 'review')
    keys = [reviewer.pubKey]
    assert.deepEqual(await ask('GET /dashboard/api/documents/reviewer-keys'), {
      hasCosigner: true,
      needsSignature: true,
      keys,
    })
    await approve({ approval })
    assert.equal(await finish(id, 'attCivicIdentity'), 'attested')
    assert.deepEqual((await stores.issuances.find(id))?.approval, approval)
  })

  it('can be refused without a signature', async () => {
    await open(undefined, () => Promise.resolve({ hasCosigner: true, needsSignature: true, keys: [] }))
    const { id } = await request('attCivicResidence', CITY, PNG)
    const name = (await waiting())[0]!.key
    await ask(`POST /dashboard/api/documents/${name}/refuse`, { reason: 'no' })
    assert.equal((await attester.status(id)).state, 'refused')
  })

  describe('by an identity provider', () => {
    it('are decided at once, or later', async () => {
      let decide: Parameters<IdentityProvider['look']>[1] = () => Promise.resolve()
      await open({ look: (_document, later) => Promise.resolve(void (decide = later)) })
      const { id } = await request('attCivicResidence', CITY, PNG)
      assert.equal((await attester.status(id)).state, 'review')
      await decide({ isApproved: true })
      assert.equal(await finish(id, 'attCivicResidence'), 'attested')
      await assert.rejects(decide({ isApproved: true }), { status: 404 })
    })

    for (const [how, look] of [
      ['at once', failsAtOnce],
      ['later', () => Promise.reject(new Error('Amaurot'))],
    ] as const)
      it(`are left to reviewers if it fails ${how}`, async () => {
        await open({ look })
        assert.equal((await request('attCivicResidence', CITY, PNG)).state, 'review')
        assert.equal((await waiting()).length, 1)
      })

    it('are decided by a program with a reviewer’s key, where there is a cosigner', async () => {
      const { prvKey, pubKey } = newKeyPair()
      const shown = { hasCosigner: true, needsSignature: true, keys: [pubKey] }
      const provider: IdentityProvider = {
        look: (document, decide) =>
          decide({ isApproved: true, approval: signReview(reviewedOf(document), prvKey, pubKey) }),
      }
      await open(provider, () => Promise.resolve(shown))
      const { id } = await request('attCivicIdentity', IDENTITY)
      assert.equal(await finish(id, 'attCivicIdentity'), 'attested')
    })
  })
})
