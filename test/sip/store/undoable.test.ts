import assert from 'node:assert/strict'
import { undoable, UndoableMap } from '../../../sip/lib/store/undoable.ts'

describe('sip: the transaction of stores in memory', () => {
  let map: UndoableMap<string, number>
  beforeEach(() => {
    map = new UndoableMap([
      ['one', 1],
      ['two', 2],
      ['three', 3],
    ])
  })
  const fail = (work: () => unknown): Promise<void> =>
    assert.rejects(
      undoable(async () => {
        await work()
        throw new Error('died')
      }),
      /died/,
    )

  it('keeps the changes of work that succeeds', async () => {
    await undoable(() => Promise.resolve(map.set('two', 0).delete('one')))
    assert.deepEqual(
      [...map],
      [
        ['two', 0],
        ['three', 3],
      ],
    )
  })

  it('undoes those of work that throws, in the earlier order', async () => {
    const before = [...map]
    let undone = 0
    map.onUndo = () => (undone += 1)
    await fail(() => {
      map.set('two', 0).set('two', -1).set('four', 4)
      map.delete('one')
      map.delete('four')
      map.delete('five')
    })
    assert.deepEqual([...map], before)
    assert.ok(undone > 0)
  })

  it('undoes what work inside it did', async () => {
    await fail(() => undoable(() => Promise.resolve(map.set('two', 0))))
    assert.equal(map.get('two'), 2)
  })

  it('ends with its work: what that started goes on without it', async () => {
    let goOn = (): void => undefined
    const waiting = new Promise<void>((resolve) => (goOn = resolve))
    let later: Promise<void> | undefined
    await fail(() => {
      map.set('two', 0)
      later = waiting.then(() => fail(() => map.set('three', 0)))
    })
    goOn()
    await later
    assert.deepEqual([map.get('two'), map.get('three')], [2, 3])
  })

  it('leaves what others have changed meanwhile', async () => {
    let goOn = (): void => undefined
    const waiting = new Promise<void>((resolve) => (goOn = resolve))
    const failing = fail(async () => {
      map.set('two', 0)
      map.delete('one')
      await waiting
    })
    map.set('two', 20).set('one', 10).set('four', 4)
    goOn()
    await failing
    assert.deepEqual(Object.fromEntries(map), { one: 10, two: 20, three: 3, four: 4 })
  })
})
