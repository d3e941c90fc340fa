import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { rawRequest } from './support/request.ts'

describe('sandbox: safe on a developer’s machine', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())

  const hosts: [string, number][] = [
    ['127.0.0.1', 404],
    ['localhost:4000', 404],
    ['LOCALHOST', 404],
    ['[::1]:4000', 404],
    ['evil.example.org', 421],
    ['evil.example.org:4000', 421],
    ['localhost.evil.example.org', 421],
    ['127.0.0.1.evil.example.org:4000', 421],
    ['127.0.0.1:4000:4000', 421],
    ['192.168.0.7', 421],
  ]
  for (const [host, status] of hosts) {
    it(`answers ${status} to Host ${JSON.stringify(host)}`, async () => {
      for (const path of ['/nowhere', '/sip/prod/scopeRequest/nowhere']) {
        assert.equal((await rawRequest(sandbox.url + path, { headers: { Host: host } })).status, status)
      }
    })
  }

  it('responds at further names if configured, and at no others', async () => {
    const open = await createSandbox({ allowHosts: ['sip.example.test', 'SANDBOX'] })
    const statusOf = async (host: string): Promise<number> =>
      (await rawRequest(`${open.url}/nowhere`, { headers: { Host: host } })).status
    try {
      for (const host of ['sip.example.test', 'sip.example.test:4000', 'sandbox', 'localhost']) {
        assert.equal(await statusOf(host), 404, host)
      }
      for (const host of ['example.test', 'x.sip.example.test', 'sip.example.test.evil.example.org']) {
        assert.equal(await statusOf(host), 421, host)
      }
    } finally {
      await open.close()
    }
  })

  it('names the option in the refusal', async () => {
    const { text } = await rawRequest(sandbox.url, { headers: { Host: 'sip.example.test' } })
    assert.match(text, /--allow-host NAME/)
  })

  it('accepts only host names for these', async () => {
    for (const name of ['', '*', '*.example.test', 'http://sip.example.test', 'sip:4000', 'a b', 'x/', 5]) {
      await assert.rejects(createSandbox({ allowHosts: [name as string] }), /allowHosts: host names/)
    }
  })

  it('reads no scheme from a header unless further names are configured', async () => {
    const headers = { 'X-Forwarded-Proto': 'https', Origin: 'https://localhost', Host: 'localhost' }
    const path = '/dashboard/api/settings'
    assert.equal((await rawRequest(sandbox.url + path, { headers })).status, 403)
  })

  it('responds at this machine’s names if it listens on all its addresses', async () => {
    const open = await createSandbox({ host: '0.0.0.0' })
    assert.match(open.url, /^http:\/\/localhost:\d+$/)
    const refused = await rawRequest(`${open.url}/nowhere`, { headers: { Host: 'evil.example.org' } })
    await open.close()
    assert.equal(refused.status, 421)
  })

  it('forbids framing, sniffing and inline scripts in its responses', async () => {
    const { headers } = await rawRequest(`${sandbox.url}/nowhere`)
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['x-powered-by'], undefined)
  })

  it('does not reveal internal errors', async () => {
    const { status, text } = await rawRequest(`${sandbox.url}/payloads/%E0%A4%A`)
    assert.equal(status, 400)
    assert.doesNotMatch(text, /node_modules|at .*:\d+/)
  })
})
