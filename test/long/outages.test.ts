import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { readConfig } from '../../sip/lib/config.ts'
import { openSip } from '../../sip/lib/open-sip.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { MailServer } from '../support/mail-server.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import type { Postgres } from '../support/postgres.ts'
import { ServerProcess } from '../support/server-process.ts'
import { freePort } from '../support/servers.ts'
import { sipPublicKeyAt } from '../support/sip-public-key.ts'
import { AskingPage } from '../support/through-proxy.ts'

const EMAIL = 'contact.personal.email'
const ADDRESS = 'ada@example.org'
const SITE = 'https://shop.example.org'

interface Health {
  readonly status: string
  readonly problems: readonly { readonly what: string; readonly reason: string }[]
}

describe('civic-sip-server: a running server', function () {
  this.timeout(120_000)
  let postgres: Postgres | undefined
  let server: ServerProcess | undefined
  let mails: MailServer | undefined
  let variables: Record<string, string>
  let url: string
  let smtpPort: number
  let client: CivicClient
  let appId: string

  before(async function () {
    needsPostgres(this)
    postgres = await startPostgres()
    const [port, walletPort, managementPort] = [await freePort(), await freePort(), await freePort()]
    smtpPort = await freePort()
    url = `http://127.0.0.1:${port}`
    variables = {
      PUBLIC_URL: url,
      WALLET_URL: `http://localhost:${walletPort}`,
      MANAGEMENT_PORT: String(managementPort),
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATABASE_URL: postgres.url,
      SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
      MAIL_FROM: 'Civic <login@example.org>',
    }
    const open = await openSip(readConfig(variables).config, {
      log: new ServerLog('silent'),
      metrics: new Metrics(),
    })
    const { prvKey, pubKey } = newKeyPair()
    const app = await open.sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey })
    await open.close()
    appId = app.appId
    server = await ServerProcess.start(variables)
    const sipPublicKey = await sipPublicKeyAt(url)
    client = new CivicClient({ ...app, prvKey, api: `${url}/sip/`, sipPublicKey })
  })
  // Each test has a server that remembers no health of the test before
  beforeEach(async () => {
    server ??= await ServerProcess.start(variables)
  })
  afterEach(async () => {
    // The server keeps connections to the mail server open
    await server?.stop('SIGKILL')
    server = undefined
    await mails?.stop()
    mails = undefined
  })
  after(async () => {
    await server?.stop('SIGKILL')
    await postgres?.stop()
  })

  const newWallet = (): Wallet =>
    new Wallet({ seed: randomBytes(32), trustedSips: [url], allowPrivate: true })
  const ready = async (): Promise<{ status: number; reasons: Record<string, string> }> => {
    const response = await fetch(`http://127.0.0.1:${variables['MANAGEMENT_PORT']}/health/ready`)
    const { problems } = (await response.json()) as Health
    return {
      status: response.status,
      reasons: Object.fromEntries(problems.map(({ what, reason }) => [what, reason])),
    }
  }

  it('says that its database is away, and goes on with what was begun once it is back', async () => {
    const wallet = newWallet()
    const page = new AskingPage(fetch, url, SITE)
    const { confirm } = await wallet.approve(await wallet.read(await page.ask(appId, 'ANONYMOUS_LOGIN')))

    await postgres!.down()
    const { status, reasons } = await ready()
    assert.equal(status, 503)
    assert.match(reasons['database'] ?? '', /ECONNREFUSED|terminating connection/)
    await assert.rejects(page.confirm(confirm), /^Error: 503 \{"statusCode":503,"message":"/)
    const live = await fetch(`http://127.0.0.1:${variables['MANAGEMENT_PORT']}/health/live`)
    assert.equal(live.status, 200)

    await postgres!.up()
    await page.confirm(confirm)
    const { authResponse = '' } = await page.poll()
    const { userId } = await client.exchangeCode(authResponse)
    assert.match(userId, /^[0-9a-f]{64}$/)
    assert.match(server!.output, /PostgreSQL: /)
  })

  it('keeps a code while its mail server is away, and sends it once that is back', async () => {
    const hangsUp = createServer((socket) => void socket.destroy()).listen(smtpPort, '127.0.0.1')
    await once(hangsUp, 'listening')
    const wallet = newWallet()
    const attester = `${url}/attester`
    const details = { [EMAIL]: ADDRESS }
    try {
      const tried = once(hangsUp, 'connection')
      assert.equal((await wallet.attest(attester, details)).state, 'code-sent')
      await tried
      const { status, reasons } = await ready()
      assert.equal(status, 200, 'people who have attestations can log in')
      assert.deepEqual(Object.keys(reasons), ['mail'])
    } finally {
      const closed = once(hangsUp, 'close')
      hangsUp.close()
      await closed
    }

    mails = await MailServer.start(smtpPort)
    const code = await mails.codeTo(ADDRESS)
    let { state } = await wallet.attest(attester, details, { [EMAIL]: code })
    // A block comes every second
    for (let at = 0; state === 'anchoring' && at < 50; at++)
      ({ state } = await wallet.attest(attester, details))
    assert.equal(state, 'attested')
  })
})
