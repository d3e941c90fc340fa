import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { signGrant } from 'civic-attestations'
import type { Attestation, Credential } from 'civic-attestations'
import { CivicClient, CivicError, MemoryReplayStore } from '../../lib/index.ts'
import type { ResolvedAnswer } from '../../lib/direct/index.ts'
import { outcomesOf, post, strategyFor } from '../support/drive.ts'
import { APP_ID } from '../support/sip.ts'
import { EMAIL, PAGE, PHONE, hostedPayload, hostedToken } from './support/hosted.ts'
import type { HostedPayload } from './support/hosted.ts'
import { HostedSite } from './support/hosted-site.ts'
import { requestIdOf } from '../support/person.ts'
import type { Person } from '../support/person.ts'

describe('attestations: a SIP that lies', () => {
  const site = new HostedSite()
  before(() => site.start())
  after(() => site.stop())
  beforeEach(() => {
    site.sip.answers = []
    site.sip.exchanges.length = 0
  })

  const isRefusedBy = (check: string) => (error: unknown) => {
    assert.ok(error instanceof CivicError)
    assert.deepEqual([error.code, error.reason, error.retryable], ['CIVIC_BAD_ANSWER', 'attestation', false])
    assert.ok(error.message.endsWith(`(${check})`), error.message)
    return true
  }

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
        const { payload } = site.honest()
        const { userKey, userId } = site.eve.keys.site(APP_ID)
        const request = { ...(payload.request as object), userKey }
        return { payload: { ...payload, userId, request }, userId }
      },
    ],
    "another person's userId": [
      'UNREADABLE',
      () => ({ payload: site.honest().payload, userId: site.eve.keys.site(APP_ID).userId }),
    ],
    "another person's userId outside alone": [
      'USER_MISMATCH',
      () => {
        const { payload } = site.honest()
        return { payload: { ...payload, userId: undefined }, userId: site.eve.keys.site(APP_ID).userId }
      },
    ],
    "another person's userId inside alone": [
      'UNREADABLE',
      () => {
        const { answer, payload } = site.honest()
        return { payload: { ...payload, userId: 'x' }, userId: answer.userId }
      },
    ],
    "SIP's own key, with grants to another's": [
      'GRANT_MISMATCH',
      () => {
        const { token, answer } = site.honest()
        return { payload: signedBy(site.eve, token, answer), userId: site.eve.keys.site(APP_ID).userId }
      },
    ],
    'nothing shared, and no signature': [
      'UNREADABLE',
      () => {
        const { answer, payload } = site.honest({}, { verificationLevel: 'Anonymous_Login', attributes: [] })
        const request = { ...(payload.request as { signature?: string }) }
        delete request.signature
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    "nothing shared, and another's signature": [
      'SIGNATURE_MISMATCH',
      () => {
        const { token, answer, payload } = site.honest(
          {},
          { verificationLevel: 'Anonymous_Login', attributes: [] },
        )
        const { signature } = site.eve.answer(token).request
        const request = { ...(payload.request as object), signature }
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    'the array form': [
      'UNREADABLE',
      () => {
        const { answer } = site.honest()
        const items = [{ label: EMAIL, value: 'eve@example.org', isValid: true, isOwner: true }]
        return { payload: items, userId: answer.userId }
      },
    ],
    'the array form of attestations': [
      'UNREADABLE',
      () => {
        const { answer } = site.honest()
        return { payload: answer.attestations, userId: answer.userId }
      },
    ],
    'claims in another order': [
      'SIGNATURE_MISMATCH',
      () => {
        const { answer, payload } = site.honest()
        const credentials = (payload.credentials as unknown[]).toReversed()
        return { payload: { ...payload, credentials }, userId: answer.userId }
      },
    ],
    'a claim dropped': [
      'LABELS',
      () => {
        const { answer, payload } = site.honest()
        const credentials = (payload.credentials as unknown[]).slice(0, 1)
        return { payload: { ...payload, credentials }, userId: answer.userId }
      },
    ],
    'an optional claim dropped': [
      'SIGNATURE_MISMATCH',
      () => {
        const { answer, payload } = site.honest({}, { attributes: [EMAIL], optionalAttributes: [PHONE] })
        const both = site.ada.answer((payload.request as { token: string }).token, {
          attestations: site.ada.attestations.slice(0, 2),
        })
        const shown = hostedPayload((payload.request as { token: string }).token, both)
        const credentials = (shown.credentials as unknown[]).slice(0, 1)
        return { payload: { ...shown, credentials }, userId: answer.userId }
      },
    ],
    'a claim of another person': [
      'SIGNATURE_MISMATCH',
      () => {
        const { token, answer, payload } = site.honest()
        const other = hostedPayload(token, site.eve.answer(token)).credentials as unknown[]
        const credentials = [(payload.credentials as unknown[])[0], other[1]]
        return { payload: { ...payload, credentials }, userId: answer.userId }
      },
    ],
    'a value changed': [
      'LEAF_MISMATCH',
      () => {
        const { answer, payload } = site.honest()
        const [first, second] = payload.credentials as [Credential, Credential]
        const claims = [{ ...first.claims[0], value: 'eve@example.org' }]
        return { payload: { ...payload, credentials: [{ ...first, claims }, second] }, userId: answer.userId }
      },
    ],
    'an old approval': [
      'REQUEST_MISMATCH',
      () => {
        const iat = Math.floor(Date.now() / 1000) - 1800 - 61
        const { answer, payload } = site.honest({ iat, exp: iat + 180 })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval from the future': [
      'REQUEST_MISMATCH',
      () => {
        const iat = Math.floor(Date.now() / 1000) + 62
        const { answer, payload } = site.honest({ iat, exp: iat + 180 })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval without a time': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({ iat: null })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval whose time is text': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({ iat: String(Math.floor(Date.now() / 1000)) })
        return { payload, userId: answer.userId }
      },
    ],
    "an approval for another site's page": [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({}, { requester: { origin: 'https://evil.example' } })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval for no page': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({}, { requester: {} })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval whose requester is no object': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({}, { requester: null })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval for another app': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({ sub: 'other' }, { clientId: 'other' })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval for another app, named as this one': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({}, { clientId: 'other' })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval of a Direct site': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({ iss: PAGE })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval for another audience': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({ aud: site.sip.api })
        return { payload, userId: answer.userId }
      },
    ],
    'an approval without a name': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest({ jti: 7 })
        return { payload, userId: answer.userId }
      },
    ],
    'a request without labels': [
      'UNREADABLE',
      () => {
        const { token, payload } = site.honest()
        const { userId } = site.ada.answer(token)
        const bare = hostedToken(site.sip, {}, { attributes: undefined })
        return { payload: { ...payload, request: { ...(payload.request as object), token: bare } }, userId }
      },
    ],
    'a request with labels that are no text': [
      'UNREADABLE',
      () => {
        const { answer, payload } = site.honest()
        const token = hostedToken(site.sip, {}, { optionalAttributes: [7] })
        return {
          payload: { ...payload, request: { ...(payload.request as object), token } },
          userId: answer.userId,
        }
      },
    ],
    'another request than the one approved': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest()
        const request = { ...(payload.request as object), token: hostedToken(site.sip) }
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    'a code token in place of the request': [
      'REQUEST_MISMATCH',
      () => {
        const { answer, payload } = site.honest()
        const request = { ...(payload.request as object), token: site.sip.token() }
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    'no request token': [
      'UNREADABLE',
      () => {
        const { answer, payload } = site.honest()
        const request = { ...(payload.request as object), token: 7 }
        return { payload: { ...payload, request }, userId: answer.userId }
      },
    ],
    'a request with one member more': [
      'UNREADABLE',
      () => {
        const { answer, payload } = site.honest()
        return {
          payload: { ...payload, request: { ...(payload.request as object), more: '' } },
          userId: answer.userId,
        }
      },
    ],
    'no request': [
      'UNREADABLE',
      () => {
        const { answer, payload } = site.honest()
        return { payload: { ...payload, request: undefined }, userId: answer.userId }
      },
    ],
    'no credentials': [
      'UNREADABLE',
      () => {
        const { answer, payload } = site.honest()
        return { payload: { ...payload, credentials: {} }, userId: answer.userId }
      },
    ],
    'a credential that is no object': [
      'MALFORMED',
      () => {
        const { answer, payload } = site.honest()
        return { payload: { ...payload, credentials: ['x', 'y'] }, userId: answer.userId }
      },
    ],
    'a credential without claims': [
      'MALFORMED',
      () => {
        const { answer, payload } = site.honest()
        return { payload: { ...payload, credentials: [{}] }, userId: answer.userId }
      },
    ],
  }
  describe('is refused with', () => {
    for (const [what, [check, lie]] of Object.entries(lies)) {
      it(`${what}: ${check}`, async () => {
        const { payload, userId } = lie()
        await assert.rejects(site.exchange(payload, userId), isRefusedBy(check))
      })
    }

    it('values from an authority that the site does not trust', async () => {
      const { answer, payload } = site.honest()
      const strict = new CivicClient(site.options({ authorities: [] }))
      await assert.rejects(site.exchange(payload, answer.userId, strict), isRefusedBy('UNTRUSTED_AUTHORITY'))
    })

    it('an approval that was used before', async () => {
      const client = new CivicClient(site.options())
      const { answer, payload } = site.honest()
      await site.exchange(payload, answer.userId, client)
      await assert.rejects(site.exchange(payload, answer.userId, client), isRefusedBy('REPLAYED'))
    })

    it('an approval that was used before, in the strategy’s replay store', async () => {
      const replayStore = new MemoryReplayStore()
      const { answer, payload } = site.honest()
      const strategies = [replayStore, replayStore, false as const].map((store) =>
        strategyFor(site.sip, { ...site.options(), replayStore: store }),
      )
      const codes: unknown[] = []
      for (const strategy of [...strategies, strategies[2]!]) {
        site.respond(payload, answer.userId)
        const [outcome] = await outcomesOf(strategy, post({ authToken: site.sip.token() }))
        codes.push(outcome?.code)
      }
      assert.deepEqual(codes, [undefined, 'CIVIC_BAD_ANSWER', undefined, 'CIVIC_BAD_ANSWER'])
    })

    it('identity changed: nothing of it is read', async () => {
      const { answer, payload } = site.honest()
      const identity = { contact: { personal: { email: 'eve@example.org' } } }
      const { data } = await site.exchange({ ...payload, identity, items: identity }, answer.userId)
      assert.ok(!JSON.stringify(data).includes('eve'))
    })
  })
})
