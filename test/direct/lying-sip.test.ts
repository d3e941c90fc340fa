import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { LedgerUnavailable, signGrant } from 'civic-attestations'
import type { Attestation, Credential, EmbeddedLedger } from 'civic-attestations'
import { CivicClient, CivicError, MemoryReplayStore } from '../../lib/index.ts'
import type { CivicClientOptions, CivicStrategyOptions, CivicUser } from '../../lib/index.ts'
import type { ResolvedAnswer } from '../../lib/direct/index.ts'
import { loadVerifier } from '../../lib/attestations.ts'
import { outcomesOf, post, strategyFor } from '../support/drive.ts'
import { authorities, fundedLedger } from '../support/issuer.ts'
import { APP_ID, FakeSip, json } from '../support/sip.ts'
import { assertNoTimerLeft } from '../support/timers.ts'
import { EMAIL, PAGE, PHONE, hostedBody, hostedPayload, hostedToken } from './support/hosted.ts'
import type { HostedPayload } from './support/hosted.ts'
import { CLAIMS, Person, requestIdOf } from '../support/person.ts'

type Json = Record<string, unknown>

describe('attestations: SIP is not trusted', () => {
  const sip = new FakeSip()
  const ledger = fundedLedger()
  let ada: Person
  let eve: Person
  before(async () => {
    await sip.start()
    ;[ada, eve] = [await Person.attested('ada', ledger), await Person.attested('eve', ledger)]
  })
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  const options = (more: Partial<CivicClientOptions['attestations']> = {}): CivicStrategyOptions => ({
    ...sip.options,
    attestations: { ledger, authorities, origins: [PAGE], ...more },
  })

  /** Has SIP answer with this payload, for this person unless another is named. */
  const exchange = (
    payload: unknown,
    userId: unknown,
    client = new CivicClient(options()),
  ): Promise<CivicUser> => {
    sip.answers = [(res) => json(res, 200, hostedBody(sip, userId, payload))]
    return client.exchangeCode(sip.token())
  }

  const honest = (changes: Json = {}, data: Json = {}) => {
    const token = hostedToken(sip, changes, data)
    const answer = ada.answer(token)
    return { token, answer, payload: hostedPayload(token, answer) }
  }

  const isRefusedBy = (check: string) => (error: unknown) => {
    assert.ok(error instanceof CivicError)
    assert.deepEqual([error.code, error.reason, error.retryable], ['CIVIC_BAD_ANSWER', 'attestation', false])
    assert.ok(error.message.endsWith(`(${check})`), error.message)
    return true
  }

  describe('an honest response', () => {
    it('gives the values that the wallet proved', async () => {
      const { answer, payload } = honest()
      const { userId, data } = await exchange(payload, answer.userId)
      assert.equal(userId, answer.userId)
      const items = Object.entries(CLAIMS).map(([label, value]) => ({
        label,
        value,
        isValid: true,
        isOwner: true,
      }))
      assert.deepEqual([...data], items)
    })

    it('is asked for in its form, and as before without the option', async () => {
      const { answer, payload } = honest()
      await exchange(payload, answer.userId)
      const { authToken, ...asked } = JSON.parse(sip.exchanges[0]!.body) as Json
      assert.equal(typeof authToken, 'string')
      assert.deepEqual(asked, { allowS3UploadedPayload: true, format: 'W3C' })
      sip.answers = []
      await new CivicClient(sip.options).exchangeCode(sip.token())
      assert.ok(!sip.exchanges[1]!.body.includes('format'))
    })

    it('may have all claims of a set in one credential', async () => {
      const { answer, payload } = honest()
      const [first, second] = payload.credentials as [Credential, Credential]
      const credentials = [{ ...first, claims: [...first.claims, ...second.claims] }]
      const { data } = await exchange({ ...payload, credentials }, answer.userId)
      assert.deepEqual(data.labels, [EMAIL, PHONE])
    })

    it('may be a login that shares nothing', async () => {
      const { answer, payload } = honest({}, { verificationLevel: 'Anonymous_Login', attributes: [] })
      const { userId, data } = await exchange(payload, answer.userId)
      assert.equal(userId, answer.userId)
      assert.deepEqual([...data], [])
    })

    it('may contain an optional label', async () => {
      const { answer, payload } = honest({}, { attributes: [EMAIL], optionalAttributes: [PHONE] })
      const { data } = await exchange(payload, answer.userId)
      assert.equal(data.value(EMAIL), CLAIMS[EMAIL])
    })

    it('has its userId once, outside', async () => {
      const { answer, payload } = honest()
      delete payload.userId
      assert.equal((await exchange(payload, answer.userId)).userId, answer.userId)
    })

    it('says what was revoked', async () => {
      const { answer, payload } = honest()
      const spent = { ...proxied(ledger), outspend: () => Promise.resolve({ spent: true }) }
      const { data } = await exchange(payload, answer.userId, new CivicClient(options({ ledger: spent })))
      assert.equal(data.get(EMAIL)?.isValid, false)
      assert.equal(data.value(EMAIL), undefined)
    })

    it('logs in through the strategy', async () => {
      const { answer, payload } = honest()
      sip.answers = [(res) => json(res, 200, hostedBody(sip, answer.userId, payload))]
      const [outcome] = await outcomesOf(strategyFor(sip, options()), post({ authToken: sip.token() }))
      assert.deepEqual(outcome, { kind: 'success', user: { userId: answer.userId } })
    })

    it('leaves no timer behind', async () => {
      const { answer, payload } = honest()
      await assertNoTimerLeft(() => exchange(payload, answer.userId))
    })
  })

  /** Signs for a person who approved nothing, over what another approved. */
  const signedBy = (person: Person, token: string, answer: ResolvedAnswer): HostedPayload => {
    const { userKey, userId, xprv } = person.keys.site(APP_ID)
    const hash = createHash('sha256')
    for (const { data } of answer.attestations as Attestation[]) hash.update(data.hash, 'hex')
    const requestId = requestIdOf(token, userKey)
    const { label, url } = answer.request
    const request = signGrant({ label, data: hash.digest('hex'), appId: APP_ID, requestId, url }, xprv)
    return hostedPayload(token, { ...answer, userKey, userId, request })
  }

  type Lie = () => { payload: unknown; userId: unknown }
  const lies: Record<string, readonly [check: string, lie: Lie]> = {
    "another person's userKey, which signed nothing": [
      'SIGNATURE_MISMATCH',
      () => {
        const { payload } = honest()
        const { userKey, userId } = eve.keys.site(APP_ID)
        const request = { ...(payload.request as object), userKey }
        return { payload: { ...payload, userId, request }, userId }
      },
    ],
    "another person's userId": [
      'UNREADABLE',
      () => ({ payload: honest().payload, userId: eve.keys.site(APP_ID).userId }),
    ],
    "another person's userId outside alone": [
      'USER_MISMATCH',
      () => {
        const { payload } = honest()
        return { payload: { ...payload, userId: undefined }, userId: eve.keys.site(APP_ID).userId }
      },
    ],
    "another person's userId inside alone": [
      'UNREADABLE',
      () => {
        const { answer, payload } = honest()
        return { payload: { ...payload, userId: 'x' }, userId: answer.userId }
      },
    ],
    "SIP's own key, with grants to another's": [
      'GRANT_MISMATCH',
      () => {
        const { token, answer } = honest()
        return { payload: signedBy(eve, token, answer), userId: eve.keys.site(APP_ID).userId }
      },
    ],
    'nothing shared, and no signature': [
      'UNREADABLE',
      () => {
        const { answer, payload } = honest({}, { verificationLevel: 'Anonymous_Login', attributes: [] })
        const request = { ...(payload.request as { signature?: string }) }
        delete request.signature
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    "nothing shared, and another's signature": [
      'SIGNATURE_MISMATCH',
      () => {
        const { token, answer, payload } = honest(
          {},
          { verificationLevel: 'Anonymous_Login', attributes: [] },
        )
        const { signature } = eve.answer(token).request
        const request = { ...(payload.request as object), signature }
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    'the array form': [
      'UNREADABLE',
      () => {
        const { answer } = honest()
        const items = [{ label: EMAIL, value: 'eve@example.org', isValid: true, isOwner: true }]
        return { payload: items, userId: answer.userId }
      },
    ],
    'the array form of attestations': [
      'UNREADABLE',
      () => {
        const { answer } = honest()
        return { payload: answer.attestations, userId: answer.userId }
      },
    ],
    'claims in another order': [
      'SIGNATURE_MISMATCH',
      () => {
        const { answer, payload } = honest()
        const credentials = (payload.credentials as unknown[]).toReversed()
        return { payload: { ...payload, credentials }, userId: answer.userId }
      },
    ],
    'a claim dropped': [
      'LABELS',
      () => {
        const { answer, payload } = honest()
        const credentials = (payload.credentials as unknown[]).slice(0, 1)
        return { payload: { ...payload, credentials }, userId: answer.userId }
      },
    ],
    'an optional claim dropped': [
      'SIGNATURE_MISMATCH',
      () => {
        const { answer, payload } = honest({}, { attributes: [EMAIL], optionalAttributes: [PHONE] })
        const both = ada.answer((payload.request as { token: string }).token, {
          attestations: ada.attestations.slice(0, 2),
        })
        const shown = hostedPayload((payload.request as { token: string }).token, both)
        const credentials = (shown.credentials as unknown[]).slice(0, 1)
        return { payload: { ...shown, credentials }, userId: answer.userId }
      },
    ],
    'a claim of another person': [
      'SIGNATURE_MISMATCH',
      () => {
        const { token, answer, payload } = honest()
        const other = hostedPayload(token, eve.answer(token)).credentials as unknown[]
        const credentials = [(payload.credentials as unknown[])[0], other[1]]
        return { payload: { ...payload, credentials }, userId: answer.userId }
      },
    ],
    'a value changed': [
      'LEAF_MISMATCH',
      () => {
        const { answer, payload } = honest()
        const [first, second] = payload.credentials as [Credential, Credential]
        const claims = [{ ...first.claims[0], value: 'eve@example.org' }]
        return { payload: { ...payload, credentials: [{ ...first, claims }, second] }, userId: answer.userId }
      },
    ],
    'an old approval': [
      'REQUEST_MISMATCH',
      () => {
        const iat = Math.floor(Date.now() / 1000) - 1800 - 61
        const { answer, payload } = honest({ iat, exp: iat + 180 })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval from the future': [
      'REQUEST_MISMATCH',
      () => {
        const iat = Math.floor(Date.now() / 1000) + 62
        const { answer, payload } = honest({ iat, exp: iat + 180 })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval without a time': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({ iat: null })
        return { payload, userId: answer.userId }
      },
    ],
    "an approval for another site's page": [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({}, { requester: { origin: 'https://evil.example' } })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval for no page': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({}, { requester: {} })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval whose requester is no object': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({}, { requester: null })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval for another app': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({ sub: 'other' }, { clientId: 'other' })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval for another app, named as this one': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({}, { clientId: 'other' })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval of a Direct site': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({ iss: PAGE })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval for another audience': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({ aud: sip.api })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval without a name': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest({ jti: 7 })
        return { payload, userId: answer.userId }
      },
    ],
    'a request without labels': [
      'UNREADABLE',
      () => {
        const { token, payload } = honest()
        const { userId } = ada.answer(token)
        const bare = hostedToken(sip, {}, { attributes: undefined })
        return { payload: { ...payload, request: { ...(payload.request as object), token: bare } }, userId }
      },
    ],
    'a request with labels that are no text': [
      'UNREADABLE',
      () => {
        const { answer, payload } = honest()
        const token = hostedToken(sip, {}, { optionalAttributes: [7] })
        return {
          payload: { ...payload, request: { ...(payload.request as object), token } },
          userId: answer.userId,
        }
      },
    ],
    'another request than the one approved': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest()
        const request = { ...(payload.request as object), token: hostedToken(sip) }
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    'a code token in place of the request': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = honest()
        const request = { ...(payload.request as object), token: sip.token() }
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    'no request token': [
      'UNREADABLE',
      () => {
        const { answer, payload } = honest()
        const request = { ...(payload.request as object), token: 7 }
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    'a request with one member more': [
      'UNREADABLE',
      () => {
        const { answer, payload } = honest()
        return {
          payload: { ...payload, request: { ...(payload.request as object), more: '' } },
          userId: answer.userId,
        }
      },
    ],
    'no request': [
      'UNREADABLE',
      () => {
        const { answer, payload } = honest()
        return { payload: { ...payload, request: undefined }, userId: answer.userId }
      },
    ],
    'no credentials': [
      'UNREADABLE',
      () => {
        const { answer, payload } = honest()
        return { payload: { ...payload, credentials: {} }, userId: answer.userId }
      },
    ],
    'a credential that is no object': [
      'MALFORMED',
      () => {
        const { answer, payload } = honest()
        return { payload: { ...payload, credentials: ['x', 'y'] }, userId: answer.userId }
      },
    ],
    'a credential without claims': [
      'MALFORMED',
      () => {
        const { answer, payload } = honest()
        return { payload: { ...payload, credentials: [{}] }, userId: answer.userId }
      },
    ],
  }
  describe('is refused with', () => {
    for (const [what, [check, lie]] of Object.entries(lies)) {
      it(`${what}: ${check}`, async () => {
        const { payload, userId } = lie()
        await assert.rejects(exchange(payload, userId), isRefusedBy(check))
      })
    }

    it('values from an authority that the site does not trust', async () => {
      const { answer, payload } = honest()
      const strict = new CivicClient(options({ authorities: [] }))
      await assert.rejects(exchange(payload, answer.userId, strict), isRefusedBy('UNTRUSTED_AUTHORITY'))
    })

    it('an approval that was used before', async () => {
      const client = new CivicClient(options())
      const { answer, payload } = honest()
      await exchange(payload, answer.userId, client)
      await assert.rejects(exchange(payload, answer.userId, client), isRefusedBy('REPLAYED'))
    })

    it('an approval that was used before, in the strategy’s replay store', async () => {
      const replayStore = new MemoryReplayStore()
      const { answer, payload } = honest()
      const strategies = [replayStore, replayStore, false as const].map((store) =>
        strategyFor(sip, { ...options(), replayStore: store }),
      )
      const codes: unknown[] = []
      for (const strategy of [...strategies, strategies[2]!]) {
        sip.answers = [(res) => json(res, 200, hostedBody(sip, answer.userId, payload))]
        const [outcome] = await outcomesOf(strategy, post({ authToken: sip.token() }))
        codes.push(outcome?.code)
      }
      assert.deepEqual(codes, [undefined, 'CIVIC_BAD_ANSWER', undefined, 'CIVIC_BAD_ANSWER'])
    })

    it('identity changed: nothing of it is read', async () => {
      const { answer, payload } = honest()
      const identity = { contact: { personal: { email: 'eve@example.org' } } }
      const { data } = await exchange({ ...payload, identity, items: identity }, answer.userId)
      assert.ok(!JSON.stringify(data).includes('eve'))
    })
  })

  describe('what else can fail', () => {
    const fails = async (
      more: Partial<NonNullable<CivicClientOptions['attestations']>>,
      others: Partial<CivicStrategyOptions> = {},
    ) => {
      const { answer, payload } = honest()
      sip.answers = [(res) => json(res, 200, hostedBody(sip, answer.userId, payload))]
      const strategy = strategyFor(sip, { ...options(more), ...others })
      const [outcome] = await outcomesOf(strategy, post({ authToken: sip.token() }))
      const { code, reason, retryable } = outcome!.thrown as CivicError
      return { code, reason, retryable }
    }

    it('a ledger that cannot be reached: CIVIC_UNAVAILABLE, not retryable', async () => {
      const down = { ...proxied(ledger), txHex: () => Promise.reject(new LedgerUnavailable('down')) }
      const unavailable = { code: 'CIVIC_UNAVAILABLE', reason: 'ledger', retryable: false }
      assert.deepEqual(await fails({ ledger: down }), unavailable)
    })

    it('a ledger that never answers: CIVIC_TIMEOUT', async () => {
      const slow = { ...proxied(ledger), txHex: () => new Promise<string>(() => undefined) }
      const timeout = { code: 'CIVIC_TIMEOUT', reason: 'deadline', retryable: false }
      assert.deepEqual(await fails({ ledger: slow }, { timeout: 300 }), timeout)
    })

    it('a ledger that is broken: CIVIC_UNAVAILABLE', async () => {
      const broken = { ...proxied(ledger), txStatus: () => Promise.reject(new TypeError('x')) }
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

/** A ledger's methods as own properties, of which a test replaces one. */
function proxied(ledger: EmbeddedLedger) {
  return {
    txHex: (txid: string) => ledger.txHex(txid),
    txStatus: (txid: string) => ledger.txStatus(txid),
    outspend: (txid: string, vout: number) => ledger.outspend(txid, vout),
    tipHeight: () => ledger.tipHeight(),
  }
}
