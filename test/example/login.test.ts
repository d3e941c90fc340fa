import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Labels } from 'passport-civic-sip/user-data'
import request from 'supertest'
import { FakeSip, item } from '../support/sip.ts'
import { account, OWN, post, problemPage, sessionCookie, startSite } from './site.ts'
import type { TestSite } from './site.ts'

describe('example: logging in', function () {
  this.timeout(120_000)
  let site: TestSite
  before(async () => {
    site = await startSite()
  })
  after(() => site.close())

  describe('signing up', () => {
    it('makes an account with the verified email address and phone number', async () => {
      const agent = site.browser()
      const response = await site.enter(agent, { user: { id: randomUUID(), email: 'ann@example.org' } })
      assert.equal(response.status, 303)
      assert.equal(response.headers.location, '/account?done=signup')
      const { identities, events } = await account(agent)
      assert.equal(identities.length, 1)
      assert.match(identities[0]!.userId, /^[0-9a-f]{64}$/)
      assert.deepEqual(
        identities[0]!.contacts.map(({ label, isValid, isOwner }) => [label, isValid, isOwner]),
        [
          [Labels.EMAIL, true, true],
          [Labels.PHONE_NUMBER, true, true],
        ],
      )
      assert.equal(identities[0]!.contacts[0]!.value, 'ann@example.org')
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['signup'],
      )
    })

    it('shows them on the account page, with their state', async () => {
      const agent = await site.member({ user: { id: randomUUID(), email: 'bea@example.org' } })
      const { text } = await agent.get('/account').accept('html').expect(200)
      assert.match(text, /bea@example\.org/)
      assert.match(text, /bea@example\.org\s*<span class="badge good">Verified<\/span>/)
      assert.ok(text.includes((await account(agent)).identities[0]!.userId))
    })

    it('privately makes an account that knows neither', async () => {
      const agent = await site.member({ scopeRequest: 'ANONYMOUS_LOGIN' })
      assert.deepEqual((await account(agent)).identities[0]!.contacts, [])
      const { text } = await agent.get('/account').accept('html').expect(200)
      assert.match(text, /has shared no email address/)
    })

    it('of the same identity twice at once makes one account', async () => {
      const user = { id: randomUUID() }
      const agents = Array.from({ length: 8 }, () => site.browser())
      await Promise.all(agents.map((agent) => site.enter(agent, { user })))
      const ids = await Promise.all(agents.map(async (agent) => (await account(agent)).id))
      assert.equal(new Set(ids).size, 1)
      const { events } = await account(agents[0]!)
      assert.equal(events.filter(({ kind }) => kind === 'signup').length, 1)
      assert.equal(events.filter(({ kind }) => kind === 'login').length, 7)
    })
  })

  describe('logging in again', () => {
    it('opens the same account, however much is shared', async () => {
      const user = { id: randomUUID() }
      const first = await account(await site.member({ user }))
      const second = await account(await site.member({ user, scopeRequest: 'BASIC_LOGIN' }))
      const third = await account(await site.member({ user, scopeRequest: 'ANONYMOUS_LOGIN' }))
      assert.equal(second.id, first.id)
      assert.equal(third.id, first.id)
      assert.deepEqual(third.identities[0]!.contacts, first.identities[0]!.contacts)
      assert.deepEqual(
        third.events.map(({ kind }) => kind),
        ['login', 'login', 'signup'],
      )
    })

    it('changes the session id, and ends the old session', async () => {
      const user = { id: randomUUID() }
      const agent = site.browser()
      const before = sessionCookie(await site.enter(agent, { user }))
      const after = sessionCookie(await site.enter(agent, { user }))
      assert.notEqual(after, before)
      await request(site.app).get('/account').accept('json').set('Cookie', after).expect(200)
      await request(site.app).get('/account').accept('json').set('Cookie', before).expect(401)
    })

    it('goes on to the page that asked for it', async () => {
      const agent = site.browser()
      const turnedAway = await agent.get('/account?x=1').accept('html').expect(303)
      assert.equal(turnedAway.headers.location, '/?returnTo=%2Faccount%3Fx%3D1')
      const front = await agent.get(turnedAway.headers.location).expect(200)
      assert.match(front.text, /name="returnTo" value="\/account\?x=1"/)
      const token = await site.sandbox.authCode()
      const { headers } = await post(agent, token, { returnTo: '/account?x=1' }).expect(303)
      assert.equal(headers.location, '/account?x=1')
    })

    it('never goes on to another site', async () => {
      const token = await site.sandbox.authCode({ user: { id: randomUUID() } })
      const { headers } = await post(site.browser(), token, { returnTo: '//example.net/' }).expect(303)
      assert.equal(headers.location, '/account?done=signup')
    })

    it('responds with JSON to programs', async () => {
      const authToken = await site.sandbox.authCode({ user: { id: randomUUID() } })
      const agent = site.browser()
      const response = await agent.post('/auth/civic').accept('json').send({ authToken }).expect(200)
      assert.deepEqual(response.body, { kind: 'signup', returnTo: '/account' })
      await agent.get('/account').accept('json').expect(200)
    })
  })

  describe('logging out', () => {
    it('is a POST, and ends the session', async () => {
      const agent = site.browser()
      const cookie = sessionCookie(await site.enter(agent))
      await agent.get('/logout').expect(404)
      await agent.get('/account').accept('json').expect(200)
      await agent.post('/logout').set(OWN).expect(303).expect('Location', '/')
      await request(site.app).get('/account').accept('json').set('Cookie', cookie).expect(401)
    })

    it('is refused to another site', async () => {
      const agent = await site.member()
      await agent.post('/logout').set('Sec-Fetch-Site', 'cross-site').expect(403)
      await agent.post('/logout').set('Sec-Fetch-Site', 'same-site').expect(403)
      await agent.post('/logout').set('Origin', 'http://example.net').expect(403)
      await agent.post('/logout').set('Origin', 'null').expect(403)
      await agent.get('/account').accept('json').expect(200)
    })
  })

  it('gives no cookie to people who are not logged in', async () => {
    const response = await request(site.app).get('/').expect(200)
    assert.equal(response.headers['set-cookie'], undefined)
  })
})

describe('example: data that is not verified', function () {
  this.timeout(120_000)
  const sip = new FakeSip()
  const userId = 'a'.repeat(64)
  const email = (flags = {}) => item(Labels.EMAIL, 'cleo@example.org', flags)
  const document = (flags = {}) => [
    item(Labels.DOCUMENT_NUMBER, 'UT1', flags),
    item(Labels.DOCUMENT_DATE_OF_BIRTH, '1990-01-01', flags),
  ]
  let site: TestSite
  before(async () => {
    await sip.start()
    site = await startSite({ civic: sip.options })
  })
  after(async () => {
    await site.close()
    await sip.stop()
  })

  for (const [what, flags] of [
    ['revoked', { isValid: false }],
    ['somebody else’s', { isOwner: false }],
    ['flagged with text', { isValid: 'true' as unknown as boolean }],
  ] as const) {
    it(`signs nobody up on data that is ${what}`, async () => {
      const agent = site.browser()
      const items = [email(), item(Labels.PHONE_NUMBER, '+1 202 555 0100', flags)]
      const { text, status } = await problemPage(agent, post(agent, sip.approve({ userId, items })))
      assert.equal(status, 403)
      assert.match(text, /Civic does not vouch for this data/)
      assert.match(text, /DATA_NOT_PROVED/)
      await agent.get('/account').accept('json').expect(401)
    })
  }

  it('still logs in a member whose email address was revoked, and shows that it was', async () => {
    const agent = site.browser()
    await post(agent, sip.approve({ userId, items: [email()] })).expect(303)
    await post(agent, sip.approve({ userId, items: [email({ isValid: false })] })).expect(303)
    const { text } = await agent.get('/account').accept('html').expect(200)
    assert.match(text, /cleo@example\.org\s*<span class="badge bad">Revoked/)
  })

  it('links no identity with it', async () => {
    const agent = site.browser()
    await post(agent, sip.approve({ userId, items: [email()] })).expect(303)
    assert.equal(
      (await problemPage(agent, post(agent, sip.approve({ items: [email({ isValid: false })] })))).status,
      403,
    )
    assert.equal((await account(agent)).identities.length, 1)
  })

  it('removes proofs whose documents were revoked', async () => {
    const agent = site.browser()
    await post(agent, sip.approve({ userId, items: [email()] })).expect(303)
    await post(agent, sip.approve({ userId, items: document() })).expect(303, /done=proof/)
    const [proved] = (await account(agent)).identities
    assert.ok(proved!.isAdult && proved!.ageProvedAt && proved!.identityProvedAt)
    assert.equal(
      (await problemPage(agent, post(agent, sip.approve({ userId, items: document({ isValid: false }) }))))
        .status,
      403,
    )
    const [revoked] = (await account(agent)).identities
    assert.deepEqual([revoked!.isAdult, revoked!.ageProvedAt, revoked!.identityProvedAt], [null, null, null])
  })
})
