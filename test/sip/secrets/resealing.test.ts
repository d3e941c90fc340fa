import assert from 'node:assert/strict'
import { createSip, newApp, newKeyPair } from 'civic-sip-server'
import type { Stores } from 'civic-sip-server'
import { EmbeddedLedger } from 'civic-attestations'
import {
  keptSecret,
  PostgresStores,
  replaceSealedKeys,
  reseal,
  Sealer,
  SigningKeys,
} from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import type { Unsigned } from '../../../sip/lib/attester/attester.ts'
import { onEmbedded } from '../../support/databases.ts'
import { dumpOf } from '../support/dump.ts'
import { scopeRequest } from '../support/records.ts'

const [OLD, NEW] = ['1'.repeat(64), '2'.repeat(64)] as const
const LATER = Date.now() + 60 * 60_000

describe('sip: a change of SIP_SECRET', () => {
  onEmbedded((open) => {
    const [before, both, after] = [[OLD], [NEW, OLD], [NEW]].map((secrets) => new Sealer(secrets))
    const app = newApp({ name: 'Shop', pubKey: newKeyPair().pubKey }, Date.now)
    const request = scopeRequest({ secret: 'one-time key', deadline: LATER })
    let database: Database
    beforeEach(async () => {
      database = await open()
      const stores = storesBy(before)
      await stores.apps.insert(app, 10)
      await stores.requests.insert(request, 10)
      await stores.payloads.put('payload', 'text', LATER)
      await stores.unsigned.put('tree', { xpub: 'x' } as Unsigned, LATER)
    })
    const storesBy = (sealer: Sealer | undefined): PostgresStores =>
      new PostgresStores(database, { sealer: sealer! })
    const readsAll = async (stores: Stores): Promise<void> => {
      assert.deepEqual(await stores.apps.find(app.appId), app)
      assert.equal((await stores.requests.find(request.uuid))?.secret, 'one-time key')
      assert.equal(await stores.payloads.find('payload'), 'text')
      assert.deepEqual(await stores.unsigned.find('tree'), { xpub: 'x' })
    }

    it('seals every value again, and then needs the previous secret no more', async () => {
      const seed = await keptSecret(database.pool, before!, { name: 'attester', bytes: 64 })
      assert.match(seed, /^[0-9a-f]{128}$/)
      const ring = await SigningKeys.open(database, { sealer: before! })
      const { current } = ring
      await readsAll(storesBy(both))
      assert.deepEqual(await reseal(database.pool, both!), { rows: 6, unreadable: {} })
      assert.deepEqual(await reseal(database.pool, both!), { rows: 0, unreadable: {} })
      await readsAll(storesBy(after))
      await assert.rejects(storesBy(before).apps.find(app.appId), { name: 'SealError' })
      assert.equal(await keptSecret(database.pool, after!, { name: 'attester', bytes: 64 }), seed)
      const next = await SigningKeys.open(database, { sealer: after! })
      assert.deepEqual(next.current, current)
      await Promise.all([ring.close(), next.close()])
    })

    it('continues where it stopped', async () => {
      const stores = storesBy(before)
      for (let i = 0; i < 120; i++) await stores.payloads.put(`${i}`, 'text', LATER)
      let left = 150
      const breaking = {
        query: (...args: [string, unknown[]]) => {
          if (left-- === 0) throw new Error('the process ends')
          return database.pool.query(...args)
        },
      } as unknown as Database['pool']
      await assert.rejects(reseal(breaking, both!), /the process ends/)
      const { rows } = await reseal(database.pool, both!)
      assert.ok(rows > 0 && rows < 124, `${rows} rows were left`)
      await readsAll(storesBy(after))
    })

    it('loses no simultaneous change', async () => {
      const stores = storesBy(both)
      let hasMoved = false
      const meanwhile = {
        query: async (text: string, values?: unknown[]) => {
          if (text.startsWith('update requests') && !hasMoved) {
            hasMoved = true
            await stores.requests.move(request.uuid, ['created'], 'read', { secret: 'changed' })
          }
          return database.pool.query(text, values)
        },
      } as unknown as Database['pool']
      await reseal(meanwhile, both!)
      assert.equal(hasMoved, true)
      assert.equal((await storesBy(after).requests.find(request.uuid))?.secret, 'changed')
    })

    it('names the table of a value that does not open, and seals the rest', async () => {
      await database.pool.query('update payloads set sealed = \'{"value":"AAAA"}\'')
      assert.deepEqual(await reseal(database.pool, both!), { rows: 3, unreadable: { payloads: 1 } })
    })
  })
})

describe('sip: a compromised SIP_SECRET', () => {
  onEmbedded((open) => {
    const [before, after] = [new Sealer([OLD]), new Sealer([NEW, OLD])]

    it('has every sealed key replaced, and leaves apps and public keys of partners as they are', async () => {
      const database = await open()
      const stores = new PostgresStores(database, { sealer: before })
      const app = newApp({ name: 'Shop', pubKey: newKeyPair().pubKey }, Date.now)
      await stores.apps.insert(app, 10)
      await stores.apps.addCredentials(app.appId, { ...app.credentials[0], keyId: 'next' }, 2)
      const request = scopeRequest({ deadline: LATER })
      await stores.requests.insert(request, 10)
      const seed = await keptSecret(database.pool, before, { name: 'attester', bytes: 64 })
      const ring = await SigningKeys.open(database, { sealer: before, log: () => undefined })
      const { current } = ring
      const dump = await dumpOf(database)

      const replaced = await replaceSealedKeys(database, after)
      await ring.refresh().catch(() => undefined)
      const now = await SigningKeys.open(database, { sealer: new Sealer([NEW]) })
      assert.deepEqual(replaced, {
        pubKey: now.current.pubKey,
        appIds: [app.appId],
        secrets: ['attester'],
        requests: 1,
      })
      assert.notEqual(now.current.prvKey, current.prvKey)
      assert.deepEqual(now.published, [now.current.pubKey])
      const others = new PostgresStores(database, { sealer: new Sealer([NEW]) })
      const { credentials, ...same } = (await others.apps.find(app.appId))!
      const { credentials: earlier, ...expected } = app
      assert.deepEqual(same, expected)
      assert.equal(credentials.length, 1)
      assert.equal(credentials[0].pubKey, earlier[0].pubKey)
      assert.notEqual(credentials[0].appSecret, earlier[0].appSecret)
      assert.notEqual(await keptSecret(database.pool, after, { name: 'attester', bytes: 64 }), seed)
      const { rows } = await database.pool.query<{ name: string }>(
        "select name from kept_secrets where name like 'attester until %'",
      )
      // There may be money that only this key can move
      assert.equal(await keptSecret(database.pool, after, { name: rows[0]!.name }), seed)
      assert.equal(await others.requests.find(request.uuid), undefined)
      assert.equal(await others.requests.count(), 0)
      const sealed = [...dump.matchAll(/"sealed": (\{[^}]*\})/g)].map(([, text]) => text!)
      const fresh = await dumpOf(database)
      assert.deepEqual(
        sealed.filter((text) => text !== '{}' && fresh.includes(text)),
        [],
      )
      await Promise.all([ring.close(), now.close()])
    })
  })
})

describe('sip: the attester’s seed', () => {
  const options = {
    url: 'https://sip.example.org',
    keys: newKeyPair(),
    ledger: new EmbeddedLedger(),
    mailer: { send: () => Promise.resolve() },
  }

  it('determines the authority, whatever the secret', async () => {
    const seed = 'a'.repeat(128)
    const sips = [OLD, NEW].map((secret) => createSip({ ...options, secret, attester: { seed } }))
    const without = createSip({ ...options, secret: OLD })
    assert.deepEqual(sips[0]!.authorities, sips[1]!.authorities)
    assert.notDeepEqual(sips[0]!.authorities, without.authorities)
    assert.throws(() => createSip({ ...options, secret: OLD, attester: { seed: 'a' } }), /attester\.seed/)
    await Promise.all([...sips, without].map((sip) => sip.close()))
  })
})
