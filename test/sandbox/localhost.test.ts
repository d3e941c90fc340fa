import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { rawRequest } from './support/request.ts'

const PAGE = { 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Mode': 'navigate' }
const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
const hasIPv6 = addresses.some(({ address }) => address === '::1')

describe('sandbox: localhost and its addresses', () => {
  let sandbox: Sandbox
  let port: string
  before(async () => {
    sandbox = await createSandbox()
    port = new URL(sandbox.url).port
  })
  after(() => sandbox.close())

  it('is reached at localhost, and says so everywhere', () => {
    assert.equal(sandbox.url, `http://localhost:${port}`)
    assert.equal(sandbox.ledgerUrl, `http://localhost:${port}/ledger`)
    assert.equal(sandbox.strategyOptions().api, `http://localhost:${port}/sip/`)
  })

  for (const host of ['127.0.0.1', ...(hasIPv6 ? ['[::1]'] : [])]) {
    it(`listens on ${host} too, and leads pages that are opened there to localhost`, async () => {
      const at = `http://${host}:${port}`
      assert.equal((await rawRequest(`${at}/dashboard/api/settings`)).status, 200)
      const { status, headers } = await rawRequest(`${at}/wallet?a=1`, { headers: PAGE })
      assert.deepEqual([status, headers['location']], [307, `${sandbox.url}/wallet?a=1`])
    })
  }

  it('redirects nothing else: frames, scripts, posts, other paths and requests to localhost', async () => {
    const at = `http://127.0.0.1:${port}`
    const statusOf = async (url: string, options: Parameters<typeof rawRequest>[1]): Promise<number> =>
      (await rawRequest(url, options)).status
    assert.equal(await statusOf(`${at}/`, { headers: { ...PAGE, 'Sec-Fetch-Dest': 'iframe' } }), 200)
    assert.equal(await statusOf(`${at}/`, {}), 200)
    assert.equal(await statusOf(`${at}/nowhere`, { method: 'POST', headers: PAGE }), 404)
    assert.equal(await statusOf(sandbox.url, { headers: PAGE }), 200)
    assert.equal(await statusOf(at, { headers: { ...PAGE, Host: 'evil.example.org' } }), 421)
  })

  for (const host of ['localhost', '127.0.0.1', '::1']) {
    it(`takes --host ${host} for the same`, async () => {
      const other = await createSandbox({ host })
      try {
        assert.match(other.url, /^http:\/\/localhost:\d+$/)
        const { status } = await rawRequest(`${other.url.replace('localhost', '127.0.0.1')}/`)
        assert.equal(status, 200)
      } finally {
        await other.close()
      }
    })
  }

  it('listens only on one address if that is not localhost’s', async function () {
    if (process.platform !== 'linux') this.skip()
    const other = await createSandbox({ host: '127.0.0.2' })
    try {
      assert.match(other.url, /^http:\/\/127\.0\.0\.2:\d+$/)
      assert.ok(await other.authCode())
      await assert.rejects(rawRequest(other.url.replace('127.0.0.2', '127.0.0.1')), { code: 'ECONNREFUSED' })
    } finally {
      await other.close()
    }
  })

  it('does not start on a port that is in use on either address, and leaves nothing behind', async function () {
    if (!hasIPv6) this.skip()
    const holder = createServer().listen(0, '::1')
    await once(holder, 'listening')
    const { port: taken } = holder.address() as AddressInfo
    try {
      await assert.rejects(createSandbox({ port: taken }), { code: 'EADDRINUSE' })
      await assert.rejects(rawRequest(`http://127.0.0.1:${taken}/`), { code: 'ECONNREFUSED' })
    } finally {
      holder.close()
      await once(holder, 'close')
    }
  })
})
