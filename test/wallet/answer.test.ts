import assert from 'node:assert/strict'
import { createECDH } from 'node:crypto'
import { Wallet, WalletError } from 'civic-wallet'
import type { WalletOptions } from 'civic-wallet'
import { signRequestToken } from '../../lib/direct/index.ts'
import type { ResolvedAnswer } from '../../lib/direct/index.ts'
import { openAnswer, readSealedAnswer } from '../../lib/direct/answer-jwe.ts'
import { WalletKeys } from '../../wallet/lib/keys.ts'
import { TestAttester } from '../support/attester.ts'
import { Requester } from '../support/requester.ts'

const SEED = '000102030405060708090a0b0c0d0e0f'
const EMAIL = 'contact.personal.email'
const LEVEL = 'verifications.levels.CIVIC:IAL1'
const SIP_ID = '0123456789abcdef0123456789abcdef'

function rejects(work: Promise<unknown>, code: string, status?: number): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof WalletError, String(error))
    assert.deepEqual([error.code, error.status], [code, status])
    return true
  })
}

describe('a wallet that responds', () => {
  let site: Requester
  let wallet: Wallet
  let token = ''
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  let data: object = {}
  let sub: string | undefined
  const newWallet = (options: Partial<WalletOptions> = {}): Wallet =>
    new Wallet({ seed: SEED, allowPrivate: true, ...options })

  beforeEach(async () => {
    data = {}
    sub = undefined
    site = await new Requester().start()
    wallet = newWallet()
    site.token = (claims) => {
      Object.assign(claims['data'] as object, { encPubKey: pair.getPublicKey('hex') }, data)
      if (sub !== undefined) claims['sub'] = sub
      return (token = signRequestToken(claims as never, site.key))
    }
  })
  afterEach(() => site.stop())

  const posted = (): string[] =>
    site.requests.filter(({ method }) => method === 'POST').map(({ body }) => body)
  const opened = (): ResolvedAnswer => {
    const { answer } = JSON.parse(posted().at(-1)!) as { answer: string }
    return openAnswer(readSealedAnswer(answer, token), pair.getPrivateKey('hex')) as unknown as ResolvedAnswer
  }

  it('sends its key for this site, and returns the site’s code', async () => {
    const request = await wallet.read(site.url)
    assert.deepEqual(await wallet.approve(request), { confirm: '123456' })
    const { userKey, userId } = new WalletKeys(Buffer.from(SEED, 'hex')).site(site.origin)
    const { status, attestations, ...answer } = opened()
    assert.deepEqual([status, attestations], ['resolved', []])
    assert.deepEqual([answer.userKey, answer.userId], [userKey, userId])
    assert.deepEqual(
      { ...answer.request, signature: '' },
      { clientId: site.origin, url: site.url, label: 'Anonymous_Login', signature: '' },
    )
  })

  it('declines without revealing the person', async () => {
    site.response = [200, { status: 'denied' }]
    await wallet.decline(await wallet.read(site.url))
    assert.deepEqual(opened(), { status: 'denied' })
  })

  it('posts JSON without cookie or referrer', async () => {
    await wallet.approve(await wallet.read(site.url))
    const { headers } = site.requests.at(-1)!
    assert.deepEqual(
      [headers['content-type'], headers.cookie, headers.referer],
      ['application/json', undefined, undefined],
    )
  })

  describe('the return URL', () => {
    const wayBack = async (redirectUri: unknown, by = wallet): Promise<unknown> => {
      site.response = [200, { status: 'resolved', redirectUri }]
      return (await by.approve(await by.read(site.url))).redirectUri
    }

    it('is followed to the displayed origin', async () => {
      const uri = `${site.origin}/#uuid=${site.uuid}&response_code=x`
      assert.equal(await wayBack(uri), uri)
    })

    const foreign: Record<string, () => unknown> = {
      'a script': () => 'javascript:alert(1)',
      'another origin': () => 'https://evil.example/',
      'another port': () => 'http://localhost:1/',
      'another scheme': () => site.origin.replace('http:', 'https:'),
      'a name in front': () => site.origin.replace('//', '//localhost:1@evil.example/'),
      'a blob of the origin': () => `blob:${site.origin}/0b0e5b6c`,
      'what is no URL': () => '/login',
      'what is no text': () => 7,
    }
    for (const [what, uri] of Object.entries(foreign)) {
      it(`is not followed to ${what}`, async () => assert.equal(await wayBack(uri()), undefined))
    }

    it('leads to the page that a SIP named', async () => {
      sub = 'app12345'
      data = { clientId: sub, sipId: SIP_ID, requester: { origin: 'https://shop.example' } }
      site.wellKnown = (document) => ({ ...document, role: 'sip', sipId: SIP_ID })
      const trusting = newWallet({ trustedSips: [site.origin] })
      assert.equal(await wayBack('https://shop.example/?uuid=x', trusting), 'https://shop.example/?uuid=x')
      const { userKey } = new WalletKeys(Buffer.from(SEED, 'hex')).site(`sip:${SIP_ID} app12345`)
      assert.equal(opened().userKey, userKey)
      const again = newWallet({ trustedSips: [site.origin] })
      assert.equal(await wayBack(site.origin, again), undefined)
    })
  })

  it('accepts only a code of six digits', async () => {
    site.response = [200, { status: 'resolved', confirm: '<b>1</b>' }]
    assert.deepEqual(await wallet.approve(await wallet.read(site.url)), {})
  })

  it('responds to a request once: the same bytes again, or not at all', async () => {
    const request = await wallet.read(site.url)
    site.response = [503, { statusCode: 503, code: 'LEDGER_UNAVAILABLE', message: 'down' }]
    await rejects(wallet.approve(request), 'ANSWER_REFUSED', 503)
    site.response = [200, { status: 'resolved' }]
    await wallet.approve(request)
    const [first, second] = posted()
    assert.equal(first, second)
    await rejects(wallet.decline(request), 'ALREADY_ANSWERED')
    await rejects(wallet.read(site.url), 'ALREADY_ANSWERED')
    assert.equal(posted().length, 2)
  })

  it('reports why its response was refused, and when to try again', async () => {
    site.handlers.set(site.path, (req, res) => {
      if (req.method === 'GET') return res.end(JSON.stringify({ token: site.token(site.claims) }))
      return res
        .writeHead(409, { 'Retry-After': '7' })
        .end(JSON.stringify({ statusCode: 409, code: 'ANSWERED', message: 'x' }))
    })
    await assert.rejects(wallet.approve(await wallet.read(site.url)), (error) => {
      assert.ok(error instanceof WalletError)
      assert.deepEqual([error.status, error.reason, error.retryAfter], [409, 'ANSWERED', 7])
      return true
    })
  })

  it('accepts no other reply', async () => {
    site.response = [200, { status: 'denied' }]
    await rejects(wallet.approve(await wallet.read(site.url)), 'RESPONSE_REFUSED')
  })

  it('responds only to requests that it has read itself', async () => {
    const request = await newWallet().read(site.url)
    await rejects(wallet.approve(request), 'REQUEST_REFUSED')
    await rejects(wallet.decline({ ...request }), 'REQUEST_REFUSED')
  })

  describe('the shared data', () => {
    let attester: TestAttester
    before(async () => {
      attester = await new TestAttester().start()
    })
    after(() => attester.stop())
    const shared = (): string[] => (opened().attestations as { label: string }[]).map(({ label }) => label)

    it('is exactly what is requested, if it has all of it', async () => {
      data = { attributes: [EMAIL], verificationLevel: 'civicBasic' }
      const request = await wallet.read(site.url)
      await rejects(wallet.approve(request), 'NOT_ATTESTED')
      assert.deepEqual(posted(), [])
      await wallet.attest(attester.url, { [EMAIL]: 'ada@example.org' }, '123456')
      await wallet.approve(request)
      assert.deepEqual(shared(), [EMAIL])
    })

    it('has no optional labels with a site, unless its owner says so', async () => {
      data = { optionalAttributes: [EMAIL] }
      await wallet.attest(attester.url, { [EMAIL]: 'ada@example.org' }, '123456')
      await wallet.approve(await wallet.read(site.url))
      assert.deepEqual(shared(), [])
      const other = await new Requester().start()
      try {
        other.token = site.token
        Object.assign(site, { key: other.key })
        await wallet.approve(await wallet.read(other.url), { optional: [EMAIL] })
        const { answer } = JSON.parse(other.requests.at(-1)!.body) as { answer: string }
        const { attestations } = openAnswer(readSealedAnswer(answer, token), pair.getPrivateKey('hex'))
        assert.equal((attestations as unknown[]).length, 1)
      } finally {
        await other.stop()
      }
    })

    it('has no optional label that was not requested', async () => {
      const request = await wallet.read(site.url)
      await rejects(wallet.approve(request, { optional: [EMAIL] }), 'REQUEST_REFUSED')
    })

    it('has all optional labels with a SIP that passes on only values', async () => {
      sub = 'app12345'
      data = { clientId: sub, sipId: SIP_ID, optionalAttributes: [EMAIL, LEVEL] }
      site.wellKnown = (document) => ({ ...document, role: 'sip', sipId: SIP_ID })
      const trusting = newWallet({ trustedSips: [site.origin] })
      await trusting.attest(attester.url, { [EMAIL]: 'ada@example.org' }, '123456')
      await trusting.approve(await trusting.read(site.url))
      assert.deepEqual(shared(), [EMAIL])
    })

    it('has no optional labels with a SIP that passes on the attestations', async () => {
      sub = 'app12345'
      data = { clientId: sub, sipId: SIP_ID, optionalAttributes: [EMAIL], attestations: true }
      site.wellKnown = (document) => ({ ...document, role: 'sip', sipId: SIP_ID })
      const trusting = newWallet({ trustedSips: [site.origin] })
      await trusting.attest(attester.url, { [EMAIL]: 'ada@example.org' }, '123456')
      await trusting.approve(await trusting.read(site.url))
      assert.deepEqual(shared(), [])
    })
  })

  for (const [option, value] of Object.entries({ allowPrivate: 1, walletUrl: 'https://wallet.example' })) {
    it(`has no such option: ${option}`, () => {
      assert.throws(() => newWallet({ [option]: value }), new RegExp(option))
    })
  }
})
