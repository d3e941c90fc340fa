import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { rawRequest } from './support/request.ts'

describe('sandbox: the files for browsers', () => {
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
      '/scopeRequest/prod/index.html?appId=',
      `/scopeRequest/prod/index.html?appId=${appId}&appId=${appId}`,
      `/scopeRequest/qa/index.html?appId=${appId}`,
    ]
    for (const path of paths) assert.equal((await rawRequest(sandbox.url + path)).status, 404)
  })

  it('the iframe page without an app may be framed by the pages of any app', async () => {
    const whitelist = ['https://shop.example.org', 'https://test.example.org']
    sandbox.createApp({ name: 'Shop', whitelist: whitelist.slice(0, 1) })
    sandbox.createApp({ name: 'Shop to be', whitelist, environment: 'test' })
    const { status, headers } = await rawRequest(`${sandbox.url}/scopeRequest/prod/index.html`)
    assert.equal(status, 200)
    const [, ancestors = ''] = (headers['content-security-policy'] as string).split('frame-ancestors ')
    const sources = ancestors.split(' ')
    assert.equal(new Set(sources).size, sources.length, 'each once')
    for (const source of [...whitelist, 'http://localhost:*']) assert.ok(sources.includes(source), source)
    assert.ok(sources.every((source) => /^https?:\/\/[^*]+(?::\*)?$/.test(source)))
  })

  it('the iframe page without an app names no more than the page that it is in', async () => {
    sandbox.createApp({ name: 'Shop', whitelist: ['https://old.example.org', 'older.example.org'] })
    const framers = async (referer: string): Promise<string | undefined> => {
      const { headers } = await rawRequest(`${sandbox.url}/scopeRequest/prod/index.html`, {
        headers: { Referer: referer },
      })
      assert.match(headers['vary'] as string, /Referer/)
      return (headers['content-security-policy'] as string).split('frame-ancestors ')[1]
    }
    assert.equal(await framers('https://old.example.org/login?next=1'), 'https://old.example.org')
    assert.equal(
      await framers('https://older.example.org:8443/'),
      'http://older.example.org:* https://older.example.org:*',
    )
    assert.equal(await framers('https://evil.example.org/'), "'none'")
    assert.match((await framers('capacitor://localhost/')) ?? '', /https:\/\/old\.example\.org/)
  })

  for (const stage of ['prod', 'test', 'dev']) {
    it(`the iframe page’s files are in the folder of the stage ${stage}, which leads to the page`, async () => {
      for (const file of ['frame.js', 'frame.css']) {
        assert.equal((await rawRequest(`${sandbox.url}/scopeRequest/${stage}/${file}`)).status, 200)
      }
      for (const path of [`/scopeRequest/${stage}`, `/scopeRequest/${stage}/`]) {
        const { status, headers } = await rawRequest(`${sandbox.url}${path}?appId=a%26b`)
        assert.equal(status, 302)
        assert.equal(headers['location'], `/scopeRequest/${stage}/index.html?appId=a%26b`)
      }
    })
  }

  it('no other stage has an iframe page', async () => {
    for (const path of ['', '/', '/index.html', '/frame.js'])
      assert.equal((await rawRequest(`${sandbox.url}/scopeRequest/qa${path}`)).status, 404)
    assert.equal((await rawRequest(`${sandbox.url}/sip/qa/scopeRequest?appId=a`)).status, 404)
  })

  describe('the iframe page of 2017, which requests the code itself,', () => {
    const load = (query: string, referer?: string) =>
      rawRequest(`${sandbox.url}/scopeRequest/prod/index.html?${query}`, {
        headers: referer === undefined ? {} : { Referer: referer },
      })
    const old = (appId: string): string => `appId=${appId}&verificationLevel=civicBasic&isMobile=false&uuid=`
    let appId: string
    before(() => {
      appId = sandbox.createApp({ name: 'Shop', whitelist: ['https://shop.example.org'] }).appId
    })

    it('may be framed by the pages of its app, and has a ticket', async () => {
      for (const referer of [undefined, 'https://shop.example.org/login?next=1']) {
        const { status, headers, text } = await load(old(appId), referer)
        assert.equal(status, 200)
        assert.match(headers['content-security-policy'] as string, /ancestors https:\/\/shop\.example\.org$/)
        assert.match(text, /<html data-ticket="[\w-]+\.[\w-]+" lang/)
        assert.equal(headers['cache-control'], 'no-store')
      }
    })

    it('is not for another site, nor without an app that exists', async () => {
      for (const referer of ['https://evil.example.org/', 'http://shop.example.org/', 'about:blank']) {
        const { status, text } = await load(old(appId), referer)
        assert.equal(status, 403, referer)
        assert.doesNotMatch(text, /ticket/)
      }
      for (const query of [old('nobody'), 'isMobile=false']) assert.equal((await load(query)).status, 404)
    })

    it('was at the API at first, which redirects to it and does not hide the site from it', async () => {
      const { status, headers } = await rawRequest(`${sandbox.url}/sip/prod/scopeRequest?appId=${appId}`)
      assert.equal(status, 302)
      assert.equal(headers['location'], `/scopeRequest/prod/index.html?isMobile=false&appId=${appId}`)
      assert.equal(headers['referrer-policy'], 'strict-origin-when-cross-origin')
    })

    it('has no ticket if the page around it sends messages', async () => {
      for (const query of [`appId=${appId}`, '']) assert.doesNotMatch((await load(query)).text, /data-ticket/)
    })
  })

  it('nothing above their folders', async () => {
    for (const path of [
      '/scopeRequest/prod/..%2f..%2fcli.js',
      '/scopeRequest/prod/..%2fcivic.sip.min.js',
      '/dashboard/%2e%2e/%2e%2e/cli.js',
      '/js/..%2fcli.js',
    ]) {
      const { status, text } = await rawRequest(sandbox.url + path)
      assert.ok(status === 403 || status === 404, `${status} for ${path}`)
      assert.doesNotMatch(text, /parseArgs/)
    }
  })
})
