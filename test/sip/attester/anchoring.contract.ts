import assert from 'node:assert/strict'
import type { AnchoringStore, Sending } from '../../../sip/lib/store/anchoring.ts'

function sending(id: string, at = 1): Sending {
  return {
    id,
    variants: [{ tx: 'aa', txid: 'bb', feeRate: 1.5 }],
    spends: [{ txid: 'cc', vout: 1 }],
    trees: ['one', 'two'],
    funds: [{ tx: 'dd', vout: 0 }],
    at,
  }
}

/** What every store of what is to be anchored must do. */
export function anchoringContract(open: () => Promise<AnchoringStore>): void {
  let store: AnchoringStore
  beforeEach(async () => {
    store = await open()
  })
  const ids = async (limit = 10): Promise<string[]> => (await store.waiting(limit)).map(({ id }) => id)

  it('keeps each tree once, in order of arrival, and lists those that go alone last', async () => {
    await store.enqueue(['a'], 5)
    await store.enqueue(['b', 'c'], 3)
    await store.enqueue(['a', 'd'], 9)
    await store.dequeue(['d'])
    assert.deepEqual(await ids(), ['a', 'b', 'c'])
    await store.setApart(['a', 'nobody'])
    assert.deepEqual(await store.waiting(3), [
      { id: 'b', since: 3, isAlone: false },
      { id: 'c', since: 3, isAlone: false },
      { id: 'a', since: 5, isAlone: true },
    ])
    assert.deepEqual(await ids(1), ['b'])
    assert.deepEqual(await store.count(), { waiting: 3, oldest: 3, sendings: 0 })
    await store.dequeue(['b', 'a', 'nobody'])
    assert.deepEqual(await ids(), ['c'])
  })

  it('keeps transactions until they are removed, and their order when they change', async () => {
    for (const id of ['a', 'b']) await store.put(sending(id))
    await store.put({ ...sending('a', 2), isSent: true, depth: 3 })
    assert.deepEqual(await store.sendings(), [{ ...sending('a', 2), isSent: true, depth: 3 }, sending('b')])
    await store.remove('a')
    await store.remove('a')
    assert.deepEqual(await store.sendings(), [sending('b')])
    assert.deepEqual(await store.count(), { waiting: 0, sendings: 1 })
  })
}
