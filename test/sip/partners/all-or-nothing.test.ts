import assert from 'node:assert/strict'
import type { Database } from 'civic-sip-server/database'
import { onEmbedded } from '../../support/databases.ts'
import { hosts, Server } from './support/server.ts'
import type { Somebody } from './support/server.ts'

const ADA = 'ada@example.org'
const HOST = 'shop.example.org'
const DAY = 24 * 60 * 60_000

describe('sip: a change that fails halfway changes nothing, and can be made again', () => {
  onEmbedded((open) => {
    let database: Database
    let server: Server
    let owner: Somebody
    let appId: string
    beforeEach(async () => {
      database = await open()
      server = await Server.start(database)
      owner = await server.owner('Shop')
      await server.confirm(owner, ADA)
      ;({ appId } = await owner.createApp({ name: 'Shop', whitelist: [HOST] }))
      server.mails.length = 0
    })
    afterEach(() => server.stop())

    /** Has every write to a table fail meanwhile, as if the process died before it. */
    async function without(table: string, act: () => Promise<unknown>): Promise<void> {
      await database.pool.query(`
        create or replace function die() returns trigger language plpgsql as $$ begin raise 'died'; end $$;
        create trigger die before insert or update or delete on ${table} for each row execute function die()`)
      // The server says that it failed
      const { error } = console
      console.error = () => undefined
      try {
        await act()
      } finally {
        console.error = error
        await database.pool.query(`drop trigger die on ${table}`)
      }
    }
    const app = async (): Promise<unknown> => {
      const { credentials: _, ...shown } = (await server.stores.apps.find(appId))!
      return shown
    }
    const subjects = (): string[] => server.mails.splice(0).map(({ subject }) => subject)
    const prove = async (): Promise<void> => {
      hosts.set(HOST, (await server.partnerStores.proofs.find(appId, HOST))!.value)
      await owner.send('POST', `apps/${appId}/domains/check`, { host: HOST })
    }

    it('when an operator suspends an app', async () => {
      const operator = await server.operator()
      const suspend = async (): Promise<number> =>
        (await operator.send('PATCH', `operator/apps/${appId}`, { suspended: true })).status
      const before = await app()
      await without('audit', async () => assert.equal(await suspend(), 500))
      assert.deepEqual(await app(), before)
      assert.deepEqual(subjects(), [])
      assert.equal(await suspend(), 204)
      assert.deepEqual(subjects(), ['Shop is now suspended'])
    })

    for (const approve of [true, false]) {
      it(`when an operator ${approve ? 'approves' : 'refuses'} an app`, async () => {
        const operator = await server.operator()
        await prove()
        await owner.send('PUT', `apps/${appId}/review`, { live: true })
        const review = await server.partnerStores.reviews.find(appId)
        const decision = { approve, askedAt: review!.askedAt, reason: 'Say what for' }
        const decide = async (): Promise<number> =>
          (await operator.send('POST', `operator/reviews/${appId}`, decision)).status
        const before = await app()
        for (const table of approve ? ['audit', 'apps'] : ['audit'])
          await without(table, async () => assert.equal(await decide(), 500))
        assert.deepEqual(await app(), before)
        assert.deepEqual(await server.partnerStores.reviews.find(appId), review)
        assert.deepEqual(subjects(), [])
        assert.equal(await decide(), 204)
        assert.deepEqual(subjects(), [`Your request for Shop was ${approve ? 'approved' : 'refused'}`])
      })
    }

    it('when a domain loses its proof', async () => {
      await prove()
      hosts.clear()
      const [before, proof] = [await app(), await server.partnerStores.proofs.find(appId, HOST)]
      const look = async (): Promise<number> => {
        await owner.logIn()
        return (await owner.send('POST', `apps/${appId}/domains/check`, { host: HOST })).status
      }
      assert.equal(await look(), 200)
      server.time += 8 * DAY
      for (const table of ['audit', 'domain_proofs'])
        await without(table, async () => assert.equal(await look(), 500))
      assert.deepEqual(await app(), before)
      assert.deepEqual(subjects(), [])
      assert.equal(await look(), 200)
      assert.deepEqual(subjects(), [`The proof of ${HOST} is gone`])
      assert.deepEqual((await server.partnerStores.proofs.find(appId, HOST))!.waiting, [HOST])
      assert.ok(proof?.provedAt)
    })

    it('when a domain is removed', async () => {
      await prove()
      const before = await app()
      const remove = async (): Promise<number> =>
        (await owner.send('DELETE', `apps/${appId}/domains/${HOST}`)).status
      await without('apps', async () => assert.equal(await remove(), 500))
      assert.deepEqual(await app(), before)
      assert.ok(await server.partnerStores.proofs.find(appId, HOST))
      assert.equal(await remove(), 204)
    })
  })
})
