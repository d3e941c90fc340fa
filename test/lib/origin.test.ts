import assert from 'node:assert/strict'
import { runInNewContext } from 'node:vm'
import express from 'express'
import request from 'supertest'
import { crossOrigin } from '../../lib/origin.ts'
import type { AnyRequest, OriginCheck, RequestLike } from '../../lib/origin.ts'

const TRUSTED = 'https://partner.example.org'
const OWN = 'https://www.example.org'

function isFromOwnPage(req: AnyRequest, mode: OriginCheck, trusted: ReadonlySet<string>): boolean {
  return crossOrigin(req, mode, trusted) === undefined
}

interface Case {
  method?: string
  site?: string
  origin?: string
  host?: string
}

function check(
  { method = 'POST', site, origin, host = 'www.example.org' }: Case,
  mode: OriginCheck = true,
  more: object = {},
): boolean {
  const headers = {
    host,
    ...(site !== undefined && { 'sec-fetch-site': site }),
    ...(origin !== undefined && { origin }),
  }
  return isFromOwnPage({ method, headers, ...more }, mode, new Set([TRUSTED]))
}

describe('the origin check', () => {
  describe('with Sec-Fetch-Site', () => {
    it('same-origin passes, whatever the method and the mode', () => {
      for (const method of ['POST', 'PUT', 'GET', 'HEAD']) {
        assert.ok(check({ method, site: 'same-origin' }))
        assert.ok(check({ method, site: 'same-origin' }, 'strict'))
      }
    })
    for (const site of ['same-site', 'cross-site']) {
      it(`${site} passes only with a trusted Origin`, () => {
        assert.ok(check({ site, origin: TRUSTED }))
        assert.ok(!check({ site }))
        assert.ok(!check({ site, origin: OWN }))
        assert.ok(!check({ site, origin: 'https://evil.example.org' }))
        assert.ok(!check({ site, origin: 'null' }))
      })
    }
    it('none passes for POST', () => {
      assert.ok(check({ site: 'none' }))
      assert.ok(check({ site: 'none' }, 'strict'))
      assert.ok(!check({ site: 'none', method: 'PUT' }))
    })
    it('an unknown value fails', () => {
      for (const site of ['', 'SAME-ORIGIN', 'same-origin, cross-site', 'other'])
        assert.ok(!check({ site, origin: OWN }))
    })
  })

  describe('without it', () => {
    it('the own Origin passes, and a trusted one', () => {
      assert.ok(check({ origin: OWN }))
      assert.ok(check({ origin: TRUSTED }))
      assert.ok(check({ origin: OWN }, 'strict'))
    })
    it('null, another host, another port and no origin at all fail', () => {
      for (const origin of [
        'null',
        '',
        'https://evil.example.org',
        `${OWN}:8443`,
        `${OWN}/`,
        'HTTPS://WWW.EXAMPLE.ORG',
        'www.example.org',
        'ftp://www.example.org',
        'chrome-extension://www.example.org',
      ]) {
        assert.ok(!check({ origin }), origin)
      }
    })
    it('the port counts', () => {
      assert.ok(check({ origin: 'http://localhost:3000', host: 'localhost:3000' }))
      assert.ok(!check({ origin: 'http://localhost:3001', host: 'localhost:3000' }))
      assert.ok(check({ origin: OWN, host: 'www.example.org:443' }))
    })
    it('an https Origin matches a framework that says http, since TLS may end at a proxy', () => {
      assert.ok(check({ origin: OWN }, true, { protocol: 'http' }))
      assert.ok(check({ origin: 'http://www.example.org' }, true, { protocol: 'http' }))
    })
    it('an http Origin matches a server that has no framework, and no TLS', () => {
      const own = { origin: 'http://www.example.org' }
      assert.ok(check(own))
      assert.ok(check(own, true, { socket: {} }))
    })
    it('an http Origin never matches https', () => {
      assert.ok(!check({ origin: 'http://www.example.org' }, true, { protocol: 'https' }))
      assert.ok(!check({ origin: 'http://www.example.org' }, true, { socket: { encrypted: true } }))
    })
    it('both headers absent pass, unless strict', () => {
      assert.ok(check({}))
      assert.ok(!check({}, 'strict'))
    })
    it('no Host, or an invalid one, matches no origin', () => {
      assert.ok(!check({ origin: OWN, host: '[' }))
      const twice = { origin: OWN, host: ['www.example.org'] }
      assert.ok(!isFromOwnPage({ method: 'POST', headers: twice }, true, new Set()))
      assert.ok(!isFromOwnPage({ method: 'POST', headers: { origin: OWN } }, true, new Set()))
    })
  })

  it('GET and HEAD pass only with same-origin', () => {
    for (const method of ['GET', 'HEAD']) {
      for (const site of [undefined, 'none', 'same-site', 'cross-site']) {
        assert.ok(!check({ method, origin: TRUSTED, ...(site && { site }) }))
      }
    }
  })

  it('a method in small letters is the same method', () => {
    assert.ok(!check({ method: 'get' }))
    assert.ok(!check({ method: 'head', origin: OWN }))
    assert.ok(check({ method: 'post', site: 'none' }))
  })

  it('a request without a method is an error for the developer, not a pass', () => {
    for (const method of [undefined, null, 7]) {
      const req = { method, headers: {} } as never
      assert.throws(() => crossOrigin(req, true, new Set()), {
        name: 'TypeError',
        message: /^req\.method must/,
      })
    }
  })

  describe('says which check failed', () => {
    const reasonOf = (headers: Record<string, string>, method = 'POST'): string | undefined =>
      crossOrigin({ method, headers }, 'strict', new Set([TRUSTED]))?.reason
    const reasons: [string | undefined, Record<string, string>, string?][] = [
      [undefined, { 'sec-fetch-site': 'same-origin' }],
      ['site', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
      ['site', { 'sec-fetch-site': 'none' }, 'PUT'],
      ['site', { 'sec-fetch-site': 'other' }],
      ['origin', { origin: 'https://evil.example.org' }],
      ['unstated', {}],
      ['method', { origin: TRUSTED }, 'GET'],
    ]
    for (const [reason, headers, method] of reasons) {
      it(`${reason ?? 'nothing'} for ${method ?? 'POST'} ${JSON.stringify(headers)}`, () =>
        assert.equal(reasonOf(headers, method), reason))
    }
  })

  describe('reads headers of every shape', () => {
    const shapes: Record<string, (headers: Record<string, string>) => unknown> = {
      'names in small letters': (headers) => headers,
      'names in capitals': (headers) =>
        Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
      'no prototype': (headers) => Object.assign(Object.create(null) as object, headers),
      'of another realm': (headers) => runInNewContext(`(${JSON.stringify(headers)})`) as unknown,
      'Fetch Headers': (headers) => new Headers(headers),
      'an object with get': (headers) => ({ get: (name: string) => headers[name] }),
      'a Map': (headers) => new Map(Object.entries(headers)),
      'a Map with names in capitals': (headers) =>
        new Map(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    }
    for (const [shape, make] of Object.entries(shapes)) {
      it(shape, () => {
        const passes = (
          headers: Record<string, string>,
          mode: OriginCheck = true,
          method = 'POST',
        ): boolean =>
          isFromOwnPage({ method, headers: make(headers) } as AnyRequest, mode, new Set([TRUSTED]))
        assert.ok(!passes({ 'sec-fetch-site': 'cross-site' }))
        assert.ok(!passes({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.org' }))
        assert.ok(!passes({ origin: 'https://evil.example.org', host: 'www.example.org' }))
        assert.ok(!passes({ origin: OWN }))
        assert.ok(!passes({}, 'strict'))
        assert.ok(!passes({}, true, 'GET'))
        assert.ok(passes({ 'sec-fetch-site': 'same-origin' }, 'strict', 'GET'))
        assert.ok(passes({ 'sec-fetch-site': 'cross-site', origin: TRUSTED }, 'strict'))
        assert.ok(passes({ origin: OWN, host: 'www.example.org' }, 'strict'))
        assert.ok(passes({}))
      })
    }

    it('a duplicate header never passes', () => {
      for (const headers of [
        { 'sec-fetch-site': 'same-origin', 'Sec-Fetch-Site': 'cross-site' },
        { 'sec-fetch-site': ['same-origin'] },
        { 'sec-fetch-site': ['same-origin', 'cross-site'] },
        { 'sec-fetch-site': null },
        { origin: [OWN], host: 'www.example.org' },
        { origin: OWN, host: 'www.example.org', HOST: 'other' },
      ]) {
        assert.ok(!isFromOwnPage({ method: 'POST', headers } as AnyRequest, true, new Set()))
      }
    })

    it('an undefined header counts as absent', () => {
      const headers = { 'sec-fetch-site': undefined, 'Sec-Fetch-Site': 'same-origin' }
      assert.ok(isFromOwnPage({ method: 'POST', headers }, 'strict', new Set()))
    })

    class Kept {
      readonly #site = 'cross-site'
      get 'sec-fetch-site'(): string {
        return this.#site
      }
    }
    const unreadable: Record<string, unknown> = {
      nothing: undefined,
      null: null,
      text: 'Sec-Fetch-Site: cross-site',
      pairs: [['Sec-Fetch-Site', 'cross-site']],
      'raw headers': ['Sec-Fetch-Site', 'cross-site'],
      'a Set': new Set(['Sec-Fetch-Site: cross-site']),
      'a class of somebody': new Kept(),
      'inherited names': Object.create({ 'sec-fetch-site': 'cross-site' }) as unknown,
      'a promise of Headers': Promise.resolve(new Headers()),
      'a get that promises': { get: () => Promise.resolve('cross-site') },
      'a function': () => 'cross-site',
    }
    for (const [shape, headers] of Object.entries(unreadable)) {
      it(`but for ${shape}: an error to the developer, not a pass`, () => {
        for (const mode of [true, 'strict'] as const) {
          assert.throws(() => crossOrigin({ method: 'POST', headers } as never, mode, new Set()), {
            name: 'TypeError',
            message: 'req.headers must be an object of header names and values, or a Headers object',
          })
        }
      })
    }
  })

  it('compares an origin of another scheme literally', () => {
    const app = new Set(['capacitor://localhost'])
    const passes = (origin: string, site?: string): boolean =>
      isFromOwnPage(
        { method: 'POST', headers: { origin, ...(site && { 'sec-fetch-site': site }) } },
        true,
        app,
      )
    assert.ok(passes('capacitor://localhost'))
    assert.ok(passes('capacitor://localhost', 'cross-site'))
    for (const origin of ['null', 'ionic://localhost', 'capacitor://localhost:1', 'capacitor://localhost/'])
      assert.ok(!passes(origin, 'cross-site') && !passes(origin), origin)
  })

  it('false turns it off', () => assert.ok(check({ site: 'cross-site' }, false)))

  describe('determines the own host like the framework', () => {
    const server = (trustProxy: boolean): express.Express => {
      const app = express()
      app.set('trust proxy', trustProxy)
      return app.post('/', (req, res) => void res.json(isFromOwnPage(req, true, new Set())))
    }
    const proxied = { Host: 'inner:3000', 'X-Forwarded-Host': 'www.example.org, other', Origin: OWN }

    it('behind a proxy that Express trusts', async () => {
      assert.equal((await request(server(true)).post('/').set(proxied)).body, true)
      assert.equal(
        (await request(server(true)).post('/').set({ Host: 'www.example.org', Origin: OWN })).body,
        true,
      )
    })
    it('not by a header that anybody can send', async () => {
      assert.equal((await request(server(false)).post('/').set(proxied)).body, false)
      assert.equal(
        check({ origin: OWN, host: 'inner' }, true, { headers: { ...proxied, host: 'inner', origin: OWN } }),
        false,
      )
    })
    it('with its port, which Express 4 leaves out of req.host', () => {
      const app = { get: () => () => false }
      const req = { app, protocol: 'http', host: 'localhost' }
      assert.ok(check({ origin: 'http://localhost:3000', host: 'localhost:3000' }, true, req))
      assert.ok(!check({ origin: 'http://localhost', host: 'localhost:3000' }, true, req))
    })
    it('of Koa, which keeps it on its context', () => {
      // What koa-passport makes: its app is no Koa app, so that the host it inherits is not the proxied one
      const app = { get: () => undefined }
      const req = { app, ctx: { host: 'www.example.org' }, host: 'inner', protocol: 'https' }
      assert.ok(check({ origin: OWN, host: 'inner' }, true, req))
      assert.ok(!check({ origin: 'https://inner', host: 'inner' }, true, req))
      assert.ok(check({ origin: 'https://inner', host: 'inner' }, true, { ...req, ctx: {} }))
    })
    it('of Fastify, which puts it on the request', () => {
      assert.ok(check({ origin: OWN, host: 'inner' }, true, { host: 'www.example.org', protocol: 'https' }))
    })
    it('of HTTP/2, which has no Host', () => {
      const req: RequestLike = { method: 'POST', headers: { ':authority': 'www.example.org', origin: OWN } }
      assert.ok(isFromOwnPage(req, true, new Set()))
    })
  })
})
