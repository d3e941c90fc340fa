import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isAdult } from '../../example/src/accounts.ts'
import { account, OWN, problemOf, problemPage, startSite } from './site.ts'
import type { Agent, TestSite } from './site.ts'

function unlink(agent: Agent, userId: string) {
  return agent
    .post('/account/unlink')
    .type('form')
    .set(OWN)
    .accept('json')
    .send({ provider: 'civic', userId })
}

async function userIds(agent: Agent) {
  return (await account(agent)).identities.map(({ userId }) => userId)
}

describe('example: account', function () {
  this.timeout(120_000)
  let site: TestSite
  before(async () => {
    site = await startSite()
  })
  after(() => site.close())

  describe('linking', () => {
    it('lets another identity log in to the same account', async () => {
      const [one, two] = [{ id: randomUUID() }, { id: randomUUID() }]
      const agent = await site.member({ user: one })
      const response = await site.enter(agent, { user: two })
      assert.equal(response.headers.location, '/account?done=link')
      const { id, identities } = await account(agent)
      assert.equal(identities.length, 2)
      assert.equal((await account(await site.member({ user: two }))).id, id)
    })

    it('is refused for the identity of another account, which keeps it', async () => {
      const stranger = { id: randomUUID() }
      const theirs = await site.member({ user: stranger })
      const agent = await site.member()
      const response = await problemPage(agent, await site.enter(agent, { user: stranger }))
      assert.equal(response.status, 409)
      assert.match(response.text, /IDENTITY_TAKEN/)
      assert.equal((await userIds(agent)).length, 1)
      assert.equal((await userIds(theirs)).length, 1)
    })

    it('is refused unless the request says that it is from our own page', async () => {
      const agent = await site.member()
      const authToken = await site.sandbox.authCode({ user: { id: randomUUID() } })
      const response = await agent.post('/auth/civic').accept('json').send({ authToken }).expect(403)
      assert.equal(problemOf(response), 'CIVIC_CROSS_ORIGIN')
      assert.equal((await userIds(agent)).length, 1)
    })
  })

  describe('unlinking', () => {
    it('stops logins with that identity, and ends the other sessions', async () => {
      const [one, two] = [{ id: randomUUID() }, { id: randomUUID() }]
      const agent = await site.member({ user: one })
      const [first] = await userIds(agent)
      await site.enter(agent, { user: two })
      const elsewhere = await site.member({ user: one })
      await unlink(agent, first!).expect(303).expect('Location', '/account?done=unlink')
      assert.equal((await userIds(agent)).includes(first!), false)
      await elsewhere.get('/account').accept('json').expect(401)
      const { id } = await account(agent)
      assert.notEqual((await account(await site.member({ user: one }))).id, id)
    })

    it('is refused for the last identity', async () => {
      const agent = await site.member()
      const [only] = await userIds(agent)
      assert.equal(problemOf(await unlink(agent, only!).expect(409)), 'LAST_IDENTITY')
      assert.deepEqual(await userIds(agent), [only])
    })

    it('of both at once leaves one', async () => {
      const agent = await site.member()
      await site.enter(agent)
      const both = await userIds(agent)
      const statuses = await Promise.all(both.map(async (id) => (await unlink(agent, id)).status))
      assert.deepEqual(statuses.sort(), [303, 409])
      assert.equal((await userIds(agent)).length, 1)
    })

    it('does not change other people’s identities', async () => {
      const stranger = await site.member()
      await site.enter(stranger)
      const theirs = await userIds(stranger)
      const agent = await site.member()
      await unlink(agent, theirs[0]!).expect(403)
      assert.deepEqual(await userIds(stranger), theirs)
    })

    it('needs a login', () => unlink(site.browser(), 'a').expect(401))
  })

  describe('proofs', () => {
    it('store the result, and nothing of the document', async () => {
      const user = { id: randomUUID(), document: { number: 'UT-SECRET' }, dateOfBirth: '1990-05-17' }
      const agent = await site.member({ user })
      await site.enter(agent, { user, scopeRequest: 'PROOF_OF_AGE' })
      assert.equal((await account(agent)).identities[0]!.isAdult, true)
      const response = await site.enter(agent, { user, scopeRequest: 'PROOF_OF_IDENTITY' })
      assert.equal(response.headers.location, '/account?done=proof')
      const kept = await account(agent)
      assert.ok(kept.identities[0]!.identityProvedAt)
      assert.doesNotMatch(JSON.stringify(kept), /UT-SECRET|1990-05-17/)
    })

    it('say so for a person under 18', async () => {
      const user = { id: randomUUID(), dateOfBirth: `${new Date().getUTCFullYear() - 10}-01-01` }
      const agent = await site.member({ user })
      await site.enter(agent, { user, scopeRequest: 'PROOF_OF_AGE' })
      const [identity] = (await account(agent)).identities
      assert.equal(identity!.isAdult, false)
      assert.match((await agent.get('/account').accept('html')).text, /Under 18/)
    })

    it('are refused with an identity that is not linked, and do not link it', async () => {
      const agent = await site.member()
      const entered = await site.enter(agent, { scopeRequest: 'PROOF_OF_IDENTITY' })
      const response = await problemPage(agent, entered)
      assert.equal(response.status, 403)
      assert.match(response.text, /IDENTITY_NOT_LINKED/)
      assert.equal((await userIds(agent)).length, 1)
    })
  })

  describe('deleting', () => {
    it('ends every session, and leaves nothing behind', async () => {
      const user = { id: randomUUID() }
      const agent = await site.member({ user })
      const elsewhere = await site.member({ user })
      const { id } = await account(agent)
      await agent.post('/account/delete').set(OWN).expect(303).expect('Location', '/')
      await agent.get('/account').accept('json').expect(401)
      await elsewhere.get('/account').accept('json').expect(401)
      const anew = await account(await site.member({ user }))
      assert.notEqual(anew.id, id)
      assert.equal(anew.events.length, 1)
    })

    it('is refused to another site', async () => {
      const agent = await site.member()
      await agent.post('/account/delete').set('Sec-Fetch-Site', 'cross-site').expect(403)
      await account(agent)
    })
  })

  describe('age', () => {
    const now = new Date('2026-03-01T12:00:00Z')
    for (const [born, expected] of [
      ['2008-03-01', true],
      ['2008-03-02', false],
      ['2008-02-29', true],
      ['1931-12-31', true],
      ['9999-12-31', false],
      ['01.03.1990', false],
    ] as const) {
      it(`of somebody born ${born} is ${expected ? '' : 'not '}enough`, () => {
        assert.equal(isAdult(born, now), expected)
      })
    }
  })
})
