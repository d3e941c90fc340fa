import assert from 'node:assert/strict'
import express from 'express'
import passport from 'passport'
import { Strategy } from 'passport-strategy'
import request from 'supertest'
import { MemoryReplayStore } from '../../lib/index.ts'
import type { CivicStrategyOptions } from '../../lib/index.ts'
import { outcomesOf, post, strategyFor } from '../support/drive.ts'
import { FakeSip } from '../support/sip.ts'

describe('what authenticate checks, in order', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  const own = { 'sec-fetch-site': 'same-origin' }
  const foreign = { 'sec-fetch-site': 'cross-site' }
  const past = { iat: Date.now() / 1000 - 7200, exp: Date.now() / 1000 - 3600 }

  /** A store that says what it is asked. */
  class Spy extends MemoryReplayStore {
    readonly asked: string[] = []
    override consume(key: string, ttlMs: number): Promise<boolean> {
      this.asked.push(key)
      return super.consume(key, ttlMs)
    }
  }

  const codeOf = async (
    authToken: unknown,
    more: object = {},
    options: Partial<CivicStrategyOptions> = {},
  ): Promise<unknown> => {
    const strategy = strategyFor(sip, options)
    const outcomes = await outcomesOf(strategy, { ...post({ authToken }), ...more })
    assert.equal(outcomes.length, 1)
    return outcomes[0]?.code
  }

  it('a token exists: before anything else', async () => {
    for (const authToken of [undefined, null, '']) {
      for (const headers of [own, foreign, undefined, 'unreadable', {}]) {
        for (const method of ['POST', 'GET', undefined])
          assert.equal(await codeOf(authToken, { headers, method, user: {} }), 'CIVIC_TOKEN_MISSING')
      }
    }
  })

  it('the origin: before the form and contents of the token', async () => {
    for (const authToken of [
      7,
      'x'.repeat(9000),
      'x',
      sip.token(past),
      sip.token({ sub: 'x' }),
      sip.token(),
    ]) {
      assert.equal(await codeOf(authToken, { headers: foreign }), 'CIVIC_CROSS_ORIGIN')
      assert.equal(await codeOf(authToken, { method: 'GET' }), 'CIVIC_CROSS_ORIGIN')
      assert.equal(await codeOf(authToken, { user: {} }), 'CIVIC_CROSS_ORIGIN')
    }
  })

  it('an origin that cannot be read is an error, with every mode but false', async () => {
    const headers = [['Sec-Fetch-Site', 'cross-site']]
    for (const originCheck of [true, 'strict'] as const) {
      const [outcome] = await outcomesOf(strategyFor(sip, { originCheck }), {
        ...post({ authToken: sip.token() }),
        headers,
      })
      assert.equal(outcome?.kind, 'error')
      assert.match(String(outcome.thrown), /^TypeError: req\.headers must/)
    }
    assert.equal(await codeOf(sip.token(), { headers }, { originCheck: false }), undefined)
    // Linking is strict whatever originCheck says
    const [linking] = await outcomesOf(strategyFor(sip, { originCheck: false }), {
      ...post({ authToken: sip.token() }),
      headers,
      user: {},
    })
    assert.match(String(linking?.thrown), /^TypeError: req\.headers must/)
  })

  it('the form of the token: before it is verified', async () => {
    assert.equal(await codeOf(7), 'CIVIC_TOKEN_MALFORMED')
    assert.equal(await codeOf(`${sip.token()}.${'x'.repeat(9000)}`), 'CIVIC_TOKEN_MALFORMED')
  })

  it('the token: before the replay store is asked', async () => {
    const replayStore = new Spy()
    assert.equal(await codeOf(sip.token({ sub: 'x' }), {}, { replayStore }), 'CIVIC_TOKEN_INVALID')
    assert.equal(await codeOf(sip.token(past), {}, { replayStore }), 'CIVIC_TOKEN_EXPIRED')
    assert.deepEqual(replayStore.asked, [])
  })

  it('the replay store: before the exchange', async () => {
    const replayStore = new Spy()
    const authToken = sip.token()
    sip.answers = [
      (res, exchange) => {
        assert.equal(replayStore.asked.length, 1)
        return sip.success()(res, exchange)
      },
    ]
    assert.equal(await codeOf(authToken, {}, { replayStore }), undefined)
    assert.equal(await codeOf(authToken, {}, { replayStore }), 'CIVIC_TOKEN_REPLAYED')
    assert.equal(sip.exchanges.length, 1)
  })

  describe('in a chain of strategies', () => {
    class Other extends Strategy {
      name = 'jwt'
      override authenticate(): void {
        this.fail('Bearer', 401)
      }
    }
    const instance = new passport.Passport()
    const app = express()
    before(() => {
      instance.use(new Other()).use(strategyFor(sip) as passport.Strategy)
      app.use(express.json())
      app.all('/both', instance.authenticate(['jwt', 'civic']) as express.RequestHandler)
      app.all('/civic', instance.authenticate(['civic', 'jwt']) as express.RequestHandler)
    })

    it('a GET with no token is unauthorized, or a bad request, not forbidden', async () => {
      await request(app).get('/both').expect(401, 'Unauthorized')
      await request(app).get('/civic').expect(400, 'Bad Request')
    })
  })
})
