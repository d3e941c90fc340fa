import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { LedgerUnavailable } from 'civic-attestations'
import type { Credential } from 'civic-attestations'
import { loadVerifier } from '../../lib/attestations.ts'
import { CivicClient, MemoryReplayStore } from '../../lib/index.ts'
import type { AttestationsOption, CivicError, CivicStrategyOptions } from '../../lib/index.ts'
import { outcomesOf, post, strategyFor } from '../support/drive.ts'
import { assertNoTimerLeft } from '../support/timers.ts'
import { EMAIL, PHONE } from './support/hosted.ts'
import { HostedSite } from './support/hosted-site.ts'
import { CLAIMS } from '../support/person.ts'

type Json = Record<string, unknown>

describe('attestations: SIP is not trusted', () => {
  const site = new HostedSite()
  before(() => site.start())
  after(() => site.stop())
  beforeEach(() => {
    site.sip.answers = []
    site.sip.exchanges.length = 0
  })

  describe('an honest response', () => {
    it('gives the values that the wallet proved', async () => {
      const { answer, payload } = site.honest()
      const { userId, data } = await site.exchange(payload, answer.userId)
      assert.equal(userId, answer.userId)
      const items = Object.entries(CLAIMS).map(([label, value]) => ({
        label,
        value,
        isValid: true,
        isOwner: true,
      }))
      assert.deepEqual([...data], items)
    })

    it('is requested in its form, and in the array form without the option', async () => {
      const { answer, payload } = site.honest()
      await site.exchange(payload, answer.userId)
      const { authToken, ...asked } = JSON.parse(site.sip.exchanges[0]!.body) as Json
      assert.equal(typeof authToken, 'string')
      assert.deepEqual(asked, { allowS3UploadedPayload: true, format: 'W3C' })
      site.sip.answers = []
      await new CivicClient(site.sip.options).exchangeCode(site.sip.token())
      assert.ok(!site.sip.exchanges[1]!.body.includes('format'))
    })

    it('may have all claims of a set in one credential', async () => {
      const { answer, payload } = site.honest()
      const [first, second] = payload.credentials as [Credential, Credential]
      const credentials = [{ ...first, claims: [...first.claims, ...second.claims] }]
      const { data } = await site.exchange({ ...payload, credentials }, answer.userId)
      assert.deepEqual(data.labels, [EMAIL, PHONE])
    })

    it('may be a login that shares nothing', async () => {
      const { answer, payload } = site.honest({}, { verificationLevel: 'Anonymous_Login', attributes: [] })
      const { userId, data } = await site.exchange(payload, answer.userId)
      assert.equal(userId, answer.userId)
      assert.deepEqual([...data], [])
    })

    it('may contain an optional label', async () => {
      const { answer, payload } = site.honest({}, { attributes: [EMAIL], optionalAttributes: [PHONE] })
      const { data } = await site.exchange(payload, answer.userId)
      assert.equal(data.value(EMAIL), CLAIMS[EMAIL])
    })

    it('has its userId once, outside', async () => {
      const { answer, payload } = site.honest()
      delete payload.userId
      assert.equal((await site.exchange(payload, answer.userId)).userId, answer.userId)
    })

    it('says what was revoked', async () => {
      const { answer, payload } = site.honest()
      const spent = { ...site.reader(), outspend: () => Promise.resolve({ spent: true }) }
      const { data } = await site.exchange(
        payload,
        answer.userId,
        new CivicClient(site.options({ ledger: spent })),
      )
      assert.equal(data.get(EMAIL)?.isValid, false)
      assert.equal(data.value(EMAIL), undefined)
    })

    it('is one of many: each approval has its own place among the used ones', async () => {
      const client = new CivicClient(site.options())
      for (let n = 0; n < 2; n++) {
        const { answer, payload } = site.honest()
        assert.equal((await site.exchange(payload, answer.userId, client)).userId, answer.userId)
      }
    })

    it('logs in through the strategy', async () => {
      const { answer, payload } = site.honest()
      site.respond(payload, answer.userId)
      const [outcome] = await outcomesOf(
        strategyFor(site.sip, site.options()),
        post({ authToken: site.sip.token() }),
      )
      assert.deepEqual(outcome, { kind: 'success', user: { userId: answer.userId } })
    })

    it('leaves no timer behind', async () => {
      const { answer, payload } = site.honest()
      await assertNoTimerLeft(() => site.exchange(payload, answer.userId))
    })
  })

  describe('an approval', () => {
    const NOW = 1_700_000_000
    const TOLERANCE = 7
    beforeEach(() => mock.timers.enable({ apis: ['Date'], now: NOW * 1000 }))
    afterEach(() => mock.timers.reset())
    const exchange = (iat: number) => {
      const { answer, payload } = site.honest({ iat, exp: iat + 180 })
      const options = { ...site.options(), clockTolerance: TOLERANCE }
      return site.exchange(payload, answer.userId, new CivicClient(options))
    }

    it('counts for half an hour, plus or minus the clock tolerance', async () => {
      const [first, last] = [NOW - 1800 - TOLERANCE, NOW + TOLERANCE]
      for (const iat of [first, last]) await exchange(iat)
      for (const iat of [first - 1, last + 1]) {
        await assert.rejects(exchange(iat), { code: 'CIVIC_BAD_ANSWER', reason: 'attestation' })
      }
    })

    it('is stored as used for as long as it counts', async () => {
      const times: number[] = []
      const replayStore = {
        consume: (_key: string, ttlMs: number) => Promise.resolve(times.push(ttlMs) > 0),
        release: () => Promise.resolve(),
      }
      const { answer, payload } = site.honest({ iat: NOW, exp: NOW + 180 })
      const options = { ...site.options(), clockTolerance: TOLERANCE, replayStore }
      site.respond(payload, answer.userId)
      await outcomesOf(strategyFor(site.sip, options), post({ authToken: site.sip.token() }))
      assert.equal(times.at(-1), (1800 + 2 * TOLERANCE) * 1000)
    })
  })

  describe('other failures', () => {
    const fails = async (more: Partial<AttestationsOption>, others: Partial<CivicStrategyOptions> = {}) => {
      const { answer, payload } = site.honest()
      site.respond(payload, answer.userId)
      const strategy = strategyFor(site.sip, { ...site.options(more), ...others })
      const [outcome] = await outcomesOf(strategy, post({ authToken: site.sip.token() }))
      const { code, reason, retryable } = outcome!.thrown as CivicError
      return { code, reason, retryable }
    }

    it('a ledger that cannot be reached: CIVIC_UNAVAILABLE, not retryable', async () => {
      const down = { ...site.reader(), txHex: () => Promise.reject(new LedgerUnavailable('down')) }
      const unavailable = { code: 'CIVIC_UNAVAILABLE', reason: 'ledger', retryable: false }
      assert.deepEqual(await fails({ ledger: down }), unavailable)
      const { answer, payload } = site.honest()
      const client = new CivicClient(site.options({ ledger: down }))
      const message = 'The ledger of the attestations is unavailable'
      await assert.rejects(site.exchange(payload, answer.userId, client), { message })
    })

    it('a ledger that never responds: CIVIC_TIMEOUT', async () => {
      const slow = { ...site.reader(), txHex: () => new Promise<string>(() => undefined) }
      const timeout = { code: 'CIVIC_TIMEOUT', reason: 'deadline', retryable: false }
      assert.deepEqual(await fails({ ledger: slow }, { timeout: 300 }), timeout)
    })

    it('a ledger that is broken: CIVIC_UNAVAILABLE', async () => {
      const broken = { ...site.reader(), txStatus: () => Promise.reject(new TypeError('x')) }
      assert.equal((await fails({ ledger: broken })).code, 'CIVIC_UNAVAILABLE')
    })

    it('a replay store that fails: CIVIC_STORE_UNAVAILABLE, not retryable', async () => {
      const store = new MemoryReplayStore()
      let calls = 0
      const replayStore = {
        consume: (key: string, ttlMs: number) =>
          ++calls === 1 ? store.consume(key, ttlMs) : Promise.reject(new Error('x')),
        release: (key: string) => store.release(key),
      }
      const unavailable = { code: 'CIVIC_STORE_UNAVAILABLE', reason: 'store', retryable: false }
      assert.deepEqual(await fails({}, { replayStore }), unavailable)
    })

    it('a package that is not installed: before anything is sent', async () => {
      await assert.rejects(loadVerifier('./direct/none.ts'), (error: CivicError) => {
        assert.deepEqual([error.code, error.reason, error.retryable], ['CIVIC_UNAVAILABLE', 'ledger', true])
        assert.match(error.message, /npm install civic-attestations/)
        return true
      })
    })
  })
})
