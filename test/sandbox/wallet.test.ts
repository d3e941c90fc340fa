import assert from 'node:assert/strict'
import { EsploraLedger, verifyOffline, verifyOnLedger } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { Wallet, WalletError } from 'civic-wallet'
import { Page } from '../support/page.ts'
import { exchange } from '../support/partner.ts'
import type { Item } from '../support/partner.ts'
import { Shop } from '../support/shop.ts'

const PRIVATE = { verificationLevel: 'Anonymous_Login' }

describe('sandbox: the wallets of test users', function () {
  this.timeout(60_000)
  let sandbox: Sandbox
  let page: Page
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())
  beforeEach(() => {
    page = new Page(sandbox)
  })

  const trade = async (uuid: string): Promise<{ userId: string; data: Item[] }> =>
    exchange(sandbox.strategyOptions(), (await page.poll(uuid)).authResponse!)

  it('see who asks, for what, when and from where', async () => {
    const before = Date.now()
    const uuid = await page.uuid({ verificationLevel: 'proofOfAge' })
    const { issuedAt, expiresAt, requester, ...request } = await sandbox.wallet().read(uuid)
    assert.deepEqual(request, {
      uuid,
      host: new URL(sandbox.url).host,
      name: 'Example site',
      clientId: sandbox.strategyOptions().appId,
      role: 'sip',
      isTest: false,
      level: 'proofOfAge',
      labels: ['documents.genericId.dateOfBirth'],
      optionalLabels: [],
      channel: 'scan',
      description: 'Example site would like to access the following data on your identity',
    })
    assert.equal(requester.origin, 'http://localhost:3000')
    assert.ok(issuedAt >= before - 1000 && issuedAt <= Date.now())
    assert.equal(expiresAt - issuedAt, 180_000)
  })

  it('accept the link, the callback URL or the uuid of a request', async () => {
    for (const part of ['scopeRequestString', 'callback', 'uuid', 'fragment'] as const) {
      const { uuid, scopeRequestString } = (await (await page.ask(PRIVATE)).json()) as Record<string, string>
      const callback = `${sandbox.url}/sip/prod/scopeRequest/${uuid}/callback`
      const fragment = `${sandbox.url}/wallet#${uuid}`
      const link = { scopeRequestString, callback, uuid, fragment }[part]!
      assert.deepEqual(await sandbox.wallet('bob').approve(link), { state: 'granted' }, part)
      assert.equal((await page.poll(uuid!)).action, 'data-received')
    }
  })

  it('refuse another uuid, and a request of an untrusted server', async () => {
    await assert.rejects(sandbox.wallet().read('00000000-0000-4000-8000-000000000000'), { status: 404 })
    const other = await createSandbox()
    try {
      const { scopeRequestString } = (await (await new Page(other).ask()).json()) as Record<string, string>
      await assert.rejects(
        sandbox.wallet().approve(scopeRequestString!),
        (error) => error instanceof WalletError && error.code === 'SIP_UNTRUSTED',
      )
    } finally {
      await other.close()
    }
  })

  it('serve Direct sites too', async () => {
    const { ledger, authorities } = sandbox.directOptions()
    const shop = await Shop.start({ ledger, authorities: [...authorities] })
    try {
      const begun = await shop.begin()
      const { state, confirm } = await sandbox.wallet('carol').approve(begun.link)
      assert.equal(state, 'granted')
      assert.match(confirm!, /^\d{6}$/)
      assert.deepEqual((await shop.poll(begun)).json, { statusCode: 200, action: 'data-dispatched' })
    } finally {
      await shop.stop()
    }
  })

  it('decline', async () => {
    const uuid = await page.uuid()
    assert.deepEqual(await sandbox.wallet().deny(uuid), { state: 'denied' })
    assert.equal((await page.poll(uuid)).action, 'user-cancelled')
  })

  it('respond once', async () => {
    const uuid = await page.uuid(PRIVATE)
    const alice = sandbox.wallet()
    await alice.approve(uuid)
    await assert.rejects(alice.approve(uuid), { code: 'ALREADY_ANSWERED' })
    await assert.rejects(sandbox.wallet('bob').approve(uuid), { name: 'WalletError', status: 410 })
  })

  it('get an error if another wallet was faster', async () => {
    const uuid = await page.uuid(PRIVATE)
    const { wallet } = sandbox.wallet('bob')
    const request = await wallet.read(`${sandbox.url}/sip/prod/scopeRequest/${uuid}/callback`)
    await sandbox.wallet().approve(uuid)
    await assert.rejects(wallet.approve(request), { code: 'ANSWER_REFUSED', status: 409, reason: 'ANSWERED' })
  })

  it('each have one Wallet, the same for the same person', () => {
    const { wallet } = sandbox.wallet({ name: 'Eve Ember' })
    assert.ok(wallet instanceof Wallet)
    assert.equal(sandbox.wallet({ name: 'Eve Ember' }).wallet, wallet)
    assert.notEqual(sandbox.wallet('bob').wallet, wallet)
  })

  it('have one userId at an app, and others elsewhere', async () => {
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['localhost'] })
    const userIdAt = async (options = sandbox.strategyOptions()): Promise<string> => {
      const uuid = await page.uuid({ ...PRIVATE, appId: options.appId })
      await sandbox.wallet().approve(uuid)
      return (await exchange(options, (await page.poll(uuid)).authResponse!)).userId
    }
    const known = await userIdAt()
    assert.match(known, /^[0-9a-f]{64}$/)
    assert.equal(await userIdAt(), known)
    assert.notEqual(await userIdAt(sandbox.strategyOptions(appId)), known)
  })

  describe('share attestations', () => {
    it('that are verified: valid, and owned', async () => {
      const uuid = await page.uuid({ verificationLevel: 'proofOfResidence' })
      await sandbox.wallet('bob').approve(uuid)
      const { data } = await trade(uuid)
      assert.equal(data.length, 16)
      assert.ok(data.every(({ isValid, isOwner }) => isValid && isOwner))
    })

    it('of exactly the requested labels', async () => {
      const bob = sandbox.wallet('bob')
      await bob.approve(await page.uuid({ verificationLevel: 'proofOfResidence' }))
      const uuid = await page.uuid({ verificationLevel: 'proofOfAge' })
      await bob.approve(uuid)
      assert.deepEqual(
        (await trade(uuid)).data.map(({ label }) => label),
        ['documents.genericId.dateOfBirth'],
      )
    })

    it('of the level for a private login', async () => {
      const uuid = await page.uuid(PRIVATE)
      await sandbox.wallet('bob').approve(uuid)
      const { data } = await trade(uuid)
      assert.deepEqual(
        data.map(({ label, value, isValid }) => [label, value, isValid]),
        [['verifications.levels.CIVIC:IAL1', 'CIVIC:IAL1', true]],
      )
    })

    it('each with its status and its place on the ledger', async () => {
      const carol = sandbox.wallet({ name: 'Carol Cooper the Second' })
      await carol.approve(await page.uuid())
      const held = carol.attestations()
      assert.deepEqual(
        held.map(({ label, status }) => [label, status]),
        [
          ['contact.personal.email', 'permanent'],
          ['contact.personal.phoneNumber', 'permanent'],
        ],
      )
      const ledger = new EsploraLedger(sandbox.ledgerUrl)
      for (const { attestation, txid, vout } of held) {
        assert.equal(verifyOffline(attestation).labelBound, true)
        const { authority } = attestation.attn.attestation.attestation
        const state = await verifyOnLedger(attestation, ledger, { authorities: [authority.xpub] })
        assert.deepEqual(state, { isValid: true, state: 'unspent', txid, vout })
      }
    })

    it('that are issued once, even for simultaneous logins', async () => {
      const fay = sandbox.wallet({ name: 'Fay Fern' })
      const uuids = await Promise.all([1, 2, 3].map(() => page.uuid()))
      await Promise.all(uuids.map((uuid) => fay.approve(uuid)))
      for (const uuid of uuids) assert.ok((await trade(uuid)).data.every(({ isValid }) => isValid))
    })

    it('that are passed on as not valid after they are revoked', async () => {
      const dan = sandbox.wallet({ name: 'Dan Dale' })
      const logIn = async (): Promise<Item[]> => {
        const uuid = await page.uuid()
        await dan.approve(uuid)
        return (await trade(uuid)).data
      }
      assert.ok((await logIn()).every(({ isValid }) => isValid))
      const { txid, vout } = dan.attestations()[0]!
      await sandbox.revoke({ txid, vout })
      const data = await logIn()
      assert.equal(data.length, 2)
      assert.ok(data.every(({ isValid, isOwner }) => !isValid && isOwner))
      await assert.rejects(sandbox.revoke({ txid, vout }), { status: 409 })
      await assert.rejects(sandbox.revoke({ txid: '00', vout }), { status: 404 })
    })
  })
})
