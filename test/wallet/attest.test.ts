import assert from 'node:assert/strict'
import type { Attestation, Tree } from 'civic-attestations'
import { merkleTree, verifyOffline, verifyOnLedger } from 'civic-attestations'
import { Wallet, WalletError } from 'civic-wallet'
import { TestAttester } from '../support/attester.ts'
import { WalletKeys } from '../../wallet/lib/keys.ts'

const EMAIL = { 'contact.personal.email': 'ada@example.org' }
const BASIC = { ...EMAIL, 'contact.personal.phoneNumber': '+1 202 555 0143' }
const IDENTITY = { 'documents.genericId.name': 'Ada Example' }
const SEED = '000102030405060708090a0b0c0d0e0f'

function rejects(work: Promise<unknown>, code: string): Promise<void> {
  return assert.rejects(work, (error) => error instanceof WalletError && error.code === code)
}

describe('a wallet that has claims attested', () => {
  let attester: TestAttester
  let wallet: Wallet
  beforeEach(async () => {
    attester = await new TestAttester().start()
    wallet = new Wallet({ seed: SEED, allowPrivate: true, ledger: attester.ledger })
  })
  afterEach(() => attester.stop())

  it('requests a code if one is needed, and sends no claims without it', async () => {
    assert.deepEqual(await wallet.attest(attester.url, BASIC), { state: 'code-sent' })
    const { xpub } = new WalletKeys(Buffer.from(SEED, 'hex')).subject('attCivicBasic')
    assert.deepEqual(attester.codes, [{ xpub, label: 'contact.personal.email', value: 'ada@example.org' }])
    assert.deepEqual(attester.requests, ['GET /attester', 'POST /attester/codes'])
    assert.deepEqual(wallet.attestations(), [])
  })

  it('holds them once they are anchored, issued to the key of their set', async () => {
    assert.deepEqual(await wallet.attest(attester.url, { ...IDENTITY, ...BASIC }, '123456'), {
      state: 'attested',
    })
    const held = wallet.attestations()
    assert.deepEqual(
      held.map(({ label, data }) => [label, data.value]),
      Object.entries({ ...BASIC, ...IDENTITY }),
    )
    const keys = new WalletKeys(Buffer.from(SEED, 'hex'))
    const xpubs = held.map((attestation) => verifyOffline(attestation).subject)
    const [basic, identity] = [keys.subject('attCivicBasic').xpub, keys.subject('attCivicIdentity').xpub]
    assert.deepEqual(xpubs, [basic, basic, identity])
    for (const attestation of held) {
      const { isValid } = await verifyOnLedger(attestation, attester.ledger, attester)
      assert.ok(isValid)
    }
  })

  it('accepts codes by label', async () => {
    const codes = { 'contact.personal.email': '123456' }
    assert.deepEqual(await wallet.attest(attester.url, BASIC, codes), { state: 'attested' })
  })

  it('needs no new code for a value that it holds, unless the attester requires one', async () => {
    await wallet.attest(attester.url, EMAIL, '123456')
    // This one does, and sends it once it has refused
    const { length } = attester.requests
    assert.deepEqual(await wallet.attest(attester.url, BASIC), { state: 'code-sent' })
    assert.deepEqual(attester.requests.slice(length), ['POST /attester/attestations', 'POST /attester/codes'])
    assert.deepEqual(await wallet.attest(attester.url, BASIC, '123456'), { state: 'attested' })
  })

  it('reports the state of a review, and continues it with the next call', async () => {
    attester.faults.state = 'review'
    assert.deepEqual(await wallet.attest(attester.url, IDENTITY), { state: 'review' })
    assert.deepEqual(await wallet.attest(attester.url, IDENTITY), { state: 'review' })
    const posts = attester.requests.filter((request) => request === 'POST /attester/attestations')
    assert.equal(posts.length, 1)
  })

  it('sends a picture with what takes a review, and with nothing else', async () => {
    attester.faults.state = 'review'
    const address = { 'documents.address.city': 'Amaurot' }
    const outcome = await wallet.attest(attester.url, { ...IDENTITY, ...address }, undefined, {
      picture: 'iVBO',
    })
    assert.deepEqual(outcome, { state: 'review' })
    assert.deepEqual(attester.pictures, [{ label: 'attCivicResidence', picture: 'iVBO' }])
  })

  describe('that wants to know what the attester asks for', () => {
    const asked = (): number => attester.requests.filter((request) => request === 'GET /attester').length

    it('asks once, for five minutes', async () => {
      let time = 0
      const patient = new Wallet({ seed: SEED, allowPrivate: true, clock: () => time })
      const checks = { 'contact.personal.email': 'code', 'documents.address.city': 'review' }
      assert.deepEqual(await patient.checks(attester.url), checks)
      await patient.attest(attester.url, BASIC)
      await patient.attest(attester.url, BASIC, '123456')
      assert.equal(asked(), 1)
      time = 5 * 60_000
      assert.deepEqual(await patient.checks(`${attester.url}/`), checks)
      assert.equal(asked(), 2)
    })

    it('asks again after a failure', async () => {
      await assert.rejects(wallet.attest(attester.url, BASIC, '000000'))
      await wallet.attest(attester.url, BASIC)
      assert.equal(asked(), 2)
      await rejects(wallet.checks(`${attester.url}/codes`), 'ATTESTER_REFUSED')
      await rejects(wallet.checks(`${attester.url}/codes`), 'ATTESTER_REFUSED')
      assert.equal(attester.requests.filter((request) => request === 'GET /attester/codes').length, 2)
    })
  })

  describe('signs no tree', () => {
    const foreign: Record<string, (tree: Tree) => unknown> = {
      'with another value': () => merkleTree({ ...BASIC, 'contact.personal.phoneNumber': '+1 202 555 0199' }),
      'with a leaf more': () => merkleTree({ ...BASIC, 'verifications.levels.CIVIC:IAL1': 'CIVIC:IAL1' }),
      'with a leaf less': () => merkleTree(EMAIL),
      'whose root commits to more than it shows': (tree) => ({
        root: merkleTree({ ...BASIC, ...IDENTITY }).root,
        leaves: tree.leaves,
      }),
      'with a leaf twice': ({ root, leaves }) => ({ root, leaves: [...leaves, leaves[0]] }),
      'without nonces': ({ root, leaves }) => ({ root, leaves: leaves.map(({ nonce: _, ...leaf }) => leaf) }),
      'that is no tree': () => 'tree',
    }
    for (const [what, tree] of Object.entries(foreign)) {
      it(what, async () => {
        attester.faults.tree = tree
        await rejects(wallet.attest(attester.url, BASIC, '123456'), 'ATTESTER_REFUSED')
        assert.deepEqual(
          attester.requests.filter((request) => request.startsWith('PUT')),
          [],
        )
      })
    }
  })

  describe('keeps no attestations', () => {
    const foreign: Record<string, (attestations: Attestation[]) => unknown> = {
      'with one missing': ([first]) => [first],
      'of a value that was changed': ([first, second]) => [
        first,
        { ...second, data: { ...second!.data, value: 'x' } },
      ],
      'twice in place of another': ([first]) => [first, first],
      'that are not attestations': () => ['attestation'],
    }
    for (const [what, attestations] of Object.entries(foreign)) {
      it(what, async () => {
        attester.faults.attestations = attestations
        await rejects(wallet.attest(attester.url, BASIC, '123456'), 'ATTESTER_REFUSED')
        assert.deepEqual(wallet.attestations(), [])
      })
    }
  })

  it('passes on the attester’s reason for a refusal', async () => {
    await assert.rejects(
      wallet.attest(attester.url, BASIC, '000000'),
      (error) => error instanceof WalletError && error.status === 403 && error.reason === 'CODE_WRONG',
    )
  })

  for (const [what, claims, codes] of [
    ['no claims', {}, undefined],
    ['a label that nobody attests', { 'favourite.colour': 'green' }, undefined],
    ['a value that is no text', { 'contact.personal.email': 7 }, undefined],
    ['one code where no label needs one', IDENTITY, '123456'],
    ['codes of another form', BASIC, 123456],
  ] as const) {
    it(`does not take ${what}`, async () => {
      await assert.rejects(wallet.attest(attester.url, claims as never, codes as never), TypeError)
    })
  }

  it('refuses a picture that is not a string', async () => {
    const picture = new Uint8Array(3) as never
    await assert.rejects(wallet.attest(attester.url, BASIC, undefined, { picture }), TypeError)
  })

  it('opens no attester on a private network unless allowed to', async () => {
    const careful = new Wallet({ seed: SEED })
    await rejects(careful.attest(attester.url, BASIC), 'ADDRESS_REFUSED')
    assert.deepEqual(attester.requests, [])
  })
})
