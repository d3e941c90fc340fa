import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip } from 'civic-sip-server'
import type { Sip } from 'civic-sip-server'
import type { SandboxStrategyOptions } from 'civic-sip-sandbox'
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { listen } from '../support/http.ts'
import type { Listening } from '../support/http.ts'
import { postCode } from '../support/partner.ts'
import { AskingPage } from '../support/through-proxy.ts'

const SITE = 'https://shop.example.org'
const TWO_MINUTES = 120_000

describe('sip: a server whose clock is two minutes off', () => {
  let offset = 0
  let listening: Listening
  let sip: Sip
  let wallet: Wallet
  let client: CivicClient
  let partner: SandboxStrategyOptions

  before(async () => {
    const server = createServer()
    listening = await listen(server)
    const keys = newKeyPair()
    sip = createSip({
      url: `http://localhost:${listening.port}`,
      secret: 'ab'.repeat(32),
      keys,
      ledger: new EmbeddedLedger({ now: Date.now }),
      clock: () => Date.now() + offset,
    })
    server.on('request', sip.router)
    wallet = new Wallet({ seed: randomBytes(32), trustedSips: [sip.url], allowPrivate: true })
    const { prvKey, pubKey } = newKeyPair()
    const app = await sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey })
    partner = { ...app, prvKey, api: `${sip.url}/sip/`, env: 'prod', sipPublicKey: keys.pubKey }
    client = new CivicClient(partner)
  })
  beforeEach(() => (offset = 0))
  after(async () => {
    await sip.close()
    await listening.close()
  })

  /** @returns the code of a login that a wallet has approved */
  async function approved(): Promise<string> {
    const page = new AskingPage(fetch, sip.url, SITE)
    const { confirm } = await wallet.approve(
      await wallet.read(await page.ask(partner.appId, 'ANONYMOUS_LOGIN')),
    )
    await page.confirm(confirm)
    return (await page.poll()).authResponse ?? assert.fail('there is no code')
  }

  it('ahead is refused by wallets, which say why', async () => {
    offset = TWO_MINUTES
    await assert.rejects(approved(), {
      code: 'REQUEST_REFUSED',
      message: 'The request is refused: it is from the future',
    })
  })

  it('ahead is refused by sites, which say that the time does not fit', async () => {
    const code = await approved()
    offset = TWO_MINUTES
    await assert.rejects(client.exchangeCode(code), {
      code: 'CIVIC_BAD_ANSWER',
      reason: 'token',
      message: /for this app and this time/,
    })
  })

  it('behind refuses what sites sign, asks about the clock, and keeps the code until it is right', async () => {
    offset = -TWO_MINUTES
    const code = await approved()
    const refused = await postCode(partner, code)
    assert.deepEqual(
      [refused.status, await refused.json()],
      [
        401,
        {
          statusCode: 401,
          message: 'Unauthorized: the request token is from the future: is the clock right?',
        },
      ],
    )
    await assert.rejects(client.exchangeCode(code), { code: 'CIVIC_APP_REJECTED', reason: 'credentials' })
    offset = 0
    assert.match((await client.exchangeCode(code)).userId, /^[0-9a-f]{64}$/)
  })
})
