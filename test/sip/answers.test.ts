import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { LedgerUnavailable } from 'civic-attestations'
import { AnswerRefused, signRequestToken } from 'passport-civic-sip/direct'
import { fundedLedger } from '../support/issuer.ts'
import { mixedAnswers } from '../support/mixed-answers.ts'
import { clientOf, Person, seal } from '../support/person.ts'
import { newKey } from '../support/shop.ts'
import { Asker } from '../support/asker.ts'

describe('a wallet’s response to a SIP', () => {
  const ledger = fundedLedger()
  let asker: Asker
  let ada: Person
  let eve: Person
  let asked = 0
  before(async () => {
    ;[ada, eve] = [await Person.attested('ada', ledger), await Person.attested('eve', ledger)]
    const txHex = ledger.txHex.bind(ledger)
    ledger.txHex = (txid) => {
      asked++
      return txHex(txid)
    }
  })
  beforeEach(() => {
    asker = new Asker(ledger)
  })
  const refusal = (status: number, code: string) => (error: unknown) =>
    error instanceof AnswerRefused && error.status === status && error.code === code

  it('is accepted if all of it belongs together, and the ledger is asked once', async () => {
    const request = await asker.begin()
    asked = 0
    const response = await asker.answer(request, seal(ada.answer(request.token), request.token))
    assert.deepEqual(response, { status: 'resolved' })
    assert.equal(asked, 1)
    const { state, grant, secret } = (await asker.requests.find(request.uuid))!
    assert.deepEqual(
      [state, grant?.userId, secret],
      ['granted', ada.keys.site(clientOf(request.token)).userId, undefined],
    )
  })

  const another = async (): Promise<string> => (await asker.begin()).token
  for (const [what, [make, status, code]] of Object.entries(mixedAnswers(ledger, another))) {
    it(`is refused with ${what}: ${status} ${code}; the request stays open`, async () => {
      const request = await asker.begin()
      const { token, uuid } = request
      const made = await make({ token, ada, eve, answer: ada.answer(token) })
      asked = 0
      const sent = asker.answer(request, typeof made === 'string' ? made : seal(made, token))
      await assert.rejects(sent, refusal(status, code))
      assert.equal(asked, 0)
      assert.equal((await asker.requests.find(uuid))?.state, 'created')
    })
  }

  it('is decrypted ten times, the same bytes once; then the request is over', async () => {
    const request = await asker.begin()
    const wrong = (): string => seal({ status: 'nothing' }, request.token)
    const first = wrong()
    for (let times = 0; times < 3; times += 1) {
      await assert.rejects(asker.answer(request, first), refusal(400, 'UNREADABLE'))
    }
    for (let others = 0; others < 8; others += 1) await assert.rejects(asker.answer(request, wrong()))
    const good = seal(ada.answer(request.token), request.token)
    await assert.rejects(asker.answer(request, wrong()), refusal(400, 'UNREADABLE'))
    await assert.rejects(asker.answer(request, good), refusal(410, 'OVER'))
  })

  it('costs no slot if it is not even for this request', async () => {
    const request = await asker.begin()
    const other = await asker.begin()
    for (let times = 0; times < 12; times += 1) {
      const sent = asker.answer(request, seal(ada.answer(request.token), request.token, other.token))
      await assert.rejects(sent, refusal(400, 'UNREADABLE'))
    }
    const good = seal(ada.answer(request.token), request.token)
    assert.deepEqual(await asker.answer(request, good), { status: 'resolved' })
  })

  it('counts once: of 50 at the same time one wins, and only its bytes get the response again', async () => {
    const request = await asker.begin('ANONYMOUS_LOGIN')
    const people = Array.from({ length: 50 }, (_, index) => new Person(`person ${index}`))
    const sealed = people.map((person) => seal(person.answer(request.token), request.token))
    const results = await Promise.allSettled(sealed.map((jwe) => asker.answer(request, jwe)))
    const won = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
    assert.equal(won.length, 1)
    for (const result of results) {
      if (result.status === 'rejected') assert.ok(refusal(409, 'ANSWERED')(result.reason))
    }
    const again = await Promise.allSettled(sealed.map((jwe) => asker.answer(request, jwe)))
    assert.deepEqual(
      again.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : [])),
      won,
    )
    const { grant } = (await asker.requests.find(request.uuid))!
    assert.equal(grant?.userId, people[won[0]!]!.keys.site(clientOf(request.token)).userId)
  })

  it('that declines leaves no key of the person in record, log or response', async () => {
    const request = await asker.begin()
    const response = await asker.answer(request, seal({ status: 'denied' }, request.token))
    assert.deepEqual(response, { status: 'denied' })
    const { userKey, userId } = ada.keys.site(clientOf(request.token))
    const record = await asker.requests.find(request.uuid)
    const left = inspect([record, await asker.log.list(), response], { depth: null })
    assert.match(left, /denied/)
    for (const secret of [userKey, userId, ada.keys.subject('attCivicBasic').xpub]) {
      assert.ok(!left.includes(secret))
    }
    assert.equal(record?.secret, undefined)
  })

  it('leaves neither a value nor the one-time key in record or log', async () => {
    const request = await asker.begin()
    const answer = ada.answer(request.token)
    await assert.rejects(
      asker.answer(request, seal({ ...answer, userId: eve.keys.site('x').userId }, request.token)),
    )
    await asker.answer(request, seal(answer, request.token))
    const record = await asker.requests.find(request.uuid)
    const left = inspect([record, await asker.log.list()], { depth: null, maxStringLength: null })
    for (const secret of ['ada@example.org', '+1 202 555 0143', request.secret!, answer.userKey]) {
      assert.ok(!left.includes(secret), secret.slice(0, 6))
    }
  })

  it('is repeated while the ledger is down, and counts later', async () => {
    const request = await asker.begin()
    const jwe = seal(ada.answer(request.token), request.token)
    const txHex = ledger.txHex.bind(ledger)
    ledger.txHex = () => Promise.reject(new LedgerUnavailable('down'))
    try {
      for (let times = 0; times < 12; times += 1) {
        await assert.rejects(asker.answer(request, jwe), LedgerUnavailable)
      }
    } finally {
      ledger.txHex = txHex
    }
    assert.deepEqual(await asker.answer(request, jwe), { status: 'resolved' })
  })

  it('that is too late when it is verified is refused', async () => {
    let now = Date.now()
    asker = new Asker(ledger, { clock: () => now })
    const request = await asker.begin()
    const txHex = ledger.txHex.bind(ledger)
    ledger.txHex = (txid) => {
      now += 120_000
      return txHex(txid)
    }
    try {
      const sent = asker.answer(request, seal(ada.answer(request.token), request.token))
      await assert.rejects(sent, refusal(410, 'OVER'))
    } finally {
      ledger.txHex = txHex
    }
    assert.equal((await asker.requests.find(request.uuid))?.state, 'expired')
  })

  it('is not a token of another kind', async () => {
    const request = await asker.begin('ANONYMOUS_LOGIN')
    const foreign = signRequestToken({ iss: 'x' } as never, newKey())
    for (const jwe of [request.token, foreign, undefined, {}, 7, '', 'a.b.c.d.e']) {
      await assert.rejects(asker.answer(request, jwe), refusal(400, 'UNREADABLE'))
    }
  })

  it('gives values in the order of the scope request, whatever order they come in', async () => {
    const request = await asker.begin()
    const attestations = ada.attestations.slice(0, 2).toReversed()
    const answer = ada.answer(request.token, { attestations })
    assert.deepEqual(await asker.answer(request, seal(answer, request.token)), { status: 'resolved' })
  })
})
