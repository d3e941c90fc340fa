import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Wallet, WalletError } from 'civic-wallet'
import { signRequestToken, wellKnownKey } from '../../lib/direct/index.ts'
import { Requester } from '../support/requester.ts'
import { Person, claimsOf, seal } from '../support/person.ts'
import { Shop } from '../support/shop.ts'

const PRIVATE = { channel: 'scan', scopeRequest: 'ANONYMOUS_LOGIN' }
const SIP_ID = '0123456789abcdef0123456789abcdef'

describe('evil.example, which wants what a person approves to count at the shop', () => {
  let shop: Shop
  let evil: Requester
  let wallet: Wallet
  before(async () => {
    shop = await Shop.start()
  })
  after(() => shop.stop())
  beforeEach(async () => {
    evil = await new Requester().start()
    wallet = new Wallet({ seed: 'aa'.repeat(16), allowPrivate: true })
  })
  afterEach(() => evil.stop())

  const refuses = (work: Promise<unknown>): Promise<void> =>
    assert.rejects(work, (error) => error instanceof WalletError && error.code === 'REQUEST_REFUSED')

  it("gets a response to its request, with the shop's one-time key in it, that the shop refuses", async () => {
    const begun = await shop.begin(PRIVATE)
    const { data } = claimsOf(await shop.token(begun))
    Object.assign(evil, { uuid: begun.uuid })
    evil.token = (claims) => {
      Object.assign(claims['data'] as object, { encPubKey: data.encPubKey })
      return signRequestToken(claims as never, evil.key)
    }
    await wallet.approve(await wallet.read(evil.url))
    const { answer } = JSON.parse(evil.requests.at(-1)!.body) as { answer: string }
    const reply = await shop.answer(begun, answer)
    // Made for another token, it cannot even be read
    assert.equal(reply.status, 400)
  })

  it('gets 403 if a wallet that checks nothing signs for its request and seals for the shop', async () => {
    const begun = await shop.begin(PRIVATE)
    const token = await shop.token(begun)
    const person = new Person('ada')
    const evilToken = evil.token(evil.claims)
    for (const changes of [
      { token: evilToken },
      { token: evilToken, clientId: evil.origin },
      { token: evilToken, url: evil.url },
    ]) {
      const reply = await shop.answer(begun, seal(person.answer(token, changes), token))
      assert.equal(reply.status, 403)
    }
  })

  it("cannot show the shop's token as its own", async () => {
    const begun = await shop.begin(PRIVATE)
    const token = await shop.token(begun)
    evil.token = () => token
    await refuses(wallet.read(evil.url))
    // Not with the shop's key in its document either
    evil.wellKnown = (document) => ({ ...document, keys: [wellKnownKey(evil.key)] })
    await refuses(wallet.read(evil.url))
  })

  it("cannot name the shop's callback", async () => {
    const begun = await shop.begin(PRIVATE)
    evil.token = (claims) => {
      Object.assign(claims['data'] as object, { callbackUrl: begun.url })
      return signRequestToken(claims as never, evil.key)
    }
    await refuses(wallet.read(evil.url))
  })

  it('cannot make requests for the shop', async () => {
    evil.token = (claims) => {
      claims['sub'] = shop.origin
      Object.assign(claims['data'] as object, { clientId: shop.origin })
      return signRequestToken(claims as never, evil.key)
    }
    await assert.rejects(
      wallet.read(evil.url),
      (error) => error instanceof WalletError && error.code === 'SIP_UNTRUSTED',
    )
  })
})

describe('one origin that is a SIP and a Direct site', () => {
  it('serves one wallet with both', async () => {
    const host = await new Requester().start()
    try {
      const wallet = new Wallet({ seed: 'bb'.repeat(16), allowPrivate: true, trustedSips: [host.origin] })
      host.wellKnown = (document) => ({
        ...document,
        role: 'sip',
        sipId: SIP_ID,
        callback: `${host.origin}/sip/`,
      })
      const at = (path: string, change: (claims: Record<string, unknown>) => void): string => {
        const { claims } = host
        host.handlers.set(path, (req, res) => {
          if (req.method === 'POST') return res.end(JSON.stringify({ status: 'resolved' }))
          claims.data.callbackUrl = host.origin + path
          change(claims)
          return res.end(JSON.stringify({ token: signRequestToken(claims as never, host.key) }))
        })
        return host.origin + path
      }
      const direct = await wallet.read(at(`/sip/direct/${host.uuid}/callback`, () => undefined))
      Object.assign(host, { uuid: randomUUID() })
      const hosted = await wallet.read(
        at(`/sip/prod/scopeRequest/${host.uuid}/callback`, (claims) => {
          claims['sub'] = 'app12345'
          Object.assign(claims['data'] as object, { clientId: 'app12345', sipId: SIP_ID })
        }),
      )
      assert.deepEqual([direct.clientId, hosted.clientId], [host.origin, 'app12345'])
      await wallet.approve(direct)
      await wallet.approve(hosted)
    } finally {
      await host.stop()
    }
  })
})
