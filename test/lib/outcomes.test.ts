import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import request from 'supertest'
import type { CivicStrategyOptions, ReplayStore, Verify } from '../../lib/index.ts'
import { createApp } from '../support/app.ts'
import type { Outcome } from '../support/app.ts'
import { FakeSip, forge, ITEMS, newKeys, status, USER_ID } from '../support/sip.ts'

describe('the outcomes of a login: each row of the outcome table', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  interface Changes {
    options?: Partial<CivicStrategyOptions>
    verify?: Verify<unknown>
    headers?: Record<string, string>
  }
  interface Result {
    status: number
    body: Outcome
  }

  const post = async (sent: object, { options, verify, headers = {} }: Changes = {}): Promise<Result> => {
    const app = createApp({ ...sip.options, retries: 0, ...options }, verify)
    const res = await request(app).post('/auth/civic').set(headers).send(sent)
    return { status: res.status, body: res.body as Outcome }
  }

  /** A failure carries its code to the app, and sends nothing anywhere unless said. */
  const assertFail = (res: Result, code: string, expected: number): void => {
    assert.equal(res.body.outcome, 'fail')
    assert.equal(res.body.challenge?.code, code)
    assert.ok(res.body.challenge.message)
    assert.equal(res.status, expected)
  }
  const assertError = (res: Result, code: string, expected: number): void => {
    assert.deepEqual(
      { outcome: res.body.outcome, code: res.body.code, status: res.body.status },
      { outcome: 'error', code, status: expected },
    )
    assert.doesNotMatch(JSON.stringify(res.body), /REMOTE-BODY/)
  }

  describe('success: a person with a genuine token is logged in', () => {
    it('with the userId and the data that SIP sent', async () => {
      const res = await post({ authToken: sip.token() })
      assert.equal(res.status, 200)
      assert.deepEqual(res.body.user, { userId: USER_ID, scopeData: ITEMS })
    })

    it('with the info that the verify callback gave', async () => {
      const res = await post(
        { authToken: sip.token() },
        { verify: (_id, _data, done) => done(null, { id: 1 }, { hello: 'x' }) },
      )
      assert.deepEqual(res.body, { outcome: 'success', user: { id: 1 }, info: { hello: 'x' } })
    })
  })

  describe('no token, not a string, too long: fail 400', () => {
    it('CIVIC_TOKEN_MISSING without one', async () => {
      assertFail(await post({}), 'CIVIC_TOKEN_MISSING', 400)
      assertFail(await post({ authToken: '' }), 'CIVIC_TOKEN_MISSING', 400)
      assertFail(await post({ authToken: null }), 'CIVIC_TOKEN_MISSING', 400)
    })

    it('CIVIC_TOKEN_MALFORMED for one that is not a string', async () => {
      for (const authToken of [1, true, ['x'], { toString: 'x' }]) {
        assertFail(await post({ authToken }), 'CIVIC_TOKEN_MALFORMED', 400)
      }
    })

    it('CIVIC_TOKEN_MALFORMED for one over maxTokenLength', async () => {
      assertFail(await post({ authToken: 'x'.repeat(8193) }), 'CIVIC_TOKEN_MALFORMED', 400)
      assertFail(await post({ authToken: 'x'.repeat(8192) }), 'CIVIC_TOKEN_INVALID', 401)
    })

    afterEach('SIP hears nothing', () => assert.equal(sip.exchanges.length, 0))
  })

  describe('cross-origin: fail 403', () => {
    it('CIVIC_CROSS_ORIGIN', async () => {
      const headers = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example.org' }
      assertFail(await post({ authToken: sip.token() }, { headers }), 'CIVIC_CROSS_ORIGIN', 403)
      assert.equal(sip.exchanges.length, 0)
    })
  })

  describe('bad signature, algorithm, claims: fail 401', () => {
    it('CIVIC_TOKEN_INVALID', async () => {
      const stranger = newKeys().privateKey
      const [header, payload] = sip.token().split('.')
      const tokens = {
        signature: forge({ alg: 'ES256', typ: 'JWT' }, sip.claims(), stranger),
        algorithm: sip.sign(sip.claims(), { alg: 'none', typ: 'JWT' }),
        unsigned: `${header ?? ''}.${payload ?? ''}.`,
        issuer: sip.token({ iss: 'somebody-else' }),
        audience: sip.token({ aud: 'https://api.civic.com/sip/' }),
        app: sip.token({ sub: 'another-app' }),
        code: sip.token({ data: {} }),
      }
      for (const [name, authToken] of Object.entries(tokens)) {
        const res = await post({ authToken })
        assert.equal(res.status, 401, name)
        assertFail(res, 'CIVIC_TOKEN_INVALID', 401)
      }
      assert.equal(sip.exchanges.length, 0)
    })
  })

  describe('expired: fail 401', () => {
    it('CIVIC_TOKEN_EXPIRED', async () => {
      const iat = Date.now() / 1000 - 1900
      assertFail(await post({ authToken: sip.token({ iat, exp: iat + 1800 }) }), 'CIVIC_TOKEN_EXPIRED', 401)
      assert.equal(sip.exchanges.length, 0)
    })
  })

  describe('seen before: fail 401', () => {
    it('CIVIC_TOKEN_REPLAYED', async () => {
      const app = createApp(sip.options)
      const authToken = sip.token()
      const first = await request(app).post('/auth/civic').send({ authToken })
      const second = await request(app).post('/auth/civic').send({ authToken })
      assert.equal(first.status, 200)
      assertFail(second, 'CIVIC_TOKEN_REPLAYED', 401)
      assert.equal(sip.exchanges.length, 1)
    })
  })

  const answered: [string, number[], string, number, 'fail' | 'error'][] = [
    ['SIP answers 400, 404, 410', [400, 404, 410], 'CIVIC_CODE_REJECTED', 401, 'fail'],
    ['SIP answers 401, 403, 405, 409', [401, 403, 405, 409], 'CIVIC_APP_REJECTED', 500, 'error'],
    ['SIP answers 429', [429], 'CIVIC_THROTTLED', 503, 'error'],
    ['SIP answers 5xx', [500, 502, 503, 599], 'CIVIC_UNAVAILABLE', 502, 'error'],
    ['SIP answers 504', [504], 'CIVIC_TIMEOUT', 504, 'error'],
    ['any other status', [201, 204, 206, 304, 402, 418, 451], 'CIVIC_BAD_ANSWER', 502, 'error'],
  ]
  for (const [name, statuses, code, expected, outcome] of answered) {
    describe(`${name}: ${outcome} ${expected}`, () => {
      for (const answer of statuses) {
        it(`${code} for ${answer}`, async () => {
          sip.answers = [status(answer)]
          const res = await post({ authToken: sip.token() })
          ;(outcome === 'fail' ? assertFail : assertError)(res, code, expected)
          assert.equal(sip.exchanges.length, 1)
        })
      }
    })
  }

  describe('SIP cannot be reached: error 502', () => {
    it('CIVIC_UNAVAILABLE, with the system code in the message', async () => {
      const gone = await new FakeSip().start()
      const { options } = gone
      const authToken = gone.token()
      await gone.stop()
      const res = await post({ authToken }, { options })
      assertError(res, 'CIVIC_UNAVAILABLE', 502)
      assert.match(res.body.message ?? '', /ECONNREFUSED/)
    })

    it('CIVIC_UNAVAILABLE if the connection breaks', async () => {
      sip.answers = [(res) => res.destroy()]
      assertError(await post({ authToken: sip.token() }), 'CIVIC_UNAVAILABLE', 502)
    })
  })

  describe('deadline passed: error 504', () => {
    it('CIVIC_TIMEOUT', async () => {
      sip.answers = [() => undefined]
      assertError(await post({ authToken: sip.token() }, { options: { timeout: 50 } }), 'CIVIC_TIMEOUT', 504)
    })
  })

  describe('response unreadable, unverifiable, undecryptable, plain without permission: error 502', () => {
    const text = (body: string) => (res: ServerResponse) => res.writeHead(200).end(body)
    const answers: Record<string, () => FakeSip['answers'][number]> = {
      'a redirect': () => (res) => res.writeHead(302, { Location: `${sip.origin}/elsewhere` }).end(),
      'no JSON': () => text('<html>'),
      'no object': () => text('[]'),
      'cut JSON': () => text('{"data":"'),
      'no userId': () => sip.success({ userId: undefined }),
      'a data token of a stranger': () => sip.success({ data: sip.dataToken().slice(0, -4) + 'AAAA' }),
      'data under another secret': () =>
        sip.success({ data: sip.token({ data: '00'.repeat(16) + 'A'.repeat(22) + '==' }) }),
      'data that is not encrypted': () => sip.success({ encrypted: false }),
      'another algorithm': () => sip.success({ alg: 'rot13' }),
    }
    for (const [name, answer] of Object.entries(answers)) {
      it(`CIVIC_BAD_ANSWER for ${name}`, async () => {
        sip.answers = [answer()]
        assertError(await post({ authToken: sip.token() }), 'CIVIC_BAD_ANSWER', 502)
        assert.equal(sip.exchanges.length, 1)
      })
    }
  })

  describe('linking without a logged-in user: fail 403', () => {
    it('CIVIC_LINK_REFUSED', async () => {
      const app = createApp(sip.options, undefined, { link: true })
      const res = await request(app)
        .post('/auth/civic')
        .set('Sec-Fetch-Site', 'same-origin')
        .send({ authToken: sip.token() })
      assertFail(res, 'CIVIC_LINK_REFUSED', 403)
      assert.equal(sip.exchanges.length, 0)
    })
  })

  describe('verify gives no user: fail 401 with its info', () => {
    const verdicts: Record<string, Verify<unknown>> = {
      false: () => false,
      null: () => null,
      '{ user: null }': () => ({ user: null }),
      '{ user: undefined }': () => ({ user: undefined }),
      'a promise of false': () => Promise.resolve(false),
      'done(null, false)': (_id, _data, done) => done(null, false),
      'done(null)': (_id, _data, done) => done(null),
    }
    for (const [name, verify] of Object.entries(verdicts)) {
      it(name, async () => {
        const res = await post({ authToken: sip.token() }, { verify })
        assert.equal(res.status, 401)
        assert.deepEqual(res.body, { outcome: 'fail' })
      })
    }

    it('done(null, false, info)', async () => {
      const info = { message: 'This account is closed', code: 'CLOSED' }
      const res = await post(
        { authToken: sip.token() },
        { verify: (_id, _data, done) => done(null, false, info) },
      )
      assert.deepEqual(res, { status: 401, body: { outcome: 'fail', challenge: info } })
    })
  })

  describe('the replay store fails, is full or too slow: error 503', () => {
    const stores: Record<string, ReplayStore['consume']> = {
      fails: () => Promise.reject(new Error('SECRET-KEY')),
      throws: () => {
        throw new Error('SECRET-KEY')
      },
      'is too slow': () => new Promise(() => undefined),
      'answers nonsense': () => Promise.resolve('OK' as never),
    }
    for (const [name, consume] of Object.entries(stores)) {
      it(`CIVIC_STORE_UNAVAILABLE where it ${name}`, async () => {
        const replayStore: ReplayStore = { consume, release: () => Promise.resolve() }
        const res = await post({ authToken: sip.token() }, { options: { replayStore, timeout: 50 } })
        assertError(res, 'CIVIC_STORE_UNAVAILABLE', 503)
        assert.doesNotMatch(JSON.stringify(res.body), /SECRET-KEY/)
        assert.equal(sip.exchanges.length, 0)
      })
    }
  })

  describe('verify throws: error as thrown', () => {
    const boom = Object.assign(new Error('boom'), { code: 'DB_DOWN', status: 500 })
    const throwers: Record<string, Verify<unknown>> = {
      throw: () => {
        throw boom
      },
      'a rejected promise': () => Promise.reject(boom),
      'done(error)': (_id, _data, done) => done(boom),
    }
    for (const [name, verify] of Object.entries(throwers)) {
      it(name, async () => {
        const res = await post({ authToken: sip.token() }, { verify })
        assert.deepEqual(res.body, { outcome: 'error', message: 'boom', code: 'DB_DOWN', status: 500 })
      })
    }
  })

  describe('SIP answers 429 with Retry-After', () => {
    it('the error carries retryAfter in seconds', async () => {
      sip.answers = [status(429, { 'Retry-After': '7' })]
      const app = createApp({ ...sip.options, timeout: 1000 })
      const res = await request(app).post('/auth/civic').send({ authToken: sip.token() })
      assertError(res, 'CIVIC_THROTTLED', 503)
      assert.equal((res.body as { retryAfter?: number }).retryAfter, 7)
    })
  })
})
