import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { transaction } from 'civic-sip-server/database'
import { eachDatabase } from '../../support/databases.ts'

describe('sip: database', () => {
  eachDatabase((name, open) => {
    it('undoes everything when the work of a transaction throws', async () => {
      const { pool } = await open()
      const failing = transaction(pool, async (client) => {
        await client.query("insert into settings values ('a', 'b')")
        throw new Error('no')
      })
      await assert.rejects(failing, /^Error: no$/)
      assert.deepEqual((await pool.query('select from settings')).rows, [])
    })

    it('undoes everything when a statement failed, and says so even if the work caught the error', async () => {
      const { pool } = await open()
      const failing = transaction(pool, async (client) => {
        await client.query("insert into settings values ('a', 'b')")
        await client.query('select from nothing').catch(() => undefined)
      })
      await assert.rejects(failing, /rolled everything back/)
      assert.deepEqual((await pool.query('select from settings')).rows, [])
    })

    it('makes a transaction inside another one a part of it', async () => {
      const { pool } = await open()
      const failing = transaction(pool, async (client) => {
        await transaction(client, (same) => same.query("insert into settings values ('a', 'b')"))
        throw new Error('no')
      })
      await assert.rejects(failing, /^Error: no$/)
      assert.deepEqual((await pool.query('select from settings')).rows, [])
    })

    it('reads big whole numbers as numbers', async () => {
      const { pool } = await open()
      const { rows } = await pool.query('select count(*) as count, 1767225600000::bigint as time')
      assert.deepEqual(rows, [{ count: 1, time: 1_767_225_600_000 }])
    })

    it('notifies listeners, until they stop', async () => {
      const [speaker, hearer] = [await open(), await open()]
      const heard = new EventEmitter<{ payload: [string] }>()
      const stop = await hearer.listen('news', (payload) => heard.emit('payload', payload))
      const other: string[] = []
      await hearer.listen('other', (payload) => other.push(payload))
      const first = once(heard, 'payload')
      await speaker.pool.query("select pg_notify('news', 'one')")
      assert.deepEqual(await first, ['one'])
      await stop()
      heard.on('payload', () => assert.fail('it stopped'))
      await speaker.pool.query("select pg_notify('news', 'two')")
      await speaker.pool.query("select pg_notify('other', 'three')")
      while (other.length === 0) await speaker.pool.query('select 1')
      assert.deepEqual(other, ['three'])
    })

    it('gives a lock to one process at a time, for each name separately', async () => {
      const [one, other] = [await open(), await open()]
      const release = await one.lock('a')
      await (
        await other.lock('b')
      )()
      const order: string[] = []
      const next = other.lock('a').then((releaseNext) => {
        order.push('next')
        return releaseNext()
      })
      await one.pool.query('select 1')
      order.push('first')
      await release()
      await next
      assert.deepEqual(order, ['first', 'next'])
    })

    if (name === 'PostgreSQL') {
      it('has PostgreSQL prepare a statement with parameters once for each connection', async () => {
        const { pool } = await open()
        const prepared = await transaction(pool, async (client) => {
          for (const value of ['one', 'two']) {
            const { rows } = await client.query<{ value: string }>('select $1::text as value', [value])
            assert.deepEqual(rows, [{ value }])
          }
          const calls = `select statement, (generic_plans + custom_plans)::int as calls
            from pg_prepared_statements where statement like '%as value'`
          return (await client.query(calls)).rows as unknown[]
        })
        assert.deepEqual(prepared, [{ statement: 'select $1::text as value', calls: 2 }])
      })

      it('continues when its connections break, and listens again', async () => {
        const [breaks, other] = [await open(), await open()]
        const heard = new EventEmitter<{ payload: [string] }>()
        await breaks.listen('news', (payload) => heard.emit('payload', payload))
        const held = await breaks.lock('a')
        const release = other.lock('a')
        await other.pool.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
        )
        await held()
        // Ended connections have no locks
        await (
          await release.catch(() => other.lock('a'))
        )()
        const again = once(heard, 'payload')
        const seen: unknown[] = []
        void again.then((payload) => seen.push(payload))
        while (seen.length === 0) await other.pool.query("select pg_notify('news', 'again'), pg_sleep(0.05)")
        assert.deepEqual(await again, ['again'])
        assert.deepEqual((await breaks.pool.query('select 1 as one')).rows, [{ one: 1 }])
      })
    }
  })

  it('is loaded by neither createSip nor the sandbox', () => {
    const refuse = `export function resolve(name, context, next) {
      if (/^(pg|@electric-sql)(\\/|$)/.test(name)) throw new Error(name + ' is loaded')
      return next(name, context)
    }`
    const register = `import { register } from 'node:module'
      register(${JSON.stringify(dataUrl(refuse))})`
    const run = (code: string): string =>
      execFileSync(process.execPath, ['--import', dataUrl(register), '--input-type=module', '-e', code], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    assert.equal(run("await import('civic-sip-server'); await import('civic-sip-sandbox')"), '')
    const opening = `const { openDatabase } = await import('civic-sip-server/database')
      await openDatabase('memory://', { migrations: '.' })`
    assert.throws(() => run(opening), /is loaded/)
  })
})

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`
}
