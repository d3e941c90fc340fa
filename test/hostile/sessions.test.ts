import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { CivicStrategy } from '../../lib/index.ts'
import type { CivicStrategyOptions, RequestLike, UserData } from '../../lib/index.ts'
import { FakeSip, ITEMS, USER_ID } from '../support/sip.ts'
import { outcomesOf, post, strategyFor } from '../support/drive.ts'
import { EXPRESS, PASSPORT } from './support/frameworks.ts'
import { send, serve } from '../support/http.ts'
import type { Listening, Reply } from '../support/http.ts'
import { createSite } from './support/site.ts'
import type { Told } from './support/site.ts'
import { count } from '../support/tally.ts'

const OWN = { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/json' }

describe('sessions', () => {
  const sip = new FakeSip()
  const servers: Listening[] = []
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

  const cookieOf = (reply: Reply): string => String(reply.headers['set-cookie'] ?? '').split(';')[0]!

  for (const [expressName, express] of Object.entries(EXPRESS)) {
    for (const [passportName, passport] of Object.entries(PASSPORT)) {
      describe(`with ${expressName} and ${passportName}`, () => {
        const AREA = 'Fixation and linking'
        const start = async (options: Partial<CivicStrategyOptions> = {}): Promise<number> => {
          const server = await serve(createSite(strategyFor(sip, options), { express, passport }))
          servers.push(server)
          return server.port
        }
        const submit = (port: number, path: string, headers: Record<string, string>): Promise<Reply> =>
          send(port, { path, method: 'POST', headers, body: JSON.stringify({ authToken: sip.token() }) })
        const me = async (port: number, Cookie: string): Promise<unknown> => {
          const reply = await send(port, { path: '/me', headers: { Cookie } })
          return (JSON.parse(reply.text) as Told).user
        }

        it('a login has a new session, and the previous one is over', async () => {
          const port = await start()
          const before = cookieOf(await send(port, { path: '/me' }))
          assert.match(before, /^connect\.sid=/)
          // Somebody planted this cookie, and waits for its owner to log in
          const reply = await submit(port, '/auth/civic', { ...OWN, Cookie: before })
          assert.equal(reply.status, 200)
          const after = cookieOf(reply)
          assert.match(after, /^connect\.sid=/)
          assert.notEqual(after, before)
          assert.deepEqual(await me(port, after), { userId: USER_ID })
          const planted = await me(port, before)
          count(AREA, 'refused', planted === undefined ? 'refused' : 'accepted')
          assert.equal(planted, undefined)
        })

        it('a session ends with the logout, and its cookie with it', async () => {
          const port = await start()
          const cookie = cookieOf(await submit(port, '/auth/civic', OWN))
          assert.notEqual(await me(port, cookie), undefined)
          await send(port, { path: '/logout', method: 'POST', headers: { Cookie: cookie } })
          count(AREA, 'refused', (await me(port, cookie)) === undefined ? 'refused' : 'accepted')
          assert.equal(await me(port, cookie), undefined)
        })

        it('a failed login leaves the current person logged in', async () => {
          const port = await start()
          const cookie = cookieOf(await submit(port, '/auth/civic', OWN))
          const body = JSON.stringify({ authToken: sip.token({ sub: 'x' }) })
          const reply = await send(port, {
            path: '/auth/civic',
            method: 'POST',
            headers: { ...OWN, Cookie: cookie },
            body,
          })
          assert.equal(reply.status, 401)
          assert.deepEqual(await me(port, cookie), { userId: USER_ID })
        })

        it('links an identity to the logged-in account, from the site’s own page', async () => {
          const port = await start()
          const cookie = cookieOf(await submit(port, '/auth/civic', OWN))
          sip.answers = [sip.success({ userId: 'a second identity' })]
          const reply = await submit(port, '/link', { ...OWN, Cookie: cookie })
          count(AREA, 'accepted', reply.status === 200 ? 'accepted' : 'refused')
          assert.deepEqual(JSON.parse(reply.text), {
            user: { userId: USER_ID },
            account: { userId: 'a second identity' },
          })
        })

        it('links nothing if nobody is logged in', async () => {
          const port = await start()
          const reply = await submit(port, '/link', OWN)
          count(AREA, 'refused', reply.status === 200 ? 'accepted' : 'refused')
          assert.equal(reply.status, 403)
          assert.equal(sip.exchanges.length, 0)
        })

        it('never links what another site posts, even with originCheck off', async () => {
          const strange: Record<string, string>[] = [
            {},
            { Origin: 'null' },
            { Origin: 'https://evil.example' },
            { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
            { 'Sec-Fetch-Site': 'same-site' },
          ]
          for (const originCheck of [true, false, 'strict'] as const) {
            const port = await start({ originCheck })
            const cookie = cookieOf(await submit(port, '/auth/civic', OWN))
            for (const headers of strange) {
              for (const path of ['/link', '/auth/civic']) {
                sip.exchanges.length = 0
                const reply = await submit(port, path, {
                  'Content-Type': 'application/json',
                  Cookie: cookie,
                  ...headers,
                })
                count(AREA, 'refused', reply.status === 200 ? 'accepted' : 'refused')
                assert.equal(reply.status, 403)
                assert.equal(sip.exchanges.length, 0)
              }
            }
            assert.deepEqual(await me(port, cookie), { userId: USER_ID })
          }
        })
      })
    }
  }

  describe('of many people at once, over one strategy', () => {
    const personOf = (code: string): string => createHash('sha256').update(code).digest('hex')
    /** Responds for the person of the code, in no fixed order. */
    const everyone: FakeSip['answers'] = [
      async (res, { body, req }) => {
        const { authToken } = JSON.parse(body) as { authToken: string }
        const payload = Buffer.from(authToken.split('.')[1]!, 'base64url').toString()
        const person = personOf((JSON.parse(payload) as { data: { codeToken: string } }).data.codeToken)
        await delay(Math.random() * 30)
        const items = [{ ...ITEMS[0], value: `${person}@example.org` }]
        return sip.success({ userId: person, data: sip.dataToken({}, items) })(res, { body, req })
      },
    ]

    it('never mix: each gets their own id, data and request', async () => {
      sip.answers = everyone
      const verify = async (req: RequestLike, userId: string, data: UserData): Promise<object> => {
        await delay(Math.random() * 10)
        return { userId, email: data.value('contact.personal.email'), body: req.body }
      }
      const strategy = new CivicStrategy({ ...sip.options, passReqToCallback: true }, verify)
      const people = Array.from({ length: 300 }, (_, index) => `person ${index}`)
      const outcomes = await Promise.all(
        people.map(async (codeToken) => {
          const body = { authToken: sip.token({ data: { codeToken } }) }
          const [outcome, ...more] = await outcomesOf(strategy, post(body))
          assert.deepEqual(more, [])
          return { outcome, body, userId: personOf(codeToken) }
        }),
      )
      for (const { outcome, body, userId } of outcomes) {
        const user = outcome?.user as { userId: string; body: unknown } | undefined
        count('Concurrent logins', 'accepted', user?.userId === userId ? 'accepted' : 'refused')
        assert.deepEqual(user, { userId, email: `${userId}@example.org`, body })
        assert.equal(user.body, body)
      }
    })

    it('never mix if every second one fails', async () => {
      const [answer] = everyone
      let requests = 0
      sip.answers = [(res, exchange) => (++requests % 2 ? answer!(res, exchange) : res.writeHead(500).end())]
      const strategy = strategyFor(sip)
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          const codeToken = `person ${index}`
          const [outcome] = await outcomesOf(
            strategy,
            post({ authToken: sip.token({ data: { codeToken } }) }),
          )
          return { outcome, userId: personOf(codeToken) }
        }),
      )
      const failed = outcomes.filter(({ outcome }) => outcome?.code === 'CIVIC_UNAVAILABLE')
      const logins = outcomes.filter(({ outcome }) => outcome?.kind === 'success')
      assert.deepEqual([failed.length, logins.length], [100, 100])
      for (const { outcome, userId } of logins) assert.deepEqual(outcome?.user, { userId })
    })
  })
})
