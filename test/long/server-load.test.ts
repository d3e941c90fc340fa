import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { readConfig } from '../../sip/lib/config.ts'
import { openSip } from '../../sip/lib/open-sip.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { ManyLogins } from '../support/many-logins.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import type { Postgres } from '../support/postgres.ts'
import { ServerProcess } from '../support/server-process.ts'
import { freePort } from '../support/servers.ts'
import { sipPublicKeyAt } from '../support/sip-public-key.ts'

/** `LOGINS=20000` for the whole of it. */
const LOGINS = Number(process.env['LOGINS'] ?? 500)
const CONCURRENCY = 64
/** One in this many calls fails, and one in this many logins breaks a connection to the database. */
const FAILING = 20

describe(`civic-sip-server: ${LOGINS} logins while everything fails`, function () {
  this.timeout(Math.max(300_000, LOGINS * 200))
  let postgres: Postgres
  let servers: { readonly variables: Record<string, string>; readonly server: ServerProcess }[] = []
  let logins: ManyLogins
  let client: pg.Client

  before(async function () {
    needsPostgres(this)
    postgres = await startPostgres()
    const ports = [await freePort(), await freePort()]
    const url = `http://127.0.0.1:${ports[0]}`
    const shared = {
      PUBLIC_URL: url,
      WALLET_URL: 'http://localhost:9',
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATABASE_URL: postgres.url,
      TRUST_PROXY: 'loopback',
    }
    const both = await Promise.all(
      ports.map(async (port) => ({
        ...shared,
        PORT: String(port),
        WALLET_PORT: String(await freePort()),
        MANAGEMENT_PORT: String(await freePort()),
      })),
    )
    const open = await openSip(readConfig(both[0]!).config, {
      log: new ServerLog('silent'),
      metrics: new Metrics(),
    })
    const apps = await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        const { prvKey, pubKey } = newKeyPair()
        const whitelist = ['https://shop.example.org']
        return { ...(await open.sip.createApp({ name: `Shop ${at}`, whitelist, pubKey })), prvKey }
      }),
    )
    await open.close()
    servers = await Promise.all(
      both.map(async (variables) => ({ variables, server: await ServerProcess.start(variables) })),
    )
    const sipPublicKey = await sipPublicKeyAt(url)
    logins = await ManyLogins.start({ url, ports, apps, sipPublicKey, people: 200, failing: FAILING })
    client = new pg.Client({ connectionString: postgres.url, application_name: 'test' })
    await client.connect()
  })
  after(async () => {
    await (logins as ManyLogins | undefined)?.close()
    await (client as pg.Client | undefined)?.end()
    await Promise.all(servers.map(({ server }) => server.stop('SIGKILL')))
    await (postgres as Postgres | undefined)?.stop()
  })

  /** Breaks one connection of the servers to the database, whatever it is doing. */
  async function breakConnection(): Promise<void> {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where backend_type = 'client backend' and application_name <> 'test' order by random() limit 1`,
    )
  }
  const count = async (pattern: RegExp): Promise<number> => {
    const counts = servers.map(async ({ variables }) => {
      const metrics = await fetch(`http://127.0.0.1:${variables['MANAGEMENT_PORT']}/metrics`)
      return Number(pattern.exec(await metrics.text())?.[1])
    })
    return (await Promise.all(counts)).reduce((sum, one) => sum + one)
  }

  it('lose no login and repeat no login', async () => {
    let broken: Promise<unknown> = Promise.resolve()
    let times = 0
    await logins.run(LOGINS, CONCURRENCY, (login) => {
      if (login % FAILING !== 0) return
      times++
      broken = broken.then(breakConnection)
    })
    await broken
    assert.ok(times >= LOGINS / FAILING)
    assert.deepEqual(logins.wrongs, { lost: [], doubled: 0, mistaken: 0, refused: 0 })
    assert.equal(logins.done, LOGINS)
    const { exchanged, doubtful } = logins.codes
    const counted = await count(/^civic_sip_logins_total\{outcome="exchanged"\} (\d+)/m)
    assert.ok(counted >= exchanged && counted <= exchanged + doubtful, `${counted} of ${exchanged}`)
    assert.ok(logins.again > 0, 'no response to an exchange was lost')
    for (const { server } of servers) assert.match(server.output, /PostgreSQL: /)
  })
})
