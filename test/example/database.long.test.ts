import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MIGRATIONS, openDatabase, transaction } from '../../example/src/database.ts'
import { lendDatabase } from '../support/lent-database.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'

describe('example: embedded database', function () {
  this.timeout(120_000)
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'example-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('keeps its data in a folder that is nobody else’s', async () => {
    const data = join(folder, 'data')
    const first = await openDatabase(data)
    await first.pool.query("insert into sessions values ('a', '{}', now())")
    await assert.rejects(openDatabase(data), /is in use/)
    await first.close()
    assert.equal((await stat(data)).mode & 0o777, 0o700)
    const second = await openDatabase(data)
    const { rows } = await second.pool.query('select sid from sessions')
    assert.deepEqual(rows, [{ sid: 'a' }])
    await second.close()
  })

  it('is refused to a second process, and free again when the first is killed', async () => {
    const module = new URL('../../example/dist/database.js', import.meta.url).href
    const script = `const { openDatabase } = await import(${JSON.stringify(module)})
      const { pool } = await openDatabase(${JSON.stringify(folder)})
      await pool.query("insert into sessions values ('killed', '{}', now())")
      console.log('open')
      setInterval(() => undefined, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script])
    const exited = once(holder, 'exit')
    await Promise.race([once(holder.stdout, 'data'), exited.then(() => assert.fail('it did not open'))])
    await assert.rejects(openDatabase(folder), {
      name: 'FileInUse',
      message: /is in use by another process/,
    })
    holder.kill('SIGKILL')
    await exited
    const database = await openDatabase(folder)
    const { rows } = await database.pool.query('select sid from sessions')
    assert.deepEqual(rows, [{ sid: 'killed' }])
    await database.close()
  })
})

describe('example: transactions', function () {
  this.timeout(120_000)

  it('undo everything when the work throws, and leave the connection fit for use', async () => {
    const { pool, close } = await lendDatabase(MIGRATIONS)
    const failing = transaction(pool, async (client) => {
      await client.query("insert into sessions values ('a', '{}', now())")
      throw new Error('no')
    })
    await assert.rejects(failing, /^Error: no$/)
    assert.deepEqual((await pool.query('select from sessions')).rows, [])
    await assert.rejects(transaction(pool, (client) => client.query('select * from nowhere')))
    assert.deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }])
    await close()
  })
})

describe('example: migrations on a PostgreSQL server', function () {
  this.timeout(120_000)

  it('run once, however many instances start at once', async function () {
    needsPostgres(this)
    const server = await startPostgres()
    const databases = await Promise.all(
      Array.from({ length: 5 }, () => openDatabase(server.url, () => undefined)),
    )
    const [first] = databases
    const { rows } = await first!.pool.query('select name from migrations order by name')
    assert.deepEqual(rows, [
      { name: '0001-accounts.sql' },
      { name: '0002-sessions.sql' },
      { name: '0003-providers.sql' },
    ])
    await Promise.all(databases.map(({ close }) => close()))
    await server.stop()
  })
})
