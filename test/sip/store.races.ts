import assert from 'node:assert/strict'
import type { Stores } from 'civic-sip-server'
import type { Unsigned } from '../../sip/lib/attester/attester.ts'
import type { Opened } from './store.contract.ts'
import { scopeRequest } from './support/records.ts'

/**
 * What every implementation of `Stores` must do when many calls come at once, from two processes.
 * @param open empty stores, one after the other
 */
export function storeRaces(open: () => Promise<Opened>): void {
  let stores: Stores
  let others: Stores
  let pass: Opened['pass']
  let now: Opened['now']
  beforeEach(async () => {
    ;({ stores, others, pass, now } = await open())
  })
  const request = (fields = {}) => scopeRequest(fields, now())

  describe('fifty at once, in two processes', () => {
    const fifty = <T>(act: (one: Stores, at: number) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: 50 }, (_, at) => act(at % 2 ? others : stores, at)))
    const wins = (made: readonly unknown[]): number => made.filter(Boolean).length

    it('exchange one code: one succeeds', async () => {
      const one = request({ state: 'granted' })
      await stores.requests.insert(one, 2)
      const exchange = (each: Stores) => each.requests.move(one.uuid, ['granted'], 'exchanged')
      assert.equal(wins(await fifty(exchange)), 1)
    })

    it('add to a nearly full table: no more than fit', async () => {
      assert.equal(wins(await fifty((one) => one.requests.insert(request(), 7))), 7)
      assert.equal(await others.requests.count(), 7)
      pass(1000)
      await fifty((one) => one.requests.forget(now(), now()))
      assert.equal(await others.requests.count(), 0)
      assert.equal(wins(await fifty((one) => one.requests.insert(request(), 7))), 7)
      const tree = { set: 'attCivicBasic', xpub: 'xpub', tree: {} as Unsigned['tree'] } as const
      assert.equal(wins(await fifty((one, at) => one.unsigned.put(`${at}`, tree, now() + 1000, 7))), 7)
    })

    it('issue one tree: one succeeds', async () => {
      const issuance = { id: 'a', set: 'attCivicBasic', publicKey: 'key', state: 'anchoring' } as const
      const insert = (one: Stores) => one.issuances.insert({ ...issuance, attestations: [] }, 10)
      assert.equal(wins(await fifty(insert)), 1)
    })

    it('claim slots: each slot once', async () => {
      const one = request()
      await stores.requests.insert(one, 2)
      const slots = await fifty((each) => each.requests.claim(one.uuid, 'try', 7))
      assert.deepEqual(slots.filter((slot) => slot !== undefined).sort(), [1, 2, 3, 4, 5, 6, 7])
    })

    it('guess one code: as often as is allowed', async () => {
      await stores.codes.put('a', '123456', now() + 1000)
      assert.equal(wins(await fifty((one) => one.codes.redeem('a', '123456', 5))), 1)
      await stores.codes.put('a', '123456', now() + 1000)
      await fifty((one) => one.codes.redeem('a', '000000', 50))
      assert.equal(await others.codes.redeem('a', '123456', 50), false)
    })

    it('increase the same counters in different orders: none beyond its limit, and none partly', async () => {
      const names = ['a', 'b', 'c']
      const counters = (at: number) =>
        names.map((_, place) => ({ name: names[(at + place) % 3]!, limit: 10 }))
      const counted = await fifty((one, at) => one.codes.count(counters(at), 1000))
      assert.equal(counted.filter((wait) => wait === undefined).length, 10)
      const left = await Promise.all(names.map((name) => stores.codes.count([{ name, limit: 11 }], 1000)))
      assert.deepEqual(left, [undefined, undefined, undefined])
    })

    it('make one value: all get the same', async () => {
      assert.equal(new Set(await fifty((one, at) => one.settings.once('one', `${at}`))).size, 1)
    })

    it('take turns: one at a time', async () => {
      let acting = 0
      const act = async (): Promise<number> => {
        acting += 1
        await new Promise((resolve) => setImmediate(resolve))
        return acting--
      }
      assert.deepEqual(new Set(await fifty((one) => one.turns.take('one', act))), new Set([1]))
    })
  })
}
