import assert from 'node:assert/strict'
import type { DocumentReview, DocumentStore } from '../../../sip/lib/store/documents.ts'

function review(id: string, since = 1): DocumentReview {
  return {
    id,
    set: 'attCivicIdentity',
    xpub: 'xpub',
    state: 'waiting',
    claims: { a: 'b' },
    picture: 'aa',
    since,
  }
}

/** What every store of documents must do. */
export function documentContract(open: () => Promise<DocumentStore>): void {
  let store: DocumentStore
  beforeEach(async () => {
    store = await open()
  })

  it('keeps waiting documents, oldest first, up to its limit', async () => {
    for (const id of ['b', 'a']) assert.equal(await store.insert(id, review(id), 2), true)
    assert.equal(await store.insert('c', review('c'), 2), false)
    assert.deepEqual(await store.waiting(5), [
      { key: 'b', review: review('b') },
      { key: 'a', review: review('a') },
    ])
    assert.equal((await store.waiting(1)).length, 1)
    assert.deepEqual(await store.find('a'), review('a'))
    assert.equal(await store.find('nobody'), undefined)
  })

  it('takes one decision', async () => {
    await store.insert('a', review('a'), 2)
    const { claims: _, picture: __, ...rest } = review('a')
    const refused = { ...rest, state: 'refused', reason: 'no' } as const
    const decided = await Promise.all([store.decide('a', refused), store.decide('a', refused)])
    assert.deepEqual(decided.sort(), [false, true])
    assert.deepEqual(await store.find('a'), refused)
    assert.deepEqual(await store.waiting(5), [])
    assert.equal(await store.decide('nobody', refused), false)
  })

  it('forgets removed and old documents', async () => {
    for (const [id, since] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      await store.insert(id, review(id, since), 5)
    await store.remove('c')
    await store.sweep(1, 5)
    assert.deepEqual(
      (await store.waiting(5)).map(({ key }) => key),
      ['b'],
    )
  })
}
