import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import request from 'supertest'
import { createSite } from '../../example/src/app.ts'
import type { Site } from '../../example/src/app.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { needsRedis, startRedis } from '../support/redis.ts'
import type { TestServer } from '../support/servers.ts'
import { account, OWN, post, problemOf, sessionCookie, SESSION_SECRET } from './site.ts'

describe('example: two instances behind one PostgreSQL and one Redis', function () {
  this.timeout(120_000)
  let sandbox: Sandbox
  let postgres: TestServer
  let redis: TestServer
  let a: Site
  let b: Site
  const cleanups: (() => Promise<void>)[] = []

  before(async function () {
    needsPostgres(this)
    needsRedis(this)
    ;[sandbox, postgres, redis] = await Promise.all([createSandbox(), startPostgres(), startRedis()])
    cleanups.push(() => sandbox.close(), postgres.stop, redis.stop)
    const options = {
      civic: sandbox.strategyOptions(),
      scriptUrl: `${sandbox.url}/js/civic.sip.min.js`,
      database: postgres.url,
      sessionSecrets: [SESSION_SECRET],
      redisUrl: redis.url,
      log: () => undefined,
    }
    ;[a, b] = await Promise.all([createSite(options), createSite(options)])
    cleanups.unshift(a.close, b.close)
  })
  after(async () => {
    for (const cleanup of cleanups) await cleanup()
  })

  const token = () => sandbox.authCode({ user: { id: randomUUID() } })
  const read = (site: Site, cookie: string) =>
    request(site.app).get('/account').accept('json').set('Cookie', cookie)

  it('log in on A, read on B, log out on B, gone on A', async () => {
    const cookie = sessionCookie(await post(request.agent(a.app), await token()).expect(303))
    const onA = await read(a, cookie).expect(200)
    const onB = await read(b, cookie).expect(200)
    assert.deepEqual(onB.body, onA.body)
    await request(b.app).post('/logout').set(OWN).set('Cookie', cookie).expect(303)
    await read(a, cookie).expect(401)
    await read(b, cookie).expect(401)
  })

  it('log the same token in once', async () => {
    const shared = await token()
    const posts = Array.from({ length: 20 }, (_, i) => post(request.agent((i % 2 ? a : b).app), shared))
    const places = (await Promise.all(posts)).map(({ headers }) => headers.location)
    assert.equal(places.filter((place) => place === '/account?done=signup').length, 1)
    assert.equal(places.filter((place) => place === '/problem?code=CIVIC_TOKEN_REPLAYED').length, 19)
  })

  it('make one account of one identity that signs up on both at once', async () => {
    const user = { id: randomUUID() }
    const agents = Array.from({ length: 10 }, (_, i) => request.agent((i % 2 ? a : b).app))
    await Promise.all(agents.map(async (agent) => post(agent, await sandbox.authCode({ user })).expect(303)))
    const accounts = await Promise.all(agents.map(account))
    assert.equal(new Set(accounts.map(({ id }) => id)).size, 1)
    assert.equal(accounts[0]!.events.filter(({ kind }) => kind === 'signup').length, 1)
  })

  it('leave one identity when the last two are unlinked on both at once', async () => {
    for (let round = 0; round < 5; round++) {
      const agent = request.agent(a.app)
      const cookie = sessionCookie(await post(agent, await token()))
      const linked = await post(agent, await token())
      const current = sessionCookie(linked)
      assert.notEqual(current, cookie)
      const { identities } = await account(agent)
      assert.equal(identities.length, 2)
      const unlink = ({ app }: Site, userId: string) =>
        request(app)
          .post('/account/unlink')
          .type('form')
          .set(OWN)
          .set('Cookie', current)
          .accept('json')
          .send({ provider: 'civic', userId })
      const answers = await Promise.all([unlink(a, identities[0]!.userId), unlink(b, identities[1]!.userId)])
      assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409])
      assert.equal(problemOf(answers.find(({ status }) => status === 409)!), 'LAST_IDENTITY')
      assert.equal((await account(agent)).identities.length, 1)
    }
  })

  it('let an identity sign in, link and be deleted with no deadlock', async () => {
    const user = { id: randomUUID() }
    const agents = Array.from({ length: 6 }, (_, i) => request.agent((i % 2 ? a : b).app))
    for (let round = 0; round < 3; round++) {
      await Promise.all(agents.map(async (agent) => post(agent, await sandbox.authCode({ user }))))
      const answers = await Promise.all([
        ...agents.map(async (agent) => post(agent, await sandbox.authCode({ user }))),
        agents[0]!.post('/account/delete').set(OWN),
      ])
      for (const { status } of answers) assert.ok(status < 500, String(status))
    }
  })

  it('refuse logins without Redis, and still serve people who are logged in', async () => {
    const agent = request.agent(a.app)
    await post(agent, await token()).expect(303)
    await redis.stop()
    const refused = post(request.agent(a.app), await token()).accept('json')
    assert.equal(problemOf(await refused.expect(503)), 'CIVIC_STORE_UNAVAILABLE')
    await account(agent)
    await request(a.app).get('/health').expect(200, { database: 'up' })
  })
})

describe('example: PostgreSQL goes away', function () {
  this.timeout(120_000)

  it('and the site says so, on its health page too', async function () {
    needsPostgres(this)
    const [sandbox, postgres] = await Promise.all([createSandbox(), startPostgres()])
    const civic = sandbox.strategyOptions()
    const { app, close } = await createSite({
      civic,
      scriptUrl: `${sandbox.url}/js/civic.sip.min.js`,
      database: postgres.url,
      sessionSecrets: [SESSION_SECRET],
      log: () => undefined,
    })
    const agent = request.agent(app)
    await post(agent, await sandbox.authCode()).expect(303)
    await agent.get('/health').expect(200, { database: 'up' })
    await postgres.stop()
    await agent.get('/health').expect(503, { database: 'down' })
    const { text } = await agent.get('/account').accept('html').expect(500)
    assert.match(text, /SITE_ERROR/)
    await close()
    await sandbox.close()
  })
})
