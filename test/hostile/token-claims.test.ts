import assert from 'node:assert/strict'
import { APP_ID, FakeSip, forge } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'

const AREA = 'Tokens: claims and times'
const DAY = 86_400

describe('the claims of an authorization code token', () => {
  const sip = new FakeSip()
  let strategy: object

  before(async () => {
    await sip.start()
    strategy = strategyFor(sip)
  })
  after(() => sip.stop())
  beforeEach(() => {
    sip.exchanges.length = 0
  })

  async function refused(token: string, code = 'CIVIC_TOKEN_INVALID'): Promise<void> {
    const outcome = await outcomeOf(AREA, 'refused', strategy, post({ authToken: token }))
    assert.deepEqual({ ...outcome }, { kind: 'fail', code, status: 401 })
    assert.equal(sip.exchanges.length, 0, 'nothing is sent')
  }

  async function accepted(changes: Record<string, unknown> = {}): Promise<void> {
    const outcome = await outcomeOf(AREA, 'accepted', strategy, post({ authToken: sip.token(changes) }))
    assert.equal(outcome.kind, 'success')
  }

  const now = (): number => Date.now() / 1000
  const show = (value: unknown): string => (value === undefined ? 'its absence' : JSON.stringify(value))

  describe('times', () => {
    const noTimes: unknown[] = [undefined, null, true, '', 'soon', [], [1e10], {}, { valueOf: 1 }]
    for (const claim of ['exp', 'iat']) {
      for (const value of noTimes) {
        it(`refuse ${show(value)} for ${claim}`, () => refused(sip.token({ [claim]: value })))
      }
      it(`refuse a string of a good ${claim}`, async () => {
        const good = sip.claims()
        await refused(sip.token({ ...good, [claim]: String(good[claim]) }))
      })
    }
    for (const value of noTimes.slice(1)) {
      it(`refuse ${show(value)} for nbf`, () => refused(sip.token({ nbf: value })))
    }
    it('refuse code and data tokens that are not valid yet', async () => {
      for (const nbf of [now() + 65, now() + 3600, Date.now(), Number.MAX_VALUE]) {
        await refused(sip.token({ nbf }))
        sip.answers = [sip.success({ data: sip.dataToken({ nbf }) })]
        const outcome = await outcomeOf(AREA, 'refused', strategy, post({ authToken: sip.token() }))
        assert.deepEqual([outcome.kind, outcome.code], ['error', 'CIVIC_BAD_ANSWER'])
        sip.answers = []
        sip.exchanges.length = 0
      }
    })
    it('accept an nbf in the past, or within a minute', async () => {
      for (const nbf of [0, -1, now() - 1, now() + 58]) await accepted({ nbf })
    })
    const intervals: Record<string, () => [iat: number, exp: number]> = {
      'exp equal to iat': () => [now(), now()].fill(now()) as [number, number],
      'exp before iat': () => [now(), now() - 1],
      'exp negative': () => [now(), -1],
      'iat negative': () => [-1, now() + 1800],
      'iat zero': () => [0, now() + 1800],
      'exp at the end of numbers': () => [now(), Number.MAX_VALUE],
      'iat at the end of numbers': () => [-Number.MAX_VALUE, now() + 1800],
      milliseconds: () => [Date.now(), Date.now() + 1_800_000],
      'exp in milliseconds': () => [now(), Date.now()],
      'a lifetime of a day and a second': () => [now(), now() + DAY + 1],
      'a lifetime of a year': () => [now(), now() + 365 * DAY],
      'iat 65 s ahead': () => [now() + 65, now() + 1800],
      'iat an hour ahead': () => [now() + 3600, now() + 5400],
    }
    for (const [name, interval] of Object.entries(intervals)) {
      it(`refuse ${name}`, async () => {
        const [iat, exp] = interval()
        await refused(sip.token({ iat, exp }))
      })
    }
    const past: Record<string, () => [iat: number, exp: number]> = {
      'a minute and a second ago': () => [now() - 1800, now() - 61],
      'an hour ago': () => [now() - 5400, now() - 3600],
      'in 1969': () => [-1800, -900],
      'at zero': () => [-1800, 0],
      'a fraction too long ago': () => [now() - 100.5, now() - 60.001],
    }
    for (const [name, interval] of Object.entries(past)) {
      it(`refuse what expired ${name}, and say so`, async () => {
        const [iat, exp] = interval()
        await refused(sip.token({ iat, exp }), 'CIVIC_TOKEN_EXPIRED')
      })
    }
    it('do not say "expired" to a token that is wrong in other ways', async () => {
      const [iat, exp] = [now() - 7200, now() - 3600]
      await refused(sip.token({ iat, exp, aud: 'x' }))
      await refused(sip.token({ iat, exp, sub: 'x' }))
      await refused(forge({ alg: 'ES256' }, sip.claims({ iat, exp }), sip.app.privateKey))
    })
    it('accept fractions, whole numbers and a whole day', async () => {
      await accepted({ iat: now() - 0.123_456, exp: now() + 1799.999 })
      await accepted({ iat: Math.floor(now()), exp: Math.floor(now()) + 1800 })
      const iat = Math.floor(now())
      await accepted({ iat, exp: iat + DAY })
    })
    it('accept a clock difference of a minute, either way', async () => {
      await accepted({ iat: now() + 58, exp: now() + 1800 })
      await accepted({ iat: now() - 1800, exp: now() - 58 })
    })
  })

  describe('identity', () => {
    const good = (): Record<string, unknown> => sip.claims()
    const changed: Record<string, (value: string) => unknown> = {
      'its absence': () => undefined,
      null: () => null,
      'the empty string': () => '',
      'an array of it': (value) => [value],
      'an array that holds it': (value) => ['x', value],
      'an object': (value) => ({ [value]: true }),
      'a number': () => 1,
      true: () => true,
      'upper case': (value) => value.toUpperCase(),
      'a space in front': (value) => ` ${value}`,
      'a space behind': (value) => `${value} `,
      'a slash more': (value) => `${value}/`,
      'a NUL behind': (value) => `${value}\0`,
      'a part of it': (value) => value.slice(0, -1),
      'more than it': (value) => `${value}x`,
      'an accent that combines': (value) => `${value}\u0301`,
    }
    for (const claim of ['iss', 'aud', 'sub']) {
      for (const [name, change] of Object.entries(changed)) {
        it(`refuses ${name} for ${claim}`, async () => {
          const value = good()[claim] as string
          await refused(sip.token({ [claim]: change(value) }))
        })
      }
    }
    it('refuses the issuer’s and the audience’s look-alikes', async () => {
      for (const iss of ['civic-sip-hosted-services', 'Civic-SIP-Hosted-Service', APP_ID, sip.api])
        await refused(sip.token({ iss }))
      const { api } = sip
      const auds = [
        api.slice(0, -1),
        api.replace('http:', 'https:'),
        `${api}prod/`,
        `${api}?`,
        `${api}#`,
        sip.origin,
      ]
      for (const aud of [...auds, api.replace('127.0.0.1', 'localhost'), 'https://api.civic.com/sip/'])
        await refused(sip.token({ aud }))
    })
    it('refuses a token for another app of the same SIP', () => refused(sip.token({ sub: 'app54321' })))
  })

  describe('jti and code', () => {
    const noText: unknown[] = [undefined, null, '', 0, 1, true, [], ['x'], {}, { toString: 'x' }]
    for (const value of noText) {
      it(`refuse ${show(value)} for jti`, () => refused(sip.token({ jti: value })))
      it(`refuse ${show(value)} for data.codeToken`, () => refused(sip.token({ data: { codeToken: value } })))
    }
    for (const value of [undefined, null, '', 'x', 1, true, [], ['codeToken'], [{ codeToken: 'x' }], {}]) {
      it(`refuse ${show(value)} for data`, () => refused(sip.token({ data: value })))
    }
    it('refuse a code in another place', async () => {
      await refused(sip.token({ data: undefined, codeToken: 'x' }))
      await refused(sip.token({ data: { CodeToken: 'x' } }))
      await refused(sip.token({ data: { data: { codeToken: 'x' } } }))
    })
  })

  describe('of another kind of token', () => {
    it('refuse the data token of an answer', () => refused(sip.dataToken()))

    it('refuse the data token of a person’s own login', async () => {
      let dataToken = ''
      sip.answers = [
        (res, exchange) => {
          dataToken = sip.dataToken()
          return sip.success({ data: dataToken })(res, exchange)
        },
      ]
      await accepted()
      sip.answers = []
      sip.exchanges.length = 0
      await refused(dataToken)
    })

    it('refuse our request token, and one that SIP signed', async () => {
      await accepted()
      const authorization = sip.exchanges[0]?.req.headers.authorization ?? ''
      const requestToken = authorization.slice('Civic '.length, authorization.lastIndexOf('.'))
      assert.equal(requestToken.split('.').length, 3)
      sip.exchanges.length = 0
      await refused(requestToken)
      await refused(authorization.slice('Civic '.length))
      await refused(sip.token({ data: { method: 'POST', path: 'scopeRequest/authCode' } }))
    })
  })
})
