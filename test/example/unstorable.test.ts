import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Labels } from 'passport-civic-sip/user-data'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { FakeSip, item } from '../support/sip.ts'
import { account, post, problemPage, startSite } from './site.ts'
import type { TestSite } from './site.ts'

const EMAIL = 'zoe@example.org'

/** JSON that no column can hold as it is, in the place of an email address. */
const VALUES: Readonly<Record<string, unknown>> = {
  'a NUL': 'zoe\0@example.org',
  'half of a surrogate pair': 'zoe\ud83d@example.org',
  'the other half': '\ude00zoe@example.org',
  null: null,
  'an array': ['zoe@example.org'],
  'an array, 2,000 deep': JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`) as unknown,
  'an object that has no text': { toString: 1, valueOf: 1 },
}

for (const [name, needs, start] of [
  ['the embedded database', undefined, undefined],
  ['PostgreSQL', needsPostgres, startPostgres],
] as const) {
  describe(`example: data that ${name} cannot hold`, function () {
    this.timeout(120_000)
    const sip = new FakeSip()
    let site: TestSite
    const cleanups: (() => Promise<void>)[] = []
    before(async function () {
      needs?.(this)
      const server = await start?.()
      if (server) cleanups.push(server.stop)
      cleanups.push(() => sip.stop())
      await sip.start()
      site = await startSite({ civic: sip.options, ...(server && { database: server.url }) })
      cleanups.unshift(() => site.close())
    })
    after(async () => {
      for (const cleanup of cleanups) await cleanup()
    })

    const newId = () => randomBytes(32).toString('hex')
    const good = (userId: string) => sip.approve({ userId, items: [item(Labels.EMAIL, EMAIL)] })
    const login = (token: string) => post(site.browser(), token)
    const isRefused = async (token: string): Promise<void> => {
      const agent = site.browser()
      const { status, text } = await problemPage(agent, post(agent, token))
      assert.equal(status, 422)
      assert.match(text, /DATA_UNREADABLE/)
      await agent.get('/account').accept('json').expect(401)
    }

    for (const [what, value] of Object.entries(VALUES)) {
      const bad = (userId: string, flags = {}) =>
        sip.approve({ userId, items: [item(Labels.EMAIL, value, flags)] })

      it(`${what} in an email: a page says so, and nobody is signed up`, async () => {
        const userId = newId()
        await isRefused(bad(userId))
        await login(good(userId)).expect(303).expect('Location', '/account?done=signup')
      })

      it(`${what} in a member's email: what was stored stays`, async () => {
        const userId = newId()
        const agent = site.browser()
        await post(agent, good(userId)).expect(303)
        const before = await account(agent)
        await isRefused(bad(userId))
        // Also where Civic does not vouch for it
        await isRefused(bad(userId, { isValid: false }))
        assert.deepEqual(await account(agent), before)
      })
    }

    it('a number is stored as text', async () => {
      const agent = site.browser()
      await post(agent, sip.approve({ items: [item(Labels.PHONE_NUMBER, 15_550_100)] })).expect(303)
      assert.equal((await account(agent)).identities[0]!.contacts[0]!.value, '15550100')
    })

    it('a flag that is not true or false counts as false', async () => {
      const userId = newId()
      const agent = site.browser()
      await post(agent, good(userId)).expect(303)
      const flags = { isValid: '\0' as unknown as boolean, isOwner: 'true' as unknown as boolean }
      await post(agent, sip.approve({ userId, items: [item(Labels.EMAIL, EMAIL, flags)] })).expect(303)
      const [contact] = (await account(agent)).identities[0]!.contacts
      assert.deepEqual(contact, { label: Labels.EMAIL, value: EMAIL, isValid: false, isOwner: false })
    })

    it('a label that is not a string is ignored', async () => {
      for (const label of [null, 7, {}, '\0'] as string[]) {
        const items = [item(Labels.EMAIL, EMAIL), item(label, 'x')]
        await login(sip.approve({ items })).expect(303)
      }
    })

    it('is not logged as an error of the site', () => {
      assert.deepEqual(site.logged, [])
    })
  })
}
