import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip } from 'civic-sip-server'
import type { Sip } from 'civic-sip-server'
import { privateKeyHex, publicKeyHex } from 'passport-civic-sip/crypto'
import { MemoryLimits } from '../../sip/lib/http/rate-limits.ts'

describe('sip: limits', () => {
  let server: Server
  let sip: Sip
  let appId: string
  const amount = (points: number) => ({ points, duration: 60, isShared: true })

  before(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const keys = { prvKey: privateKeyHex(privateKey), pubKey: publicKeyHex(publicKey) }
    sip = createSip({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      secret: 'ab'.repeat(32),
      keys,
      ledger: new EmbeddedLedger({ now: Date.now }),
      mailer: { send: () => undefined },
      trustProxy: 1,
      limits: new MemoryLimits({
        request: amount(9),
        ask: amount(2),
        'ask of app': amount(5),
        attest: amount(1),
      }),
    })
    server.on('request', sip.router)
    appId = (await sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey: keys.pubKey }))
      .appId
  })
  after(async () => {
    await sip.close()
    server.close()
    server.closeAllConnections()
  })

  const from = (address: string) => ({ Origin: 'https://shop.example.org', 'X-Forwarded-For': address })
  const ask = (address: string, app = appId): Promise<Response> =>
    fetch(`${sip.url}/sip/prod/1.0/scopeRequest/qrcode`, {
      method: 'POST',
      headers: from(address),
      body: new URLSearchParams({ appId: app, verificationLevel: 'civicBasic', challenge: '0'.repeat(64) }),
    })

  it('refuse an address that asks too often, and say when it may ask again', async () => {
    assert.equal((await ask('192.0.2.1')).status, 200)
    assert.equal((await ask('192.0.2.1')).status, 200)
    const refused = await ask('192.0.2.1')
    assert.equal(refused.status, 429)
    assert.match(refused.headers.get('retry-after') ?? '', /^(?:60|59)$/)
    const { message } = (await refused.json()) as { message: string }
    assert.match(message, /^too many requests: try again in \d+ s$/)
  })

  it('count an address by the proxy that is trusted, not by what the caller says', async () => {
    for (const address of ['192.0.2.2', '203.0.113.9, 192.0.2.2'])
      assert.equal((await ask(address)).status, 200)
    assert.equal((await ask('198.51.100.7, 192.0.2.2')).status, 429)
  })

  it('refuse an app that asks too often, from any address', async () => {
    assert.equal((await ask('192.0.2.3')).status, 200)
    assert.equal((await ask('192.0.2.4')).status, 429)
    const activities = await (
      await fetch(`${sip.url}/dashboard/api/activities`, { headers: from('192.0.2.9') })
    ).text()
    assert.doesNotMatch(activities, /too many requests/, 'a flood is not listed')
  })

  it('count changes at the attester, not reads', async () => {
    const call = (method: string): Promise<Response> =>
      fetch(`${sip.url}/attester${method === 'GET' ? '' : '/codes'}`, {
        method,
        headers: { ...from('192.0.2.5'), 'Content-Type': 'application/json' },
        ...(method === 'POST' && { body: '{}' }),
      })
    for (const [method, status] of [
      ['GET', 200],
      ['GET', 200],
      ['POST', 400],
      ['POST', 429],
      ['GET', 200],
    ] as const)
      assert.equal((await call(method)).status, status)
  })

  it('bound all requests of an address', async () => {
    const get = (): Promise<Response> => fetch(`${sip.url}/attester`, { headers: from('192.0.2.6') })
    for (let count = 0; count < 9; count++) assert.equal((await get()).status, 200)
    assert.equal((await get()).status, 429)
  })
})
