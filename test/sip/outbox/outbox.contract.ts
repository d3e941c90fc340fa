import assert from 'node:assert/strict'
import type { OutboxStore, QueuedMessage } from '../../../sip/lib/store/outbox.ts'

function message(id: string, createdAt = 1): QueuedMessage {
  return {
    id,
    channel: 'email',
    sealed: 'sealed',
    until: 1_000,
    createdAt,
  }
}

/**
 * What every store of messages that wait must do.
 * @param open the same store, again and again within one test
 */
export function outboxContract(open: () => Promise<OutboxStore>): void {
  let store: OutboxStore
  beforeEach(async () => {
    store = await open()
  })

  it('gives messages that are due, the oldest first, and again when an attempt takes too long', async () => {
    for (const [id, at] of [
      ['b', 2],
      ['a', 1],
      ['c', 3],
    ] as const)
      await store.put(message(id, at), 10)
    assert.deepEqual(await store.take(2, 0, 10), [])
    const taken = await store.take(2, 2, 10)
    assert.deepEqual(taken.map(({ id }) => id).sort(), ['a', 'b'])
    assert.deepEqual(
      taken.find(({ id }) => id === 'a'),
      { ...message('a'), attempt: 1 },
    )
    assert.deepEqual(await store.take(2, 2, 10), [])
    const again = await store.take(5, 10, 20)
    assert.deepEqual(again.map(({ id, attempt }) => `${id}${attempt}`).sort(), ['a2', 'b2', 'c1'])
  })

  it('gives each message to one worker', async () => {
    for (let i = 0; i < 20; i += 1) await store.put(message(`${i}`), 100)
    const other = await open()
    const taken = await Promise.all([store, other, store, other].map((one) => one.take(7, 5, 10)))
    const ids = taken.flat().map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
  })

  it('lets only the latest attempt end a message', async () => {
    await store.put(message('a'), 10)
    await store.take(1, 1, 2)
    await store.take(1, 2, 3)
    const old = { id: 'a', attempt: 1 }
    assert.equal(await store.remove(old), false)
    assert.equal(await store.postpone(old, 9), false)
    assert.equal(await store.bury(old, 'no', 5), false)
    assert.equal(await store.postpone({ id: 'a', attempt: 2 }, 9), true)
    assert.deepEqual(await store.take(1, 8, 20), [])
    assert.equal((await store.take(1, 9, 20)).length, 1)
    assert.equal(await store.remove({ id: 'a', attempt: 3 }), true)
    assert.deepEqual(await store.count(), { waiting: 0, dead: 0 })
  })

  it('keeps only the reason of a message that was given up, for a while', async () => {
    for (const id of ['a', 'b']) await store.put(message(id), 10)
    await store.take(2, 1, 10)
    await store.bury({ id: 'a', attempt: 1 }, 'refused', 5)
    await store.bury({ id: 'b', attempt: 1 }, 'refused', 6)
    const letter = { channel: 'email', attempts: 1, reason: 'refused', createdAt: 1 }
    assert.deepEqual(await store.dead(5), [
      { ...letter, id: 'b', diedAt: 6 },
      { ...letter, id: 'a', diedAt: 5 },
    ])
    assert.deepEqual(await store.count(), { waiting: 0, dead: 2 })
    await store.sweep({ died: 5, occasions: 0 }, 10)
    assert.deepEqual(
      (await store.dead(5)).map(({ id }) => id),
      ['b'],
    )
  })

  it('keeps one message of an occasion, however many come at once, until that is forgotten', async () => {
    const other = await open()
    const put = (one: OutboxStore, id: string, at = 1): Promise<boolean> =>
      one.put(message(id, at), 10, 'a key is published')
    assert.deepEqual(await Promise.all([put(store, 'a'), put(other, 'b'), put(store, 'c')]), [
      true,
      true,
      true,
    ])
    assert.equal((await store.count()).waiting, 1)
    const [kept] = await store.take(1, 1, 5)
    await store.remove(kept!)
    await put(store, 'd')
    await store.put(message('e'), 10, 'a key signs')
    assert.equal((await store.count()).waiting, 1)
    await store.sweep({ died: 0, occasions: 1 }, 10)
    await put(store, 'f', 2)
    assert.equal((await store.count()).waiting, 2)
  })

  it('forgets no occasion for a message that finds no room', async () => {
    await store.put(message('a'), 1)
    assert.equal(await store.put(message('b'), 1, 'a key signs'), false)
    await store.put(message('b'), 2, 'a key signs')
    assert.equal((await store.count()).waiting, 2)
  })

  it('has room without a limit', async () => {
    await store.put(message('a'), undefined)
    assert.equal(await store.put(message('b'), 1), false)
    assert.equal(await store.put(message('c'), undefined, 'a key signs'), true)
    assert.equal(await store.put(message('d'), undefined, 'a key signs'), true)
    assert.equal((await store.count()).waiting, 2)
  })

  it('holds messages up to its limit, and says how long the oldest waits', async () => {
    assert.equal(await store.put(message('a', 7), 2), true)
    assert.equal(await store.put(message('b', 5), 2), true)
    assert.equal(await store.put(message('c', 6), 2), false)
    assert.deepEqual(await store.count(), { waiting: 2, dead: 0, oldest: 5 })
  })
}
