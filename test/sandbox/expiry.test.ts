import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { ActivityLog } from '../../sip/lib/partners/activity.ts'
import { MemoryStores, newApp } from 'civic-sip-server'
import { ExpiringMap } from '../../sip/lib/store/expiring-map.ts'
import { Requests } from '../../sip/lib/scope-requests/requests.ts'
import { scopeOf } from '../../sip/lib/apps/scopes.ts'
import type { NewScopeRequest } from '../../sip/lib/scope-requests/requests.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapMiB(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / 2 ** 20
}

function wanted(app: NewScopeRequest['app'], scope: string): NewScopeRequest {
  return {
    app,
    uuid: randomUUID(),
    stage: 'prod',
    scope: scopeOf(scope),
    requester: { origin: 'http://localhost:3000', userAgent: 'Firefox on Linux' },
    channel: 'scan',
    callbackUrl: 'http://localhost:4000/sip/prod/scopeRequest/x/callback',
    token: 'x'.repeat(1000),
    secret: '0'.repeat(64),
  }
}

describe('sandbox: data expires', () => {
  let now: number
  const clock = (): number => now
  beforeEach(() => {
    now = 1_700_000_000_000
  })

  it('so that 10,000 scope requests, 100 of them granted, leave nothing behind', async () => {
    const log = new ActivityLog(clock)
    const store = new Requests(new MemoryStores({ clock }).requests, clock, log)
    const app = newApp({ name: 'Shop', pubKey: newKeyPair().pubKey }, clock)
    const before = heapMiB()
    let most = 0
    for (let i = 0; i < 10_000; i += 1) {
      now += 100
      const request = await store.create(wanted(app, 'PROOF_OF_IDENTITY'))
      if (i % 100 === 0) {
        // Not a constant, which all the grants would share.
        const sealed = { key: `${i}${'x'.repeat(100_000)}`.split('').reverse().join('') }
        const code = randomUUID()
        await store.grant(request, { userId: 'x', code, authToken: 'x', sealed })
        if (i % 200 === 0) await store.move((await store.findByCode(code))!, 'exchange')
      }
      if (i % 500 === 0) most = Math.max(most, await store.count())
    }
    // Two minutes and a minute more at ten a second, and the granted ones.
    assert.ok(most <= 1_800 + 100, `${most} requests at once`)
    assert.ok(heapMiB() - before > 4, 'the payloads that wait are in memory')
    now += 31 * 60_000
    assert.equal(await store.count(), 0)
    const listed = await log.list()
    assert.equal(listed.length, 200)
    assert.ok(listed.every(({ state }) => state !== 'granted'))
    const left = heapMiB() - before
    assert.ok(left < 2, `${left.toFixed(1)} MiB are left`)
    assert.equal(await store.count(), 0)
  })

  it('and too many at once are refused until some have ended', async () => {
    const store = new Requests(new MemoryStores({ clock }).requests, clock, new ActivityLog(clock))
    const app = newApp({ name: 'Shop', pubKey: newKeyPair().pubKey }, clock)
    const create = (): Promise<unknown> => store.create(wanted(app, 'Login'))
    for (let i = 0; i < 20_000; i += 1) await create()
    await assert.rejects(create, { status: 429, headers: { 'Retry-After': '60' } })
    now += 180_000
    await create()
  })

  it('and ended ones free their slots a minute later, although their codes are known as used for half an hour', async () => {
    const store = new Requests(new MemoryStores({ clock }).requests, clock, new ActivityLog(clock))
    const app = newApp({ name: 'Shop', pubKey: newKeyPair().pubKey }, clock)
    const exchanged = async (code: string): Promise<void> => {
      const request = await store.create(wanted(app, 'Login'))
      const granted = await store.grant(request, { userId: 'x', code, authToken: 'x', sealed: {} })
      await store.move(granted!, 'exchange')
    }
    for (let i = 0; i < 20_000; i += 1) await exchanged(`code ${i}`)
    now += 59_000
    await assert.rejects(exchanged('too soon'), { status: 429 })
    now += 2000
    await exchanged('code 20000')
    assert.equal(await store.count(), 1)
    const used = (await store.findByCode('code 0'))!
    await assert.rejects(store.move(used, 'exchange'), { status: 409, message: /used/ })
    now += 31 * 60_000
    assert.equal(await store.findByCode('code 0'), undefined)
  })

  it('each entry at its deadline', () => {
    const map = new ExpiringMap<number>(clock)
    map.set('long', 1, now + 5000)
    map.set('short', 2, now + 1000)
    now += 999
    assert.equal(map.get('short'), 2)
    now += 1
    assert.equal(map.get('short'), undefined)
    assert.equal(map.size, 1)
    map.delete('long')
    assert.equal(map.get('long'), undefined)
  })
})
