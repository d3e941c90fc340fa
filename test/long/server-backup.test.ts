import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
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
import { serve } from '../../sip/lib/serve.ts'
import type { Running } from '../../sip/lib/serve.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { freePort } from '../support/servers.ts'
import type { TestServer } from '../support/servers.ts'
import { AskingPage } from '../support/through-proxy.ts'
import { sipPublicKeyAt } from '../support/sip-public-key.ts'

describe('civic-sip-server: a backup', function () {
  this.timeout(120_000)
  let postgres: TestServer | undefined
  let folder: string
  let variables: Record<string, string>
  let running: Running | undefined

  before(async function () {
    needsPostgres(this)
    const server = (postgres = await startPostgres())
    folder = await mkdtemp(join(tmpdir(), 'civic-sip-backup-'))
    const [port, walletPort, managementPort] = [await freePort(), await freePort(), await freePort()]
    variables = {
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      WALLET_URL: `http://localhost:${walletPort}`,
      MANAGEMENT_PORT: String(managementPort),
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATABASE_URL: server.url,
      LOG_LEVEL: 'silent',
    }
  })
  after(async () => {
    await running?.stop()
    await postgres?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  it('restores into an empty database, and everything works', async () => {
    const { config } = readConfig(variables)
    const open = await openSip(config, { log: new ServerLog('silent'), metrics: new Metrics() })
    const { prvKey, pubKey } = newKeyPair()
    const app = await open.sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey })
    await open.close()
    running = await serve(config)
    const url = config.publicUrl
    const wallet = new Wallet({ seed: randomBytes(32), trustedSips: [url], allowPrivate: true })
    const sipPublicKey = await sipPublicKeyAt(url)
    const client = new CivicClient({ ...app, prvKey, api: `${url}/sip/`, sipPublicKey })
    const login = async (): Promise<string> => {
      const page = new AskingPage(fetch, url, 'https://shop.example.org')
      const { confirm } = await wallet.approve(
        await wallet.read(await page.ask(app.appId, 'ANONYMOUS_LOGIN')),
      )
      await page.confirm(confirm)
      const { authResponse = '' } = await page.poll()
      return (await client.exchangeCode(authResponse)).userId
    }
    const userId = await login()

    const dump = join(folder, 'sip.dump')
    execFileSync('pg_dump', ['--format=custom', `--file=${dump}`, postgres!.url])
    await running.stop()
    running = undefined
    const admin = new pg.Client(postgres!.url)
    await admin.connect()
    await admin.query('create database restored')
    await admin.end()
    const restored = postgres!.url.replace(/\/postgres$/, '/restored')
    execFileSync('pg_restore', ['--no-owner', `--dbname=${restored}`, dump])

    running = await serve(readConfig({ ...variables, DATABASE_URL: restored }).config)
    assert.equal(await sipPublicKeyAt(url), sipPublicKey)
    assert.equal(await login(), userId)
    const ready = await fetch(`http://127.0.0.1:${variables.MANAGEMENT_PORT}/health/ready`)
    assert.equal(ready.status, 200)

    const plain = execFileSync('pg_dump', [restored], { encoding: 'utf8' })
    for (const secret of [variables.SIP_SECRET, app.appSecret, prvKey]) assert.ok(!plain.includes(secret!))
    assert.ok((await readFile(dump)).length > 0)
  })
})
