import assert from 'node:assert/strict'
import { fundedLedger, authorities } from '../support/issuer.ts'
import { granted, mixedAnswers, secondForm } from '../support/mixed-answers.ts'
import type { Make } from '../support/mixed-answers.ts'
import { claimsOf, Person, seal } from '../support/person.ts'
import { Shop } from '../support/shop.ts'

describe('an answer that is put together of parts', () => {
  const ledger = fundedLedger()
  let shop: Shop
  let ada: Person
  let eve: Person
  let asked = 0
  before(async () => {
    shop = await Shop.start({ ledger, authorities })
    ;[ada, eve] = [await Person.attested('ada', ledger), await Person.attested('eve', ledger)]
    const txHex = ledger.txHex.bind(ledger)
    ledger.txHex = (txid) => {
      asked++
      return txHex(txid)
    }
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

  it('is taken where all of them belong together', async () => {
    const reply = await post(({ answer }) => answer)
    assert.equal(reply.status, 200)
    assert.equal(reply.json['status'], 'resolved')
    assert.equal(asked, 1)
  })

  for (const [what, [make, status, code]] of Object.entries(mixedAnswers(ledger, another))) {
    it(`is refused with ${what}: ${status} ${code}, and nothing is asked of the ledger`, async () => {
      const reply = await post(make)
      assert.deepEqual([reply.status, reply.json['code']], [status, code])
      assert.equal(reply.json['statusCode'], status)
      assert.equal(asked, 0)
    })
  }

  it('may be of the second form alone', async () => {
    const reply = await post(({ answer }) => ({ ...answer, attestations: granted(answer).map(secondForm) }))
    assert.equal(reply.status, 200)
  })

  it('may have eight anchors, and no more', async () => {
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
      assert.deepEqual([reply.status, reply.json['code']], [422, 'TOO_MANY_ANCHORS'])
    } finally {
      await many.stop()
    }
  })
})
