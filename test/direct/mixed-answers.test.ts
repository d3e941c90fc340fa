import assert from 'node:assert/strict'
import { fundedLedger, authorities } from '../support/issuer.ts'
import { granted, mixedAnswers, secondForm } from '../support/mixed-answers.ts'
import type { Make } from '../support/mixed-answers.ts'
import { claimsOf, Person, seal } from '../support/person.ts'
import { Shop } from '../support/shop.ts'

/** The messages of the Direct option; the others are those of civic-attestations. */
const MESSAGES: Readonly<Record<string, string>> = {
  UNREADABLE: 'The response cannot be read: it is not encrypted for this request',
  USER_MISMATCH: 'The userId is not that of the userKey',
  REQUEST_MISMATCH: 'The response is for another request',
  SIGNATURE_MISMATCH: 'The response is signed by another key, or for another request',
  LABELS: 'The response does not contain exactly the requested labels',
  LABEL_UNBOUND: 'An attestation does not commit to its label',
  SET_MISMATCH: 'A label is attested in a set that it does not belong to',
  SUBJECT_MISMATCH: 'One set is attested to two keys',
  MALFORMED: 'An attestation has neither of the two forms',
}

describe('a response that is assembled from parts', () => {
  const ledger = fundedLedger()
  let shop: Shop
  let ada: Person
  let eve: Person
  let asked = 0
  const txHex = ledger.txHex.bind(ledger)
  ledger.txHex = (txid) => {
    asked++
    return txHex(txid)
  }
  before(async () => {
    shop = await Shop.start({ ledger, authorities })
    ;[ada, eve] = [await Person.attested('ada', ledger), await Person.attested('eve', ledger)]
  })
  after(() => shop.stop())
  const another = async (): Promise<string> => shop.token(await shop.begin())
  const post = async (make: Make) => {
    const begun = await shop.begin()
    const token = await shop.token(begun)
    const answer = ada.answer(token)
    const made = await make({ token, ada, eve, answer })
    asked = 0
    return shop.answer(begun, typeof made === 'string' ? made : seal(made, token))
  }

  it('is accepted if all of them belong together', async () => {
    const reply = await post(({ answer }) => answer)
    assert.equal(reply.status, 200)
    assert.equal(reply.json['status'], 'resolved')
    assert.equal(asked, 1)
  })

  for (const [what, [make, status, code]] of Object.entries(mixedAnswers(ledger, another))) {
    it(`is refused with ${what}: ${status} ${code}, and nothing is asked of the ledger`, async () => {
      const reply = await post(make)
      const { message = '' } = reply.json as { message?: string }
      assert.deepEqual(reply.json, { statusCode: status, code, message: MESSAGES[code] ?? message })
      assert.equal(reply.status, status)
      assert.equal(asked, 0)
    })
  }

  it('may have only the second form', async () => {
    const reply = await post(({ answer }) => ({ ...answer, attestations: granted(answer).map(secondForm) }))
    assert.equal(reply.status, 200)
  })

  it('may have at most eight anchors', async () => {
    const labels = ['documents.genericId.type', 'documents.genericId.number', 'documents.genericId.name']
    const many = await Shop.start({ ledger, authorities, scopeRequests: ['PASSPORT'] })
    try {
      const person = new Person('many')
      const begun = await many.begin()
      const token = await many.token(begun)
      const { attributes } = claimsOf(token).data
      assert.ok(attributes.length > 8 && labels.every((label) => attributes.includes(label)))
      person.attestations = attributes.flatMap((label) => person.issued({ [label]: 'x' }))
      const reply = await many.answer(begun, seal(person.answer(token), token))
      const message = 'The attestations have more than 8 anchors'
      assert.deepEqual(reply.json, { statusCode: 422, code: 'TOO_MANY_ANCHORS', message })
    } finally {
      await many.stop()
    }
  })
})
