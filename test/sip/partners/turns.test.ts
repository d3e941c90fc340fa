import assert from 'node:assert/strict'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import { changesBy } from '../../../sip/lib/partners/changes.ts'
import { DomainsOfApps } from '../../../sip/lib/apps/domains.ts'
import { PartnerApps } from '../../../sip/lib/apps/partner-apps.ts'
import { ANYBODY } from '../../../sip/lib/partners/person.ts'
import { MemoryStores } from '../../../sip/lib/store/memory.ts'
import { MemoryPartnerStores } from '../../../sip/lib/store/memory-partners.ts'
import { MemoryTurns } from '../../../sip/lib/store/memory-turns.ts'
import type { PartnerStores } from '../../../sip/lib/store/partner-stores.ts'
import type { Stores, Turns } from '../../../sip/lib/store/stores.ts'
import { RECORDS } from './support/server.ts'

/** As few turns at once as there can be: a server has four connections for them. */
class OneTurn implements Turns {
  #isTaken = false

  async take<T>(name: string, act: () => Promise<T>): Promise<T> {
    assert.equal(this.#isTaken, false, `waits for the turn ${name} while it has another one`)
    this.#isTaken = true
    try {
      return await act()
    } finally {
      this.#isTaken = false
    }
  }
}

/** Apps of a partner in memory. */
function partnerAppsWith(turns: Turns): { rules: PartnerApps; stores: Stores } {
  const clock = (): number => 0
  const stores: Stores = new MemoryStores({ clock })
  const partners: PartnerStores = new MemoryPartnerStores()
  const change = changesBy((work) => work({ ...partners, ...stores, mailer: undefined }), {
    clock,
    url: 'http://localhost:1',
    failed: (error) => assert.fail(String(error)),
  })
  const lost = (): Promise<void> => Promise.resolve()
  const domains = new DomainsOfApps({
    ...{ proofs: partners.proofs, change, turns, counters: stores.codes, clock, network: RECORDS, lost },
  })
  return { rules: new PartnerApps({ domains, change, turns }), stores }
}

describe('sip: turns', () => {
  const { pubKey } = newKeyPair()
  it('are taken one at a time, so that partners who make apps at once do not wait for each other forever', async () => {
    const { rules } = partnerAppsWith(new OneTurn())
    const app = await rules.create(ANYBODY, { name: 'Shop', pubKey, whitelist: ['localhost'] }, 'shop')
    assert.deepEqual(app.whitelist, ['localhost'])
    await rules.update(ANYBODY, app, { whitelist: ['shop.example.org'] })
  })

  it('are taken to delete an app, so that its changes and its deletion never wait for each other', async () => {
    const turns = new MemoryTurns()
    const { rules, stores } = partnerAppsWith(turns)
    const app = await rules.create(ANYBODY, { name: 'Shop', pubKey, whitelist: ['localhost'] }, 'shop')
    let removing: Promise<void> | undefined
    await turns.take(`domains of ${app.appId}`, async () => {
      removing = rules.remove(ANYBODY, app)
      await new Promise(setImmediate)
      assert.ok(await stores.apps.find(app.appId))
    })
    await removing
    assert.equal(await stores.apps.find(app.appId), undefined)
  })

  it('leave nothing in memory', async () => {
    const turns = new MemoryTurns()
    const [one, two] = [turns.take('a', () => Promise.resolve(1)), turns.take('a', () => Promise.resolve(2))]
    const failing = turns.take('b', () => Promise.reject(new Error('no')))
    assert.equal(turns.size, 2)
    await assert.rejects(failing)
    assert.deepEqual(await Promise.all([one, two]), [1, 2])
    await new Promise(setImmediate)
    assert.equal(turns.size, 0)
  })
})
