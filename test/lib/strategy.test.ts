import assert from 'node:assert/strict'
import { once } from 'node:events'
import express from 'express'
import passport from 'passport'
import request from 'supertest'
import { CivicError, CivicStrategy } from '../../lib/index.ts'
import type { CivicStrategyOptions, ReplayStore, RequestLike } from '../../lib/index.ts'
import { createApp } from '../support/app.ts'
import { FakeSip, status, USER_ID } from '../support/sip.ts'
import { assertNoTimerLeft } from '../support/timers.ts'

type Outcome = ['success' | 'fail' | 'error', ...unknown[]]

/** Runs a strategy as Passport does: behind Object.create, with the three actions added. */
function run(
  strategy: CivicStrategy,
  req: Partial<RequestLike> & Record<string, unknown>,
  options?: object,
): Promise<Outcome[]> {
  return new Promise((resolve) => {
    const outcomes: Outcome[] = []
    const record =
      (name: Outcome[0]) =>
      (...args: unknown[]): void => {
        outcomes.push([name, ...args])
        setImmediate(resolve, outcomes)
      }
    const actions = { success: record('success'), fail: record('fail'), error: record('error') }
    const returned: unknown = Object.assign(Object.create(strategy) as CivicStrategy, actions).authenticate(
      { method: 'POST', headers: {}, ...req },
      options,
    )
    assert.equal(returned, undefined)
  })
}

describe('CivicStrategy', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })
  const verify = (userId: string): unknown => ({ userId })
  const body = (): Record<string, unknown> => ({ body: { authToken: sip.token() } })

  it('gives the verify callback the request first, with passReqToCallback', async () => {
    const strategy = new CivicStrategy(
      { ...sip.options, passReqToCallback: true },
      (req: RequestLike & { ip: string }, userId, data) => ({
        ip: req.ip,
        userId,
        labels: data.labels.length,
      }),
    )
    const [outcome] = await run(strategy, { ...body(), ip: '::1' })
    assert.deepEqual(outcome, ['success', { ip: '::1', userId: USER_ID, labels: 2 }, undefined])
  })

  it('does not mix up simultaneous logins', async () => {
    const strategy = new CivicStrategy(
      sip.options,
      (_userId, _data, done) => void setImmediate(() => done(null, {})),
    )
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => run(strategy, body())))
    assert.ok(outcomes.every((one) => one.length === 1 && one[0]?.[0] === 'success'))
    assert.deepEqual(Object.keys(strategy), ['name'])
  })

  describe('finds the token', () => {
    it('in the field that tokenField names', async () => {
      const strategy = new CivicStrategy({ ...sip.options, tokenField: 'jwtToken' }, verify)
      assert.equal((await run(strategy, { body: { jwtToken: sip.token() } }))[0]?.[0], 'success')
      assert.equal((await run(strategy, body()))[0]?.[0], 'fail')
    })

    it('with tokenFromRequest, which may be asynchronous', async () => {
      const tokenFromRequest = ({ body }: RequestLike): unknown => Promise.resolve(body)
      const strategy = new CivicStrategy({ ...sip.options, tokenFromRequest }, verify)
      assert.equal((await run(strategy, { body: sip.token() }))[0]?.[0], 'success')
    })

    it('only as an own property, in a body of any kind', async () => {
      const strategy = new CivicStrategy(sip.options, verify)
      const inherited = Object.create({ authToken: sip.token() }) as object
      for (const odd of [undefined, null, 'text', 7, [], [sip.token()], inherited, Buffer.from('x')]) {
        const [outcome] = await run(strategy, { body: odd })
        assert.equal((outcome?.[1] as CivicError).code, 'CIVIC_TOKEN_MISSING')
      }
    })
  })

  it('fails if the verify callback finds no account, with its reason', async () => {
    for (const none of [false, null, 0, '']) {
      const strategy = new CivicStrategy(sip.options, () => none)
      assert.deepEqual(await run(strategy, body()), [['fail', undefined, 401]])
    }
    const strategy = new CivicStrategy(sip.options, (_id, _data, done) =>
      done(null, false, { message: 'no' }),
    )
    assert.deepEqual(await run(strategy, body()), [['fail', { message: 'no' }, 401]])
  })

  it('reports a token that is not a string, in words for the page', async () => {
    const [outcome] = await run(new CivicStrategy(sip.options, verify), { body: { authToken: 7 } })
    const challenge = { message: 'The token must be a string', code: 'CIVIC_TOKEN_MALFORMED', reason: 'type' }
    assert.deepEqual(outcome, ['fail', challenge, 400])
  })

  it('leaves no timer behind', async () => {
    const strategy = new CivicStrategy(sip.options, verify)
    await assertNoTimerLeft(async () => {
      await run(strategy, body())
      sip.answers = [status(500)]
      await run(strategy, body())
    })
  })

  describe('with a function for options', () => {
    const apps: Record<string, CivicStrategyOptions> = {}
    before(() => {
      apps['a'] = sip.options
      apps['b'] = { ...sip.options, appId: 'app-b' }
    })
    const strategy = new CivicStrategy(
      (req) => Promise.resolve(apps[String((req as { app?: string }).app)] as CivicStrategyOptions),
      verify,
    )

    it('serves each app as itself', async () => {
      assert.equal((await run(strategy, { ...body(), app: 'a' }))[0]?.[0], 'success')
      assert.equal((await run(strategy, { ...body(), app: 'b' }))[0]?.[0], 'fail')
      sip.answers = [sip.success({ data: sip.dataToken({ sub: 'app-b' }) })]
      const forB = { body: { authToken: sip.token({ sub: 'app-b' }) }, app: 'b' }
      assert.equal((await run(strategy, forB))[0]?.[0], 'success')
    })

    it('keeps a replay store for each options object: a token works once for each', async () => {
      const twice = { ...body(), app: 'a' }
      assert.equal((await run(strategy, twice))[0]?.[0], 'success')
      assert.equal(((await run(strategy, twice))[0]?.[1] as CivicError).code, 'CIVIC_TOKEN_REPLAYED')
      apps['a'] = { ...sip.options }
      assert.equal((await run(strategy, twice))[0]?.[0], 'success')
    })

    it('ends in an error if options are missing or wrong', async () => {
      assert.match(
        String((await run(strategy, { ...body(), app: 'unknown' }))[0]),
        /^error,TypeError: options must/,
      )
      const throwing = new CivicStrategy(() => {
        throw new Error('no tenant')
      }, verify)
      assert.match(String((await run(throwing, body()))[0]), /^error,Error: no tenant/)
      const refusing = new CivicStrategy(() => {
        throw new CivicError('CIVIC_TOKEN_MISSING', 'no tenant')
      }, verify)
      const challenge = { message: 'no tenant', code: 'CIVIC_TOKEN_MISSING', reason: 'missing' }
      assert.deepEqual(await run(refusing, body()), [['fail', challenge, 400]])
    })
  })

  describe('never leaves a request without its one outcome', () => {
    it('if something other than an error is thrown, or Express’s word for "skip the rest"', async () => {
      for (const thrown of [undefined, null, 0, '', 'route', 'router']) {
        for (const throwing of [() => Promise.reject(thrown), undefined]) {
          const strategy = throwing
            ? new CivicStrategy(sip.options, throwing)
            : new CivicStrategy({ ...sip.options, tokenFromRequest: () => Promise.reject(thrown) }, verify)
          const outcomes = await run(strategy, body())
          assert.equal(outcomes.length, 1)
          assert.ok(outcomes[0]?.[0] === 'error' && outcomes[0][1] instanceof Error)
        }
      }
    })

    it('if a request throws when it is read', async () => {
      const req = Object.defineProperty({ method: 'POST', headers: {} }, 'body', {
        get() {
          throw new Error('unreadable')
        },
      })
      const outcomes = await new Promise((resolve) => {
        const actions = { error: resolve }
        Object.assign(
          Object.create(new CivicStrategy(sip.options, verify)) as CivicStrategy,
          actions,
        ).authenticate(req)
      })
      assert.match(String(outcomes), /unreadable/)
    })

    it('if success itself throws: that is the error', async () => {
      const strategy = Object.assign(Object.create(new CivicStrategy(sip.options, verify)) as CivicStrategy, {
        success: () => {
          throw new Error('session store is down')
        },
      })
      const error = await new Promise((resolve) => {
        strategy.error = resolve
        strategy.authenticate({ method: 'POST', headers: {}, ...body() })
      })
      assert.match(String(error), /session store is down/)
    })

    it('if error throws too: there is a warning', async () => {
      for (const [thrown, told] of [
        [new Error('even this'), /even this/],
        ['text', /error\(\) threw/],
      ] as const) {
        const strategy = Object.assign(
          Object.create(new CivicStrategy(sip.options, verify)) as CivicStrategy,
          {
            error: () => {
              throw thrown
            },
            fail: () => {
              throw new Error('fail threw')
            },
          },
        )
        const warned = once(process, 'warning')
        strategy.authenticate({ method: 'POST', headers: {} })
        assert.match(String(await warned), told)
      }
    })

    it('if a custom callback throws: it is called again, with the error', async () => {
      const calls: unknown[][] = []
      const instance = new passport.Passport()
      instance.use(new CivicStrategy(sip.options, () => ({ id: 1 })) as passport.Strategy)
      const callback = (...args: unknown[]): void => {
        calls.push(args)
        if (calls.length === 1) throw new Error('thrown by the callback')
      }
      const done = new Promise((resolve) => {
        const authenticate = instance.authenticate('civic', (...args: unknown[]) => {
          if (calls.length === 1) resolve(undefined)
          callback(...args)
        }) as express.RequestHandler
        authenticate({ method: 'POST', headers: {}, ...body() } as never, {} as never, () => undefined)
      })
      await done
      assert.deepEqual(calls[0]?.slice(0, 2), [null, { id: 1 }])
      assert.match(String(calls[1]), /^Error: thrown by the callback$/)
    })

    it('a CivicError of the verify callback’s own is an error, not a failure', async () => {
      const strategy = new CivicStrategy(sip.options, () => {
        throw new CivicError('CIVIC_TOKEN_INVALID', 'of another client')
      })
      assert.equal((await run(strategy, body()))[0]?.[0], 'error')
    })
  })

  describe('linking', () => {
    const ownPage = { 'Sec-Fetch-Site': 'same-origin' }
    const loggedIn =
      (property = 'user'): express.RequestHandler =>
      (req, _res, next) => {
        Object.assign(req, { [property]: { id: 1 } })
        next()
      }
    const post = async (
      app: express.Express,
      headers: Record<string, string> = {},
    ): Promise<{ status: number; code: unknown }> => {
      const res = await request(app).post('/auth/civic').set(headers).send({ authToken: sip.token() })
      return { status: res.status, code: (res.body as { challenge?: { code: string } }).challenge?.code }
    }

    it('by authorize works for a logged-in person, from the site’s own page', async () => {
      const app = createApp(sip.options, undefined, { link: true, before: loggedIn() })
      assert.equal((await post(app, ownPage)).status, 200)
    })

    it('is checked strictly, also with originCheck: false', async () => {
      for (const link of [true, false]) {
        const app = createApp({ ...sip.options, originCheck: false }, undefined, { link, before: loggedIn() })
        assert.deepEqual(await post(app), { status: 403, code: 'CIVIC_CROSS_ORIGIN' })
        assert.deepEqual(await post(app, { 'Sec-Fetch-Site': 'cross-site' }), {
          status: 403,
          code: 'CIVIC_CROSS_ORIGIN',
        })
      }
      assert.equal(sip.exchanges.length, 0)
    })

    it('also happens when a logged-in person logs in again', async () => {
      const app = createApp(sip.options, undefined, { before: loggedIn() })
      assert.equal((await post(app)).code, 'CIVIC_CROSS_ORIGIN')
      assert.equal((await post(app, ownPage)).status, 200)
    })

    it('sees a user under every name that the app gave it', async () => {
      const strategy = new CivicStrategy(sip.options, verify)
      const initialized = { _userProperty: 'account' }
      const named = { userProperty: 'member' }
      const seen: [object, object?][] = [
        [{ ...initialized, account: {} }],
        [{ user: {} }, named],
        [{ member: {} }, named],
        [{ ...initialized, account: {} }, named],
        [{ ...initialized, member: {} }, named],
        // What koa-passport gives a strategy: its authorize defines no user on the request
        [{ ctx: { state: { user: {} } } }],
        [{ ctx: { state: { member: {} } } }, named],
        [{ ...initialized, ctx: { state: { account: {} } } }],
      ]
      for (const [more, options] of seen) {
        const [outcome] = await run(strategy, { ...body(), ...more }, options)
        assert.equal((outcome?.[1] as CivicError).code, 'CIVIC_CROSS_ORIGIN', JSON.stringify([more, options]))
        const link = { ...options, assignProperty: 'account' }
        const [linked] = await run(strategy, { ...body(), headers: ownPage, ...more }, link)
        assert.equal(linked?.[0], 'success')
      }
      const unseen: [object, object?][] = [
        [{ member: {} }],
        [{ ...initialized, user: {} }],
        [{ user: null, ctx: { state: {} } }, named],
        [{ ctx: {} }, named],
      ]
      for (const [more, options] of unseen) {
        assert.equal((await run(strategy, { ...body(), ...more }, options))[0]?.[0], 'success')
        const link = { ...options, assignProperty: 'account' }
        const [linked] = await run(strategy, { ...body(), headers: ownPage, ...more }, link)
        assert.equal((linked?.[1] as CivicError).code, 'CIVIC_LINK_REFUSED')
      }
    })

    it('is strict whatever name authenticate is given, with Passport itself', async () => {
      const instance = new passport.Passport()
      instance.use(new CivicStrategy(sip.options, () => ({})) as passport.Strategy)
      const app = express()
      app.use(express.json(), loggedIn())
      app.post(
        '/auth/civic',
        instance.authenticate('civic', { userProperty: 'member' }) as express.RequestHandler,
      )
      await request(app).post('/auth/civic').send({ authToken: sip.token() }).expect(403)
    })

    it('an originCheck of false accepts a login from anywhere', async () => {
      const app = createApp({ ...sip.options, originCheck: false })
      assert.equal((await post(app, { 'Sec-Fetch-Site': 'cross-site' })).status, 200)
    })
  })

  describe('the replay store', () => {
    const store = (changes: Partial<ReplayStore> = {}): ReplayStore & { calls: unknown[][] } => {
      const calls: unknown[][] = []
      return {
        calls,
        consume: (...args) => (calls.push(['consume', ...args]), Promise.resolve(true)),
        release: (...args) => (calls.push(['release', ...args]), Promise.resolve()),
        ...changes,
      }
    }
    const login = (
      replayStore: ReplayStore | false,
      options: Partial<CivicStrategyOptions> = {},
    ): Promise<Outcome[]> =>
      run(new CivicStrategy({ ...sip.options, retries: 0, ...options, replayStore }, verify), body())

    it('gets a SHA-256, and a time that outlives the token', async () => {
      const replayStore = store()
      await login(replayStore)
      const [[, key, ttlMs] = []] = replayStore.calls
      assert.match(String(key), /^[0-9a-f]{64}$/)
      assert.equal(ttlMs, (1800 + 2 * 60) * 1000)
    })

    it('is asked only about verified tokens', async () => {
      const replayStore = store()
      await run(new CivicStrategy({ ...sip.options, replayStore }, verify), {
        body: { authToken: sip.token({ iss: 'x' }) },
      })
      assert.deepEqual(replayStore.calls, [])
    })

    it('forgets a code that SIP cannot have used', async () => {
      const replayStore = store()
      sip.answers = [status(429)]
      await login(replayStore)
      const [consume, release] = replayStore.calls
      assert.deepEqual(release, ['release', consume?.[1]])
    })

    it('keeps a code that SIP may have used', async () => {
      for (const answer of [400, 401, 500, 504, 200]) {
        const replayStore = store()
        sip.answers = [status(answer)]
        await login(replayStore)
        assert.equal(replayStore.calls.length, 1)
      }
    })

    it('that fails to forget does not hide the first error', async () => {
      const failing: ReplayStore['release'][] = [
        () => Promise.reject(new Error('down')),
        () => {
          throw new Error('down')
        },
        () => new Promise(() => undefined),
      ]
      for (const release of failing) {
        sip.answers = [status(429)]
        const [outcome] = await login(store({ release }), { timeout: 100 })
        assert.equal((outcome?.[1] as CivicError).code, 'CIVIC_THROTTLED')
      }
    })

    it('that responds too late is told to forget: nobody used the code', async () => {
      let answer!: (first: boolean) => void
      const consume = (): Promise<boolean> => new Promise((resolve) => (answer = resolve))
      const released = new Promise<string>((resolve) => {
        const replayStore = store({ consume, release: (key) => Promise.resolve(resolve(key)) })
        void login(replayStore, { timeout: 20 }).then(([outcome]) => {
          assert.equal((outcome?.[1] as CivicError).code, 'CIVIC_STORE_UNAVAILABLE')
          answer(true)
        })
      })
      assert.match(await released, /^[0-9a-f]{64}$/)
    })

    it('that fails is an error that says so, and the token still works', async () => {
      const consume = (): Promise<boolean> => Promise.reject(new Error('down'))
      const [outcome] = await login(store({ consume }))
      const { code, message, retryable } = outcome?.[1] as CivicError
      assert.deepEqual(
        [code, message, retryable],
        ['CIVIC_STORE_UNAVAILABLE', 'The replay store fails, is full or is too slow', true],
      )
    })

    it('may be left to SIP', async () => assert.equal((await login(false))[0]?.[0], 'success'))
  })
})
