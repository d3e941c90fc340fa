import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { LedgerUnavailable } from 'civic-attestations'
import type { LedgerReader } from 'civic-attestations'
import { DirectRequests, readAnswer, verifyAnswer } from '../../lib/direct/index.ts'
import type { AskedRequest, ResolvedAnswer } from '../../lib/direct/index.ts'
import { coreOf } from '../../lib/direct/requests.ts'
import { authorities, fundedLedger } from '../support/issuer.ts'
import { claimsOf, CLAIMS, Person } from '../support/person.ts'
import { OPTIONS } from '../support/shop.ts'

describe('the check of a response on the ledger', () => {
  const ledger = fundedLedger()
  let ada: Person
  let asked: AskedRequest
  before(async () => {
    ada = new Person('ada')
    // Each value has a separate anchor
    for (const claim of Object.entries(CLAIMS)) await ada.attest(ledger, Object.fromEntries([claim]))
    ledger.mine()
    const core = coreOf(new DirectRequests(OPTIONS))
    const { uuid } = await core.start({ headers: {} }, 'scan', 'BASIC_SIGNUP', '')
    const { token } = await core.readRequest(uuid)
    const { clientId, callbackUrl: url, verificationLevel: label, attributes } = claimsOf(token).data
    asked = { token, clientId, url, label, attributes, optionalAttributes: [] }
  })

  /** Verifies on a ledger with this response about a transaction. */
  const verify = (txHex: LedgerReader['txHex'], attestations = ada.attestations) => {
    const answer = readAnswer({ ...ada.answer(asked.token, { attestations }) }) as ResolvedAnswer
    const reader = {
      txHex,
      txStatus: ledger.txStatus.bind(ledger),
      outspend: ledger.outspend.bind(ledger),
      tipHeight: ledger.tipHeight.bind(ledger),
    }
    return verifyAnswer(asked, answer, { ledger: reader, authorities, confirmations: 1 })
  }

  for (const unanchored of [0, 1]) {
    it(`reports a lasting failure before an unavailable ledger: value ${unanchored + 1} of 2`, async () => {
      const [claim] = Object.entries(CLAIMS).slice(unanchored)
      const [never] = ada.issued(Object.fromEntries([claim!]))
      const attestations = ada.attestations.with(unanchored, never!)
      const verified = verify(() => Promise.reject(new LedgerUnavailable('down')), attestations)
      await assert.rejects(verified, { name: 'AnswerRefused', status: 422, code: 'ANCHOR_MISMATCH' })
    })
  }

  it('takes eight seconds at most', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const verified = verify(() => new Promise(() => undefined))
      mock.timers.tick(8_000)
      await assert.rejects(verified, { name: 'LedgerUnavailable', message: 'the ledger is too slow' })
    } finally {
      mock.timers.reset()
    }
  })

  it('leaves no timer behind, whether it succeeds or fails', async () => {
    for (const txHex of [ledger.txHex.bind(ledger), () => Promise.resolve(undefined)]) {
      const [set, clear] = [mock.method(globalThis, 'setTimeout'), mock.method(globalThis, 'clearTimeout')]
      await verify(txHex).catch(() => undefined)
      const timers = set.mock.calls.flatMap(({ arguments: [, ms], result }) => (ms === 8_000 ? [result] : []))
      const cleared = clear.mock.calls.map(({ arguments: [timer] }) => timer)
      assert.equal(timers.length, 1)
      assert.ok(cleared.includes(timers[0]))
      set.mock.restore()
      clear.mock.restore()
    }
  })
})
