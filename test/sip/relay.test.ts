import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { createSip } from 'civic-sip-server'
import { EmbeddedLedger } from 'civic-attestations'
import { Wallet, WalletError } from 'civic-wallet'
import { DirectRequests, signRequestToken, wellKnownKey } from '../../lib/direct/index.ts'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { listen } from '../support/http.ts'
import { Requester } from '../support/requester.ts'
import { clientOf, Person, seal } from '../support/person.ts'
import { Page } from '../support/page.ts'
import { newKey } from '../support/shop.ts'

const PRIVATE = { verificationLevel: 'Anonymous_Login' }

describe('evil.example, which wants what a person approves to count at an app of a SIP', () => {
  let sandbox: Sandbox
  let evil: Requester
  let wallet: Wallet
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())
  beforeEach(async () => {
    evil = await new Requester().start()
    wallet = new Wallet({ seed: 'aa'.repeat(16), allowPrivate: true, trustedSips: [sandbox.url] })
  })
  afterEach(() => evil.stop())

  const victim = async () => {
    const uuid = await new Page(sandbox).uuid(PRIVATE)
    const url = `${sandbox.url}/sip/prod/scopeRequest/${uuid}/callback`
    const { token } = (await (await fetch(url)).json()) as { token: string }
    return { uuid, url, token }
  }
  const post = async (url: string, answer: unknown): Promise<number> => {
    const headers = { 'Content-Type': 'application/json' }
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ answer }) })).status
  }
  const refuses = (work: Promise<unknown>, code = 'REQUEST_REFUSED'): Promise<void> =>
    assert.rejects(work, (error) => error instanceof WalletError && error.code === code)

  it('gets a response to a request with the victim’s uuid that the SIP cannot even read', async () => {
    const { uuid, url } = await victim()
    Object.assign(evil, { uuid })
    await wallet.approve(await wallet.read(evil.url))
    const { answer } = JSON.parse(evil.requests.at(-1)!.body) as { answer: string }
    assert.equal(await post(url, answer), 400)
  })

  it('gets 403 if a wallet that checks nothing signs for its request and seals for the SIP', async () => {
    const { url, token } = await victim()
    const person = new Person('ada')
    const evilToken = evil.token(evil.claims)
    for (const changes of [{ token: evilToken }, { clientId: evil.origin }, { url: evil.url }]) {
      assert.equal(await post(url, seal(person.answer(token, changes), token)), 403)
    }
  })

  it('cannot show the SIP’s token as its own, nor name its callback', async () => {
    const { token, url } = await victim()
    evil.token = () => token
    await refuses(wallet.read(evil.url))
    evil.token = (claims) => {
      Object.assign(claims['data'] as object, { callbackUrl: url })
      return signRequestToken(claims as never, evil.key)
    }
    await refuses(wallet.read(evil.url))
  })

  it('cannot make requests for the app, not even with the SIP’s id', async () => {
    const { appId } = sandbox.strategyOptions()
    const { sipId } = (await (await fetch(`${sandbox.url}/.well-known/civic-sip`)).json()) as {
      sipId: string
    }
    evil.wellKnown = (document) => ({ ...document, role: 'sip', sipId })
    evil.token = (claims) => {
      claims['sub'] = appId
      Object.assign(claims['data'] as object, { clientId: appId, sipId })
      return signRequestToken(claims as never, evil.key)
    }
    await refuses(wallet.read(evil.url), 'SIP_UNTRUSTED')
    const trusting = new Wallet({
      seed: 'aa'.repeat(16),
      allowPrivate: true,
      trustedSips: [sandbox.url, evil.origin],
    })
    await trusting.read((await victim()).url)
    await refuses(trusting.read(evil.url), 'SIP_UNTRUSTED')
  })

  it('cannot use the SIP’s other tokens as requests', async () => {
    const code = await sandbox.authCode()
    const options = sandbox.strategyOptions()
    for (const token of [code, code.replace(/^[^.]+/, (await victim()).token.split('.')[0]!)]) {
      evil.token = () => token
      evil.wellKnown = (document) => ({
        ...document,
        keys: [wellKnownKey(evil.key)],
      })
      await refuses(wallet.read(evil.url))
    }
    assert.ok(options.sipPublicKey)
  })
})

describe('one origin that is a SIP and a Direct site', () => {
  it('serves one wallet with both, which is known by two userIds', async () => {
    const server = createServer()
    const { port, close } = await listen(server)
    const url = `http://localhost:${port}`
    const ledger = new EmbeddedLedger()
    const direct = new DirectRequests({
      origin: url,
      mount: '/sip/direct',
      name: 'Civic dashboard',
      prvKey: newKey(),
      scopeRequests: ['ANONYMOUS_LOGIN'],
      ledger,
      authorities: [],
      walletUrl: 'https://wallet.example',
      wellKnown: false,
    })
    const keys = newKeyPair()
    const own = new DirectRequests({
      ...{ origin: url, mount: '/sip/direct', name: 'Civic dashboard', prvKey: keys.prvKey },
      ...{ scopeRequests: ['ANONYMOUS_LOGIN'], ledger, authorities: [], walletUrl: 'https://wallet.example' },
      wellKnown: false,
    })
    let routes = own.routes
    const sip = createSip({
      ...{ url, keys, ledger, secret: '1'.repeat(64), mailer: { send: () => undefined } },
      confirm: false,
      before: (req, res, next) => routes(req, res, next),
    })
    server.on('request', sip.router)
    try {
      const { appId } = await sip.createApp({
        ...{ name: 'Shop', whitelist: ['localhost'], pubKey: newKeyPair().pubKey },
      })
      const wallet = new Wallet({ seed: 'bb'.repeat(16), allowPrivate: true, trustedSips: [url] })
      const start = async (): Promise<string> => {
        const response = await fetch(`${url}/sip/direct/start`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Origin: url },
          body: JSON.stringify({ channel: 'scan' }),
        })
        return ((await response.json()) as { link: string }).link
      }
      const asked = await fetch(`${url}/sip/prod/scopeRequest/qrcode`, {
        method: 'POST',
        headers: { Origin: 'http://localhost' },
        body: new URLSearchParams({ appId, ...PRIVATE, challenge: '0'.repeat(64) }),
      })
      const { scopeRequestString } = (await asked.json()) as { scopeRequestString: string }
      const [one, other] = [await wallet.read(await start()), await wallet.read(scopeRequestString)]
      assert.deepEqual([one.clientId, other.clientId], [url, appId])
      assert.match((await wallet.approve(one)).confirm!, /^\d{6}$/)
      assert.deepEqual(await wallet.approve(other), {})
      // By keys that the well-known document does not have, it asks in vain
      routes = direct.routes
      await assert.rejects(wallet.read(await start()), { code: 'REQUEST_REFUSED' })
    } finally {
      await sip.close()
      await close()
    }
  })

  it('is not one client to a wallet', () => {
    const header = Buffer.from('{}').toString('base64url')
    const token = (data: object): string =>
      `${header}.${Buffer.from(JSON.stringify({ data })).toString('base64url')}.`
    const clients = [{ clientId: 'https://sip.example.org' }, { clientId: 'app', sipId: '0'.repeat(32) }].map(
      (data) => clientOf(token(data)),
    )
    const { keys } = new Person('ada')
    assert.equal(new Set(clients.map((client) => keys.site(client).userId)).size, 2)
  })
})
