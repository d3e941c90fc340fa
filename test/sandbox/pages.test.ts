import assert from 'node:assert/strict'
import { createSandbox, type Sandbox } from 'civic-sip-sandbox'
import { rawRequest } from './support/request.ts'

describe('sandbox: what browsers load', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())

  const scripts: [string, RegExp][] = [
    ['/js/civic.sip.min.js', /^text\/javascript/],
    ['/js/civic.sip-v0.1.js', /^text\/javascript/],
    ['/css/civic-modal.min.css', /^text\/css/],
    ['/css/civic-modal.css', /^text\/css/],
    ['/sip/js/civic.sip.min.js', /^text\/javascript/],
    ['/sip/css/civic-modal.min.css', /^text\/css/],
  ]
  for (const [path, type] of scripts) {
    it(`${path} is for every site’s pages, and is cached`, async () => {
      const { status, headers, text } = await rawRequest(sandbox.url + path)
      assert.equal(status, 200)
      assert.match(headers['content-type'] as string, type)
      assert.equal(headers['cross-origin-resource-policy'], 'cross-origin')
      assert.equal(headers['access-control-allow-origin'], '*')
      assert.match(headers['cache-control'] as string, /max-age/)
      assert.ok(text.length > 100)
      const again = await rawRequest(sandbox.url + path, {
        headers: { 'If-None-Match': headers['etag'] as string },
      })
      assert.equal(again.status, 304)
    })
  }

  it('the iframe page may be framed by the pages of its app, and by no others', async () => {
    const { appId } = sandbox.createApp({
      name: 'Shop',
      whitelist: ['https://shop.example.org', 'localhost'],
    })
    const { status, headers } = await rawRequest(`${sandbox.url}/scopeRequest/prod/index.html?appId=${appId}`)
    assert.equal(status, 200)
    assert.match(
      headers['content-security-policy'] as string,
      /frame-ancestors https:\/\/shop\.example\.org http:\/\/localhost:\* https:\/\/localhost:\*$/,
    )
    const closed = sandbox.createApp({ name: 'Closed' })
    const nobody = await rawRequest(`${sandbox.url}/scopeRequest/prod/index.html?appId=${closed.appId}`)
    assert.match(nobody.headers['content-security-policy'] as string, /frame-ancestors 'none'$/)
    const paths = [
      '/scopeRequest/prod/index.html?appId=nobody',
      '/scopeRequest/prod/index.html',
      `/scopeRequest/qa/index.html?appId=${appId}`,
    ]
    for (const path of paths) assert.equal((await rawRequest(sandbox.url + path)).status, 404)
    for (const file of ['frame.js', 'frame.css']) {
      assert.equal((await rawRequest(`${sandbox.url}/scopeRequest/prod/${file}`)).status, 200)
    }
  })

  it('nothing above their folders', async () => {
    for (const path of [
      '/scopeRequest/prod/..%2f..%2fcli.js',
      '/scopeRequest/prod/..%2fcivic.sip.min.js',
      '/wallet/..%2f..%2fcli.js',
      '/dashboard/%2e%2e/%2e%2e/cli.js',
      '/js/..%2fcli.js',
    ]) {
      const { status, text } = await rawRequest(sandbox.url + path)
      assert.ok(status === 403 || status === 404, `${status} for ${path}`)
      assert.doesNotMatch(text, /parseArgs/)
    }
  })
})
