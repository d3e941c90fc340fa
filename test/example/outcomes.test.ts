import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Fault } from 'civic-sip-sandbox'
import type { ReplayStore } from 'passport-civic-sip'
import { problems } from '../../example/src/problems.ts'
import type { ProblemCode } from '../../example/src/problems.ts'
import { FakeSip } from '../support/sip.ts'
import { OWN, post, problemPage, startSite } from './site.ts'
import type { Response, TestSite } from './site.ts'

describe('example: outcomes', function () {
  this.timeout(120_000)
  let site: TestSite
  before(async () => {
    site = await startSite()
  })
  after(() => site.close())

  const token = () => site.sandbox.authCode({ user: { id: randomUUID() } })
  const fault = (wanted: Fault) => async () => {
    site.sandbox.fault(wanted)
    return post(site.browser(), await token())
  }

  const cases: Partial<Record<ProblemCode, () => Promise<Response>>> = {
    CIVIC_TOKEN_MISSING: async () => post(site.browser(), ''),
    CIVIC_TOKEN_MALFORMED: async () => post(site.browser(), 'x'.repeat(9000)),
    CIVIC_TOKEN_INVALID: async () => post(site.browser(), `${await token()}x`),
    CIVIC_TOKEN_REPLAYED: async () => {
      const used = await token()
      await post(site.browser(), used).expect(303)
      return post(site.browser(), used)
    },
    CIVIC_CROSS_ORIGIN: async () =>
      post(site.browser(), await token()).set({
        'Sec-Fetch-Site': 'cross-site',
        Origin: 'http://example.net',
      }),
    CIVIC_CODE_REJECTED: fault({ status: 400 }),
    CIVIC_APP_REJECTED: fault({ status: 401 }),
    CIVIC_THROTTLED: fault({ status: 429, headers: { 'Retry-After': '60' } }),
    CIVIC_UNAVAILABLE: fault({ status: 500 }),
    CIVIC_TIMEOUT: fault({ status: 504 }),
    CIVIC_BAD_ANSWER: fault({ body: {} }),
    NOT_FOUND: async () => site.browser().get('/nowhere').accept('html'),
    NOT_LOGGED_IN: async () => site.browser().post('/account/delete').set(OWN).accept('html'),
    FOREIGN_REQUEST: async () =>
      site.browser().post('/logout').set('Sec-Fetch-Site', 'cross-site').accept('html'),
    BAD_REQUEST: async () =>
      site.browser().post('/auth/civic').type('json').send('{').set(OWN).accept('html'),
  }

  for (const [code, run] of Object.entries(cases)) {
    const [status, title, advice] = problems[code as ProblemCode]
    it(`${code} is a page with status ${status}: ${title}`, async () => {
      const first = await run()
      const isPost = code !== 'NOT_FOUND'
      const response = isPost ? await problemPage(site.browser(), first) : first
      assert.equal(response.status, status)
      assert.match(response.headers['content-type'] ?? '', /^text\/html/)
      for (const text of [title, advice, code]) assert.ok(response.text.includes(text), text)
      assert.equal(first.headers['set-cookie'], undefined)
      assert.equal(response.headers['set-cookie'], undefined)
    })
  }

  it('are no page at the address of a post, whose reload would post again as our own page', async () => {
    const authToken = await token()
    const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://example.net' }
    const agent = site.browser()
    await post(agent, authToken)
      .set(foreign)
      .expect(303)
      .expect('Location', '/problem?code=CIVIC_CROSS_ORIGIN')
    await post(agent, authToken).expect('Location', '/problem?code=CIVIC_TOKEN_REPLAYED')
  })

  it('have no page if they are unknown', async () => {
    for (const path of ['/problem', '/problem?code=x', '/problem?code=toString', '/problem?code=a&code=b'])
      await site.browser().get(path).accept('html').expect(404)
  })

  it('passes on how long Civic asks to wait', async () => {
    site.sandbox.fault({ status: 429, headers: { 'Retry-After': '60' } })
    const response = await post(site.browser(), await token())
      .accept('json')
      .expect(503)
    assert.equal(response.headers['retry-after'], '60')
  })

  it('are JSON for programs', async () => {
    const response = await site.browser().post('/auth/civic').accept('json').send({}).expect(400)
    assert.deepEqual(response.body, {
      error: 'CIVIC_TOKEN_MISSING',
      message: 'Nothing came from Civic. Please start again from the button.',
    })
  })

  it('are text for clients that accept neither', async () => {
    const response = await site.browser().get('/nowhere').accept('image/png').expect(404)
    assert.equal(response.text, 'This page does not exist')
  })

  it('of the site are logged, those of the caller are not, and no line contains a token', async () => {
    const { logged } = site
    const before = logged.length
    const authToken = await token()
    site.sandbox.fault({ status: 500 })
    await post(site.browser(), authToken).accept('json').expect(502)
    await post(site.browser(), 'x').accept('json').expect(401)
    assert.equal(logged.length, before + 1)
    assert.match(logged.at(-1)!, /^CIVIC_UNAVAILABLE: CivicError: /)
    for (const part of authToken.split('.')) assert.ok(!logged.join().includes(part))
  })
})

describe('example: outcomes of a login that the sandbox cannot cause', function () {
  this.timeout(120_000)
  const sip = new FakeSip()
  const broken: ReplayStore = {
    consume: () => Promise.reject(new Error('no store')),
    release: () => Promise.resolve(),
  }
  let site: TestSite
  before(async () => {
    await sip.start()
    site = await startSite({
      civic: { ...sip.options, replayStore: broken },
      trustProxy: 1,
      loginsPerMinute: 2,
    })
  })
  after(async () => {
    await site.close()
    await sip.stop()
  })
  const from = (address: string, token: string) => post(site.browser(), token).set('X-Forwarded-For', address)
  const page = (address: string, token: string) => problemPage(site.browser(), from(address, token))

  it('CIVIC_TOKEN_EXPIRED is a page with status 401', async () => {
    const { text, status } = await page('192.0.2.1', sip.approve({ age: 3600 }))
    assert.equal(status, 401)
    assert.match(text, /That took too long/)
  })

  it('CIVIC_STORE_UNAVAILABLE is a page with status 503', async () => {
    const { text, status } = await page('192.0.2.2', sip.approve())
    assert.equal(status, 503)
    assert.match(text, /We cannot check this login/)
  })

  it('TOO_MANY_LOGINS is a page with status 429, for each address by itself', async () => {
    const limited = '/problem?code=TOO_MANY_LOGINS'
    const missing = '/problem?code=CIVIC_TOKEN_MISSING'
    await from('192.0.2.3', '').expect('Location', missing)
    await from('192.0.2.3', '').expect('Location', missing)
    await from('192.0.2.3', '').expect('Location', limited)
    const { headers } = await from('192.0.2.3', '').accept('json').expect(429)
    assert.ok(Number(headers['retry-after']) > 0)
    const { text } = await site.browser().get(limited).accept('html').expect(429)
    assert.match(text, /Too many logins from your network/)
    await from('192.0.2.4', '').expect('Location', missing)
  })
})
