import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import pg from 'pg'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { readConfig } from '../../sip/lib/config.ts'
import { openSip } from '../../sip/lib/open-sip.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { ServerProcess } from '../support/server-process.ts'
import { freePort } from '../support/servers.ts'
import { sipPublicKeyAt } from '../support/sip-public-key.ts'
import { AskingPage } from '../support/through-proxy.ts'

const SITE = 'https://shop.example.org'
const MEGABYTES = 48
/** More requests than the tables have room for. */
const MAX_ASKED = 2_000

describe('civic-sip-server: a full disk', function () {
  this.timeout(120_000)
  const cleanups: (() => unknown)[] = []
  let disk: string
  before(async function () {
    needsPostgres(this)
    disk = await mkdtemp(join(tmpdir(), 'disk-'))
    cleanups.push(() => rm(disk, { recursive: true, force: true }))
    const mount = ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'tmpfs', disk]
    if (spawnSync('mount', mount).status !== 0) {
      console.log('    skipped: a small disk cannot be mounted here, which takes root')
      this.skip()
    }
    cleanups.push(() => execFileSync('umount', ['--lazy', disk]))
    execFileSync('chown', ['postgres', disk])
  })
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  })

  it('refuses new logins clearly, and continues by itself when there is room again', async () => {
    const postgres = await startPostgres()
    cleanups.push(() => postgres.stop())
    const admin = new pg.Client({ connectionString: postgres.url })
    await admin.connect()
    cleanups.push(() => admin.end())
    // PostgreSQL's log stays on the other disk, so that the database server continues
    await admin.query(`create tablespace small location '${disk}'`)
    await admin.query('create database sip tablespace small')

    const [port, walletPort, managementPort] = [await freePort(), await freePort(), await freePort()]
    const url = `http://127.0.0.1:${port}`
    const variables = {
      PUBLIC_URL: url,
      WALLET_URL: `http://localhost:${walletPort}`,
      MANAGEMENT_PORT: String(managementPort),
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATABASE_URL: postgres.url.replace(/postgres$/, 'sip'),
      LIMIT_ADDRESS: '100000',
    }
    const log = new ServerLog('silent')
    const open = await openSip(readConfig(variables).config, { log, metrics: new Metrics() })
    const { prvKey, pubKey } = newKeyPair()
    const app = await open.sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey })
    await open.close()
    const server = await ServerProcess.start(variables)
    cleanups.push(() => server.stop('SIGKILL'))
    const sipPublicKey = await sipPublicKeyAt(url)
    const client = new CivicClient({ ...app, prvKey, api: `${url}/sip/`, sipPublicKey })
    const wallet = new Wallet({ seed: randomBytes(32), trustedSips: [url], allowPrivate: true })
    const page = new AskingPage(fetch, url, SITE)
    const { confirm } = await wallet.approve(await wallet.read(await page.ask(app.appId, 'ANONYMOUS_LOGIN')))

    const { bavail, bsize } = await statfs(disk)
    await writeFile(join(disk, 'full'), Buffer.alloc(bavail * bsize))
    const ask = () => new AskingPage(fetch, url, SITE).ask(app.appId, 'ANONYMOUS_LOGIN')
    const untilRefused = async (): Promise<void> => {
      for (let asked = 0; asked < MAX_ASKED; asked += 1) await ask()
    }
    await assert.rejects(untilRefused(), /^Error: 503 \{"statusCode":503,"message":"the server cannot work/)
    const live = await fetch(`http://127.0.0.1:${managementPort}/health/live`)
    assert.equal(live.status, 200)
    assert.match(server.output, /"code":"53100"/)

    await rm(join(disk, 'full'))
    await ask()
    await page.confirm(confirm)
    const { authResponse = '' } = await page.poll()
    assert.match((await client.exchangeCode(authResponse)).userId, /^[0-9a-f]{64}$/)
  })
})
