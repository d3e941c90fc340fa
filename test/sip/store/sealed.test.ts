import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { newApp } from 'civic-sip-server'
import { PostgresStores, Sealer } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import type { Unsigned } from '../../../sip/lib/attester/attester.ts'
import type { Issuance } from '../../../sip/lib/attester/issuance.ts'
import { onEmbedded } from '../../support/databases.ts'
import { dumpOf } from '../support/dump.ts'
import { scopeRequest } from '../support/records.ts'

const SECRET = '1'.repeat(64)

describe('sip: what the database stores in clear', () => {
  onEmbedded((open) => {
    let database: Database
    let stores: PostgresStores
    beforeEach(async () => {
      database = await open()
      stores = new PostgresStores(database, { sealer: new Sealer([SECRET]) })
    })

    const rowOf = async (table: string) =>
      (await database.pool.query<{ sealed: Record<string, string> }>(`select sealed from ${table}`)).rows
    const app = (name: string) => newApp({ name, pubKey: newKeyPair().pubKey }, Date.now)

    it('forgets the secrets of keys that have ended', async () => {
      const one = app('Shop')
      await stores.apps.insert(one, 10)
      await stores.apps.addCredentials(one.appId, { ...app('Next').credentials[0], keyId: 'next' }, 2)
      await stores.apps.endCredentials(one.appId, one.credentials[0].keyId, 1_000)
      await stores.apps.sweepCredentials(1_000)
      assert.deepEqual(
        (await rowOf('apps')).map(({ sealed }) => Object.keys(sealed)),
        [['next']],
      )
    })

    it('contains no secret, no key that opens a response, and no personal data', async () => {
      const person = { email: 'ada@example.org', phone: '+1 555 0100', document: 'X1234567' }
      const one = app('Shop')
      await stores.apps.insert(one, 10)
      await stores.apps.addCredentials(one.appId, { ...app('Next').credentials[0], keyId: 'next' }, 2)
      const later = Date.now() + 60_000
      const request = scopeRequest({
        deadline: later,
        secret: 'one-time private key',
        returnUrl: 'https://shop.example.org/welcome?for=ada',
      })
      await stores.requests.insert(request, 10)
      const grant = {
        userId: 'user of Shop',
        code: 'the code',
        authToken: 'the token',
        sealed: { next: 'data of the person' },
      }
      await stores.requests.move(request.uuid, ['created'], 'approved', {
        grant,
        code: grant.code,
        codeUntil: later,
        confirmCode: '271828',
      })
      await stores.payloads.put('name of the payload', 'large payload', later)
      const unsigned = {
        set: 'attCivicBasic',
        xpub: 'xpub',
        tree: person as unknown as Unsigned['tree'],
      } as const
      await stores.unsigned.put('id of the tree', unsigned, later)
      await stores.issuances.insert(
        {
          id: 'id of the issuance',
          set: 'x',
          publicKey: 'x',
          state: 'anchoring',
          attestations: [person],
        } as unknown as Issuance,
        10,
      )
      await stores.codes.count([{ name: person.email, limit: 5 }], 1000)
      await stores.codes.put(person.email, 'A7B8C9', later)

      const dump = await dumpOf(database)
      const secrets = [
        ...(await stores.apps.find(one.appId))!.credentials.map(({ appSecret }) => appSecret),
        ...Object.values(person),
        ...[
          'one-time private key',
          'for=ada',
          'user of Shop',
          'the code',
          'the token',
          '271828',
          'data of the person',
        ],
        ...['name of', 'large payload', 'id of the tree', 'id of the issuance', 'A7B8C9', SECRET],
      ]
      assert.match(dump, /Shop/)
      assert.deepEqual(
        secrets.filter((secret) => dump.includes(secret)),
        [],
      )
      assert.deepEqual((await stores.requests.findByCode('the code'))?.grant, grant)
      assert.equal((await stores.issuances.find('id of the issuance'))?.id, 'id of the issuance')
    })

    it('does not open for another app, nor as the secret of other keys of the same app', async () => {
      const [one, other] = [app('One'), app('Other')]
      await stores.apps.insert(one, 10)
      await stores.apps.insert(other, 10)
      const swap = `update apps set sealed = jsonb_build_object($2::text, (
        select sealed -> $4 from apps as others where app_id = $3
      )) where app_id = $1`
      const [mine] = one.credentials
      const [theirs] = other.credentials
      await database.pool.query(swap, [one.appId, mine.keyId, other.appId, theirs.keyId])
      await assert.rejects(stores.apps.find(one.appId), { name: 'SealError', message: /^apps\.sealed/ })
      await database.pool.query('update apps set sealed = $2 where app_id = $1', [one.appId, {}])
      await assert.rejects(stores.apps.find(one.appId), { name: 'SealError' })
      await stores.apps.remove(one.appId)
    })

    it('does not open in another row, column or table', async () => {
      const [one, other] = [
        scopeRequest({ secret: 'mine' }),
        scopeRequest({ secret: 'theirs', returnUrl: 'u' }),
      ]
      for (const request of [one, other]) await stores.requests.insert(request, 100)
      const set = (uuid: string, sealed: object) =>
        database.pool.query('update requests set sealed = $2 where uuid = $1', [uuid, sealed])
      const read = async (uuid: string) =>
        (
          await database.pool.query<{ sealed: Record<string, string> }>(
            'select sealed from requests where uuid = $1',
            [uuid],
          )
        ).rows[0]!.sealed
      const [mine, theirs] = [await read(one.uuid), await read(other.uuid)]
      await set(one.uuid, theirs)
      await assert.rejects(stores.requests.find(one.uuid), { name: 'SealError' })
      await set(one.uuid, { returnUrl: mine.secret })
      await assert.rejects(stores.requests.find(one.uuid), { name: 'SealError' })
      await set(one.uuid, mine)
      assert.equal((await stores.requests.find(one.uuid))?.secret, 'mine')
      await stores.payloads.put(randomUUID(), 'text', Date.now() + 60_000)
      await stores.unsigned.put('same name', {} as Unsigned, Date.now() + 60_000)
      const [payload] = await rowOf('payloads')
      await database.pool.query('update unsigned_trees set sealed = $1', [payload!.sealed])
      await assert.rejects(stores.unsigned.find('same name'), { name: 'SealError' })
    })

    it('opens with no other SIP_SECRET', async () => {
      const request = scopeRequest({ secret: 'mine' })
      await stores.requests.insert(request, 100)
      const others = new PostgresStores(database, { sealer: new Sealer(['2'.repeat(64)]) })
      await assert.rejects(others.requests.find(request.uuid), {
        name: 'SealError',
        message: /^requests\.sealed\.secret cannot be opened: .*SIP_SECRET/,
      })
    })

    it('can be any text: what the database does not store becomes U+FFFD', async () => {
      const one = { ...app('One'), name: 'a\0b\ud800c' }
      await stores.apps.insert(one, 100)
      assert.equal((await stores.apps.find(one.appId))?.name, 'a\ufffdb\ufffdc')
    })
  })
})
