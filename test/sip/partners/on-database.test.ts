import assert from 'node:assert/strict'
import { onEmbedded } from '../../support/databases.ts'
import { hosts, Server } from './support/server.ts'

describe('sip: partners whose server has a database', () => {
  onEmbedded((open) => {
    it('go from the invite to a live app', async () => {
      const { pool, ...database } = await open()
      const server = await Server.start({ pool, ...database })
      try {
        const operator = await server.operator()
        const owner = await server.owner('Shop')
        const developer = await server.member(owner, 'DEVELOPER')
        const { appId, keys } = await developer.createApp({ whitelist: ['https://shop.example.org'] })
        const [domain] = (await developer.send('GET', `apps/${appId}/domains`)).json as {
          file: { text: string }
        }[]
        hosts.set('shop.example.org', domain!.file.text)
        const body = { host: 'shop.example.org' }
        assert.deepEqual((await developer.send('POST', `apps/${appId}/domains/check`, body)).json, {
          found: true,
        })
        await developer.send('PUT', `apps/${appId}/review`, { live: true, scopes: ['PROOF_OF_AGE'] })
        const [review] = (await operator.send('GET', 'operator/reviews')).json as { askedAt: number }[]
        const decision = { approve: true, askedAt: review!.askedAt }
        assert.equal((await operator.send('POST', `operator/reviews/${appId}`, decision)).status, 204)
        const [app] = (await developer.send('GET', 'apps')).json as Record<string, unknown>[]
        assert.deepEqual(
          [app!['environment'], app!['whitelist'], app!['scopes']],
          ['live', ['https://shop.example.org'], ['proofOfAge']],
        )
        const { keyId } = keys[0]!
        await developer.approve({ act: 'reveal', appId, keyId })
        const shown = await developer.send('POST', `apps/${appId}/keys/${keyId}/reveal`)
        assert.match(shown.json['appSecret'], /^[0-9a-f]{32}$/)
        // None of what opens something is in a table as it is
        const { rows } = await pool.query<{ all: string }>(
          `select string_agg(row, ' ') as all from (
            select sessions::text as row from sessions union all select invites::text from invites
            union all select audit::text from audit union all select direct_records::text from direct_records) rows`,
        )
        for (const secret of [
          shown.json['appSecret'],
          ...owner.cookies.values(),
          ...developer.cookies.values(),
        ])
          assert.ok(!rows[0]!.all.includes(secret))
      } finally {
        await server.stop()
      }
    })

    it('cannot change an entry of the audit log', async () => {
      const { pool } = await open()
      await pool.query("insert into audit (at, who, what) values (1, 'Ada', 'app.created')")
      await assert.rejects(pool.query("update audit set who = 'Eve'"), /append-only/)
    })
  })
})
