import assert from 'node:assert/strict'
import { MemoryStores, newApp } from 'civic-sip-server'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { storeContract } from './store.contract.ts'
import { storeRaces } from './store.races.ts'

describe('sip: stores in memory', () => {
  for (const check of [storeContract, storeRaces])
    check(() => {
      let time = Date.UTC(2026, 0, 1)
      const now = (): number => time
      const stores = new MemoryStores({ clock: now })
      return Promise.resolve({
        stores,
        others: stores,
        now,
        pass: (milliseconds) => void (time += milliseconds),
      })
    })

  it('report at once a change that must outlive the process', () => {
    let count = 0
    const { apps } = new MemoryStores({ changed: () => void (count += 1) })
    const app = newApp({ name: 'Shop', pubKey: newKeyPair().pubKey }, Date.now)
    assert.equal(apps.add(app), true)
    assert.equal(count, 1)
    assert.deepEqual(apps.all, [app])
    assert.equal(apps.add(app, 1), false)
    assert.equal(count, 1)
  })
})
