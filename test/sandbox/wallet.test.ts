import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { EsploraLedger, issue, signSubject, verifyOffline, verifyOnLedger } from 'civic-attestations'
import type { Attestation, Leaf } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { approval, denial, sealAnswer } from '../../wallet/lib/hosted/wallet-core.ts'
import type { Answer, RequestView } from '../../wallet/lib/hosted/wallet-core.ts'
import { walletKey } from '../../wallet/lib/hosted/wallet-key.ts'
import type { WalletKey } from '../../wallet/lib/hosted/wallet-key.ts'
import { attested, EMAIL, PHONE } from '../support/sandbox-attester.ts'
import { Page } from '../support/page.ts'
import { exchange } from '../support/partner.ts'
import type { Item } from '../support/partner.ts'

interface Reply {
  readonly status: number
  readonly state?: string
  readonly message?: string
}

/** A wallet of the test's own making, which can do what an honest one would not. */
class Wallet {
  readonly key: WalletKey = walletKey(randomBytes(32))
  readonly #sandbox: Sandbox

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox
  }

  async read(uuid: string): Promise<RequestView> {
    return (await this.post(`requests/${uuid}/read`, { xpub: this.key.xpub })) as unknown as RequestView
  }

  answer(request: RequestView, answer: Answer, key = this.key): Promise<Reply> {
    return this.post(`requests/${request.uuid}/answer`, sealAnswer(answer, request, key))
  }

  /** Has an email address and a phone number attested, the way of the wallet page. */
  async attested(): Promise<Attestation[]> {
    const claims = { [EMAIL]: `${randomBytes(4).toString('hex')}@example.org`, [PHONE]: '+1 202 555 0123' }
    const { attestations } = await attested(this.#sandbox, this.key, { set: 'attCivicBasic', claims })
    return [...attestations!]
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(`${this.#sandbox.url}/wallet/api/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return { status: response.status, ...((await response.json()) as object) }
  }
}

describe('sandbox: wallets', function () {
  this.timeout(60_000)
  let sandbox: Sandbox
  let page: Page
  let wallet: Wallet
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())
  beforeEach(() => {
    page = new Page(sandbox)
    wallet = new Wallet(sandbox)
  })

  const trade = async (uuid: string): Promise<{ userId: string; data: Item[] }> =>
    exchange(sandbox.strategyOptions(), (await page.poll(uuid)).authResponse!)

  it('see who asks, for what, when and from where', async () => {
    const before = Date.now()
    const uuid = await page.uuid({ verificationLevel: 'proofOfAge' })
    const { createdAt, expiresAt, serverKey, address = '', ...view } = await wallet.read(uuid)
    assert.deepEqual(view, {
      status: 200,
      uuid,
      appId: sandbox.strategyOptions().appId,
      appName: 'Example site',
      origin: 'http://localhost:3000',
      scope: 'proofOfAge',
      labels: ['documents.genericId.dateOfBirth'],
      isTest: false,
    })
    assert.match(address, /^(?:127\.0\.0\.1|::1)$/)
    assert.ok(createdAt >= before && createdAt <= Date.now())
    assert.equal(expiresAt - createdAt, 120_000)
    assert.match(serverKey, /^04[0-9a-f]{128}$/)
  })

  it('are one for each QR code', async () => {
    const uuid = await page.uuid()
    await wallet.read(uuid)
    assert.equal((await wallet.post(`requests/${uuid}/read`, { xpub: wallet.key.xpub })).status, 200)
    await assert.rejects(sandbox.wallet().approve(uuid), /another wallet has this QR code/)
    const thief = new Wallet(sandbox)
    const request = await wallet.read(uuid)
    assert.equal((await thief.answer(request, denial(request, thief.key))).status, 403)
    assert.equal((await page.poll(uuid)).status, 'read')
  })

  it('must read a request before they answer it', async () => {
    const uuid = await page.uuid()
    const other = await wallet.read(await page.uuid())
    const request = { ...other, uuid }
    const reply = await wallet.answer(request, denial(request, wallet.key))
    assert.equal(reply.status, 403)
  })

  it('answer once', async () => {
    const uuid = await page.uuid({ verificationLevel: 'Anonymous_Login' })
    const request = await wallet.read(uuid)
    const answer = approval(request, wallet.key, [])
    assert.deepEqual(await wallet.answer(request, answer), { status: 200, state: 'granted' })
    assert.equal((await wallet.answer(request, answer)).status, 409)
    assert.equal((await wallet.answer(request, denial(request, wallet.key))).status, 409)
  })

  it('log in without sharing anything, by a signature alone', async () => {
    const uuid = await page.uuid({ verificationLevel: 'Anonymous_Login' })
    const request = await wallet.read(uuid)
    const { signed } = approval(request, wallet.key, [])
    const stranger = walletKey(randomBytes(32))
    const forged: Answer[] = [
      { decision: 'grant', attestations: [] },
      approval(request, stranger, []),
      approval({ ...request, uuid: await page.uuid() }, wallet.key, []),
      approval({ ...request, appId: 'another' }, wallet.key, []),
      approval({ ...request, scope: 'civicBasic', labels: [] }, wallet.key, []),
      { decision: 'grant', attestations: [], signed: denial(request, wallet.key).signed! },
      { decision: 'grant', attestations: [], signed: { ...signed!, signature: `${signed!.signature}00` } },
    ]
    for (const answer of forged) {
      const reply = await wallet.answer(request, answer)
      assert.equal(reply.status, 403)
      assert.match(reply.message!, /not signed by the key/)
      assert.equal((await page.poll(uuid)).status, 'read')
    }
    assert.equal((await wallet.answer(request, approval(request, wallet.key, []))).state, 'granted')
    const { userId, data } = await trade(uuid)
    assert.match(userId, /^[0-9a-f]{64}$/)
    assert.deepEqual(data, [])
  })

  it('sign denials, which are worth nothing as a grant, nor a grant as a denial', async () => {
    const request = await wallet.read(await page.uuid({ verificationLevel: 'Anonymous_Login' }))
    const { signed } = approval(request, wallet.key, [])
    assert.equal((await wallet.answer(request, { decision: 'deny', signed: signed! })).status, 403)
    assert.deepEqual(await wallet.answer(request, denial(request, wallet.key)), {
      status: 200,
      state: 'denied',
    })
  })

  it('encrypt their answer to the server, for this request', async () => {
    const uuid = await page.uuid({ verificationLevel: 'Anonymous_Login' })
    const request = await wallet.read(uuid)
    const answer = approval(request, wallet.key, [])
    const { envelope } = sealAnswer(answer, request, wallet.key)
    const digit = envelope.ciphertext.endsWith('0') ? '1' : '0'
    const wrong: unknown[] = [
      undefined,
      {},
      answer,
      { ...envelope, ciphertext: envelope.ciphertext.slice(0, -1) + digit },
      { ...envelope, ciphertext: '' },
      { ...envelope, ephemeralKey: request.serverKey },
      { ...envelope, ephemeralKey: `04${'0'.repeat(128)}` },
      sealAnswer(answer, { ...request, uuid: await page.uuid() }, wallet.key).envelope,
      sealAnswer('x' as unknown as Answer, request, wallet.key).envelope,
      sealAnswer(null as unknown as Answer, request, wallet.key).envelope,
    ]
    for (const envelope of wrong) {
      const reply = await wallet.post(`requests/${uuid}/answer`, { xpub: wallet.key.xpub, envelope })
      assert.equal(reply.status, 400)
    }
    assert.equal((await page.poll(uuid)).status, 'read')
  })

  it('are known by their key: another extended form of it is the same person', async () => {
    const seen = new Set<string>()
    for (let i = 0; i < 2; i += 1) {
      const uuid = await page.uuid({ verificationLevel: 'Anonymous_Login' })
      const request = await wallet.read(uuid)
      await wallet.answer(request, approval(request, wallet.key, []))
      seen.add((await trade(uuid)).userId)
    }
    assert.equal(seen.size, 1)
  })

  it('send a key, and an extended public one', async () => {
    const uuid = await page.uuid()
    for (const xpub of [undefined, 7, '', 'xpub', wallet.key.xprv, wallet.key.xpub.replace(/.$/, '1')]) {
      const reply = await wallet.post(`requests/${uuid}/read`, { xpub })
      assert.equal(reply.status, 400)
      assert.match(reply.message!, /^xpub: /)
    }
  })

  it('are kept from other sites', async () => {
    const body = { xpub: wallet.key.xpub }
    const uuid = await page.uuid()
    for (const headers of [{ Origin: 'http://localhost:3000' }, { 'Sec-Fetch-Site': 'same-site' }]) {
      assert.equal(
        (await wallet.post(`requests/${uuid}/read`, body, headers as Record<string, string>)).status,
        403,
      )
    }
    const own = { 'Sec-Fetch-Site': 'same-origin', Origin: sandbox.url }
    assert.equal((await wallet.post(`requests/${uuid}/read`, body, own)).status, 200)
  })

  describe('share attestations', () => {
    it('that are verified: valid, and owned', async () => {
      const uuid = await page.uuid({ verificationLevel: 'proofOfResidence' })
      await sandbox.wallet('bob').approve(`${sandbox.url}/wallet#${uuid}`)
      const { data } = await trade(uuid)
      assert.equal(data.length, 16)
      assert.ok(data.every(({ isValid, isOwner }) => isValid && isOwner))
    })

    it('for which a wallet is asked, no more and no less', async () => {
      const bob = sandbox.wallet('bob')
      await bob.approve(await page.uuid({ verificationLevel: 'proofOfResidence' }))
      const uuid = await page.uuid({ verificationLevel: 'proofOfAge' })
      await bob.approve(uuid)
      assert.deepEqual(
        (await trade(uuid)).data.map(({ label }) => label),
        ['documents.genericId.dateOfBirth'],
      )
    })

    it('each with its status and its place on the ledger', async () => {
      const carol = sandbox.wallet('carol')
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

    it('that are passed on as not valid once they are revoked', async () => {
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

    const refused = async (
      make: (request: RequestView) => Answer | Promise<Answer>,
      reason: RegExp,
    ): Promise<void> => {
      const uuid = await page.uuid()
      const request = await wallet.read(uuid)
      const reply = await wallet.answer(request, await make(request))
      assert.equal(reply.status, 422)
      assert.match(reply.message!, reason)
      const polled = await page.poll(uuid)
      assert.equal(polled.action, 'verify-error')
      assert.match(polled.message!, reason)
      assert.equal(polled.authResponse, undefined)
      assert.equal((await wallet.post(`requests/${uuid}/outcome`, { xpub: wallet.key.xpub })).status, 422)
    }

    it('of their own key, and no others', async () => {
      const victim = new Wallet(sandbox)
      const held = await victim.attested()
      await refused(() => ({ decision: 'grant', attestations: held }), /GRANT_MISMATCH/)
      // Granted to this very request by the victim, who was tricked into it, but answered by the thief.
      await refused(
        (request) => approval(request, victim.key, held),
        /of another key than the one that answers/,
      )
    })

    it('granted to this request, and to no earlier one', async () => {
      const held = await wallet.attested()
      const earlier = await wallet.read(await page.uuid())
      await refused(() => approval(earlier, wallet.key, held), /GRANT_MISMATCH/)
      await refused(
        (request) => approval({ ...request, appId: 'another' }, wallet.key, held),
        /GRANT_MISMATCH/,
      )
    })

    it('that were anchored for their key: a stolen one, signed anew, is refused', async () => {
      const stolen = await new Wallet(sandbox).attested()
      await refused((request) => {
        const own = stolen.map((attestation): Attestation => {
          const subject = signSubject(
            { label: attestation.attnLabel, data: attestation.attnData },
            wallet.key.xprv,
          )
          const attested = { ...attestation.attn.attestation.attestation, subject }
          return { ...attestation, attn: { attestation: { attestation: attested } } }
        })
        return approval(request, wallet.key, own)
      }, /ANCHOR_MISMATCH/)
    })

    it('unchanged, with their labels bound', async () => {
      const held = await wallet.attested()
      const changed = (request: RequestView, change: (leaf: Leaf) => object): Answer => {
        const answer = approval(request, wallet.key, held) as Extract<Answer, { decision: 'grant' }>
        for (const { data } of answer.attestations) Object.assign(data, change(data))
        return answer
      }
      await refused((request) => changed(request, () => ({ value: 'x' })), /LEAF_MISMATCH/)
      await refused((request) => changed(request, () => ({ nonce: undefined })), /does not bind its label/)
    })

    it('that the sandbox issued: one that the wallet made for itself is refused', async () => {
      const [cosigner, ...others] = [0, 1, 2].map(() => ({ xpub: walletKey(randomBytes(32)).xpub }))
      const own = issue({
        authority: { ...cosigner!, path: '/0' },
        cosigners: others as [{ xpub: string }, { xpub: string }],
        label: 'attCivicBasic',
        claims: { [EMAIL]: 'x@example.org', [PHONE]: '1' },
        subject: wallet.key.xprv,
      })
      await refused((request) => approval(request, wallet.key, own), /UNTRUSTED_AUTHORITY/)
    })

    it('all of those asked for', async () => {
      await refused(() => ({ decision: 'grant', attestations: [] }), /other labels than were asked for/)
    })

    it('in a form that the server takes', async () => {
      const junk = [null, {}] as unknown as Parameters<typeof approval>[2]
      await refused(() => ({ decision: 'grant', attestations: junk }), /MALFORMED/)
    })
  })
})
