import assert from 'node:assert/strict'
import { SharedLimits } from '../../sip/lib/http/rate-limits.ts'
import { eachDatabase } from '../support/databases.ts'

describe('sip: limits that processes share', () => {
  const amounts = { ask: { points: 5, duration: 60, isShared: true } }

  eachDatabase((_name, open) => {
    it('count together, and store no address in the database', async () => {
      const [one, two] = [
        new SharedLimits((await open()).pool, 's', amounts),
        new SharedLimits((await open()).pool, 's', amounts),
      ]
      const waits = await Promise.all(
        Array.from({ length: 10 }, (_, at) => (at % 2 ? one : two).take('ask', '192.0.2.1')),
      )
      assert.equal(waits.filter((wait) => wait === undefined).length, 5)
      for (const wait of waits) assert.ok(wait === undefined || (wait > 0 && wait <= 60_000))
      assert.equal(await one.take('ask', '192.0.2.2'), undefined)
      const { rows } = await (await open()).pool.query<{ key: string }>('select key from rate_limits')
      assert.equal(rows.length, 2)
      assert.doesNotMatch(JSON.stringify(rows), /192\.0\.2/)
    })

    it('are forgotten once their time is over', async () => {
      const { pool } = await open()
      const limits = new SharedLimits(pool, 's', amounts)
      await limits.take('ask', '192.0.2.1')
      assert.equal(await limits.sweep(), 0)
      assert.equal(await limits.sweep(Date.now() + 61_000), 1)
    })

    it('count in each process while there is no database', async () => {
      const broken = { query: () => Promise.reject(new Error('no database')) }
      const limits = new SharedLimits(broken as never, 's', amounts)
      for (let count = 0; count < 5; count++) assert.equal(await limits.take('ask', '192.0.2.1'), undefined)
      assert.notEqual(await limits.take('ask', '192.0.2.1'), undefined)
    })
  })
})
