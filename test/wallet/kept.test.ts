import assert from 'node:assert/strict'
import { Wallet } from 'civic-wallet'
import type { WalletKept } from 'civic-wallet'
import { TestAttester } from '../support/attester.ts'

const ADA = { 'contact.personal.email': 'ada@example.org', 'contact.personal.phoneNumber': '+1 202 555 0143' }
const IDENTITY = { 'documents.genericId.name': 'Ada Example' }
const SEED = '000102030405060708090a0b0c0d0e0f'

describe('a wallet’s data besides its seed', () => {
  let attester: TestAttester
  before(async () => {
    attester = await new TestAttester().start()
  })
  after(() => attester.stop())

  function open(kept?: WalletKept): Wallet {
    return new Wallet({ seed: SEED, allowPrivate: true, ...(kept && { kept }) })
  }
  /** As a store hands it back. */
  function through(wallet: Wallet): WalletKept {
    return JSON.parse(JSON.stringify(wallet.kept())) as WalletKept
  }

  it('restores its attestations, and no key', async () => {
    const first = open()
    await first.attest(attester.url, ADA, '123456')
    const kept = through(first)
    assert.deepEqual(open(kept).attestations(), first.attestations())
    assert.doesNotMatch(JSON.stringify(kept), /xprv/)
    assert.ok(!JSON.stringify(kept).includes(SEED))
  })

  it('continues pending claims, and starts again if the attester has forgotten them', async () => {
    attester.faults.state = 'review'
    const first = open()
    assert.deepEqual(await first.attest(attester.url, IDENTITY), { state: 'review' })
    const posts = (): number =>
      attester.requests.filter((request) => request === 'POST /attester/attestations').length
    const before = posts()
    const second = open(through(first))
    assert.deepEqual(await second.attest(attester.url, IDENTITY), { state: 'review' })
    assert.equal(posts(), before)

    delete attester.faults.state
    const { pending, ...rest } = through(second)
    const gone = pending.map(([key, one]) => [key, { ...one, url: `${one.url}-gone` }] as const)
    assert.deepEqual(await open({ ...rest, pending: gone }).attest(attester.url, IDENTITY), {
      state: 'attested',
    })
    assert.equal(posts(), before + 1)
  })

  it('loses a removed set and its pending claims, until that is undone', async () => {
    const wallet = open()
    await wallet.attest(attester.url, ADA, '123456')
    attester.faults.state = 'review'
    await wallet.attest(attester.url, IDENTITY)
    delete attester.faults.state
    const before = wallet.kept()
    const backs = [wallet.remove('attCivicBasic'), wallet.remove('attCivicIdentity')]
    assert.deepEqual(wallet.kept(), { ...before, attestations: [], pending: [] })
    for (const back of backs) back()
    assert.deepEqual(wallet.kept(), before)
  })

  it('keeps new attestations if a removal is undone', async () => {
    const wallet = open()
    await wallet.attest(attester.url, ADA, '123456')
    const back = wallet.remove('attCivicBasic')
    await wallet.attest(attester.url, ADA, '123456')
    const renewed = wallet.attestations()
    back()
    assert.deepEqual(wallet.attestations(), renewed)
  })
})
