import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EmbeddedLedger } from 'civic-attestations'
import type { Issuer } from 'civic-attestations'
import { createSip } from 'civic-sip-server'
import type { AttesterOptions, Sip, SipOptions } from 'civic-sip-server'
import { privateKeyHex, publicKeyHex } from 'passport-civic-sip/crypto'
import { walletKey } from '../support/attesting.ts'

type Signers = NonNullable<AttesterOptions['signers']>

describe('sip: createSip()', () => {
  let server: Server
  let sip: Sip
  const mails: string[] = []
  const options = (url: string): SipOptions => ({
    url,
    secret: 'ab'.repeat(32),
    keys: newKeys(),
    ledger: new EmbeddedLedger({ now: Date.now }),
    mailer: { send: ({ to }) => void mails.push(to) },
    links: [{ name: 'Status', url: '/status' }],
    before: (req, res, next) => {
      if (req.url === '/status') res.end('fine')
      else next()
    },
  })
  before(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    sip = createSip(options(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    server.on('request', sip.router)
  })
  after(async () => {
    await sip.close()
    server.close()
    server.closeAllConnections()
  })

  function newKeys(): { prvKey: string; pubKey: string } {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return { prvKey: privateKeyHex(privateKey), pubKey: publicKeyHex(publicKey) }
  }
  const ask = (appId: string, origin: string): Promise<Response> =>
    fetch(`${sip.url}/sip/prod/1.0/scopeRequest/qrcode`, {
      method: 'POST',
      headers: { Origin: origin },
      body: new URLSearchParams({ appId, verificationLevel: 'civicBasic', challenge: '0'.repeat(64) }),
    })

  it('serves an app whose partner keeps the private key', async () => {
    const { pubKey } = newKeys()
    const made = await sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey })
    assert.deepEqual(Object.keys(made), ['appId', 'appSecret'])
    assert.match(made.appSecret, /^[0-9a-f]{32}$/)
    assert.equal((await ask(made.appId, 'https://shop.example.org')).status, 200)
    assert.equal((await ask(made.appId, 'https://other.example.org')).status, 403)
  })

  it('accepts only a valid public key', async () => {
    const { prvKey, pubKey } = newKeys()
    for (const wrong of [undefined, '', prvKey, `05${pubKey.slice(2)}`, `${pubKey.slice(0, -1)}g`, 5]) {
      await assert.rejects(
        sip.createApp({ name: 'Shop', pubKey: wrong as string }),
        (error: unknown) => error instanceof TypeError && error.message.startsWith('pubKey: '),
      )
    }
  })

  it('asks who signs for the attester only when needed, because deriving keys is slow', async () => {
    const xpub = walletKey(Buffer.alloc(32, 7)).xpub
    let asked = 0
    const signers: Signers = {
      get parties(): Signers['parties'] {
        asked++
        return { authority: { xpub, path: '/0' }, cosigners: [{ xpub }, { xpub }] } satisfies Issuer
      },
      sign: () => Promise.reject(new Error('nothing is signed')),
    }
    const other = createSip({ ...options('http://127.0.0.1'), attester: { signers } })
    assert.equal(asked, 0)
    assert.deepEqual(other.authorities, [xpub])
    await other.close()
  })

  it('runs the middleware before its routes, and links its pages', async () => {
    assert.equal(await (await fetch(`${sip.url}/status`)).text(), 'fine')
    const settings = (await (await fetch(`${sip.url}/dashboard/api/settings`)).json()) as { links: unknown }
    assert.deepEqual(settings.links, [{ name: 'Status', url: '/status' }])
  })

  it('contains nothing of a test world', async () => {
    for (const [method, path] of [
      ['GET', '/dashboard/api/mail'],
      ['POST', '/dashboard/api/mine'],
      ['GET', '/wallet/api/people'],
      ['POST', '/dev/authCode'],
      ['GET', '/sandbox'],
    ] as const) {
      const response = await fetch(sip.url + path, { method })
      assert.equal(response.status, 404, path)
      assert.doesNotMatch(await response.text(), /sandbox (?:has|is)/)
    }
  })

  it('sends codes with the given mailer', async () => {
    const { xpub } = walletKey(Buffer.alloc(32, 7))
    const response = await fetch(`${sip.url}/attester/codes`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ xpub, label: 'contact.personal.email', value: 'ada@example.org' }),
    })
    assert.equal(response.status, 202)
    assert.deepEqual(mails, ['ada@example.org'])
  })

  it('says which option is wrong', () => {
    const wrong: [object, RegExp][] = [
      [{ url: 'sip.example.org' }, /^url: /],
      [{ url: 'https://sip.example.org/' }, /^url: /],
      [{ url: () => 'https://sip.example.org' }, /^url: /],
      [{ secret: 'short' }, /^secret: 64 hex digits$/],
      [{ mail: {} }, /^mail is not an option\. Did you mean mailer\?$/],
      [{ allowHosts: ['a b'] }, /^allowHosts: /],
    ]
    for (const [change, message] of wrong) {
      assert.throws(
        () => createSip({ ...options('https://sip.example.org'), ...change }),
        (error: unknown) => error instanceof TypeError && message.test(error.message),
      )
    }
  })

  it('ends with its block (await using)', async () => {
    const other = createSip(options('http://127.0.0.1:1'))
    await other[Symbol.asyncDispose]()
  })
})
