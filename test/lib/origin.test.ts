import assert from 'node:assert/strict'
import express from 'express'
import request from 'supertest'
import { isFromOwnPage, type OriginCheck, type RequestLike } from '../../lib/origin.ts'

const TRUSTED = 'https://partner.example.org'
const OWN = 'https://www.example.org'

interface Case {
  method?: string
  site?: string
  origin?: string
  host?: string
}

const check = (
  { method = 'POST', site, origin, host = 'www.example.org' }: Case,
  mode: OriginCheck = true,
  more: object = {},
): boolean => {
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
    it('a value nobody knows fails', () => {
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
    it('an https Origin matches a framework that says http, where TLS ends at a proxy', () => {
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
    it('no Host, or one that is none, is nobody’s own', () => {
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

  it('false turns it off', () => assert.ok(check({ site: 'cross-site' }, false)))

  describe('knows the own host as the framework does', () => {
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
    it('of Fastify, which puts it on the request', () => {
      assert.ok(check({ origin: OWN, host: 'inner' }, true, { host: 'www.example.org', protocol: 'https' }))
    })
    it('of HTTP/2, which has no Host', () => {
      const req: RequestLike = { method: 'POST', headers: { ':authority': 'www.example.org', origin: OWN } }
      assert.ok(isFromOwnPage(req, true, new Set()))
    })
  })
})
