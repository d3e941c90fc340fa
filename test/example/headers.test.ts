import assert from 'node:assert/strict'
import request from 'supertest'
import { post, startSite } from './site.ts'
import type { TestSite } from './site.ts'

describe('example: headers', function () {
  this.timeout(120_000)
  let site: TestSite

  describe('over http', () => {
    before(async () => {
      site = await startSite()
    })
    after(() => site.close())

    it('allow scripts, frames and connections only from Civic and this site, and nothing inline', async () => {
      const { headers } = await request(site.app).get('/').expect(200)
      const { url } = site.sandbox
      assert.equal(
        headers['content-security-policy'],
        `default-src 'none';script-src 'self' ${url};style-src 'self' ${url};img-src 'self' ${url} data:;` +
          `connect-src ${url};frame-src ${url};form-action 'self';base-uri 'none';frame-ancestors 'none'`,
      )
    })

    it('make browsers name their origin to us, and to nobody else', async () => {
      const { headers } = await request(site.app).get('/').expect(200)
      assert.equal(headers['referrer-policy'], 'same-origin')
    })

    it('keep pages out of caches, and let files into them', async () => {
      assert.equal((await request(site.app).get('/')).headers['cache-control'], 'no-store')
      assert.match((await request(site.app).get('/site.css')).headers['cache-control'] ?? '', /max-age=3600/)
    })

    it('set a cookie that scripts and other sites cannot use', async () => {
      const token = await site.sandbox.authCode()
      const [cookie = ''] = (await post(site.browser(), token)).headers['set-cookie'] ?? []
      assert.match(cookie, /^sid=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/)
    })
  })

  describe('behind a proxy with https', () => {
    before(async () => {
      site = await startSite({ https: true, trustProxy: 1 })
    })
    after(() => site.close())

    it('set a cookie with the __Host- prefix', async () => {
      const token = await site.sandbox.authCode()
      const response = await post(site.browser(), token).set('X-Forwarded-Proto', 'https').expect(303)
      const [cookie = ''] = response.headers['set-cookie'] ?? []
      assert.match(cookie, /^__Host-sid=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/)
    })

    it('set no cookie if the proxy does not say https', async () => {
      const token = await site.sandbox.authCode()
      const response = await post(site.browser(), token)
      assert.equal(response.headers['set-cookie'], undefined)
    })

    it('keep browsers on https', async () => {
      const { headers } = await request(site.app).get('/')
      assert.match(headers['strict-transport-security'] ?? '', /max-age=\d{7,}/)
      assert.match(headers['content-security-policy'] ?? '', /;upgrade-insecure-requests$/)
    })
  })
})
