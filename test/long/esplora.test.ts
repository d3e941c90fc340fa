import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { EsploraLedger, fundingScript, handleEsplora, verifyOnLedger } from 'civic-attestations'
import { openStorage } from 'civic-sip-server/database'
import { Wallet } from 'civic-wallet'
import { localSigners } from '../../sip/lib/attester/signers.ts'
import { PretendNode } from '../support/node.ts'
import { listen } from '../support/http.ts'
import { MailServer } from '../support/mail-server.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { ServerProcess } from '../support/server-process.ts'
import { freePort } from '../support/servers.ts'
import type { TestServer } from '../support/servers.ts'

const EMAIL = 'contact.personal.email'
const ADDRESS = 'ada@example.org'

/** The server groups trees for a minute, and looks at the ledger every half minute. */
describe('civic-sip-server: a blockchain behind an Esplora server', function () {
  this.timeout(300_000)
  const undo: (() => Promise<unknown>)[] = []
  const node = new PretendNode()
  const asked = new EventEmitter()
  let postgres: TestServer
  let mails: MailServer
  let server: ServerProcess
  let variables: Record<string, string>

  before(async function () {
    needsPostgres(this)
    postgres = await startPostgres()
    undo.push(() => postgres.stop())
    mails = await MailServer.start()
    undo.push(() => mails.stop())
    const esplora = await listen(
      createServer((req, res) => {
        void text(req).then(async (body) => {
          const answer = await handleEsplora(node, req.method ?? '', req.url ?? '', body)
          res.writeHead(answer.status, { 'Content-Type': answer.contentType }).end(answer.body)
          asked.emit('asked')
        })
      }),
    )
    undo.push(() => esplora.close())
    const [port, walletPort, managementPort] = [await freePort(), await freePort(), await freePort()]
    variables = {
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      WALLET_URL: `http://localhost:${walletPort}`,
      MANAGEMENT_PORT: String(managementPort),
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATABASE_URL: postgres.url,
      ESPLORA_URL: `http://127.0.0.1:${esplora.port}`,
      NETWORK: node.network,
      SMTP_URL: mails.url,
      MAIL_FROM: 'Civic <login@example.org>',
    }
    server = await ServerProcess.start(variables)
    undo.push(() => server.stop('SIGKILL'))
  })
  after(async () => {
    for (const step of undo.reverse()) await step()
  })

  const management = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${variables['MANAGEMENT_PORT']}/${path}`)
  const problems = async (): Promise<{ status: number; reasons: Record<string, string> }> => {
    const response = await management('health/ready')
    const body = (await response.json()) as { problems: { what: string; reason: string }[] }
    const reasons = Object.fromEntries(body.problems.map(({ what, reason }) => [what, reason]))
    return { status: response.status, reasons }
  }

  it('needs money, of which the operator is told before people wait', async () => {
    await server.until(/attester: the funds are low: pay some to 2\w+/)
    const { status, reasons } = await problems()
    assert.equal(status, 200)
    assert.match(reasons['funds']!, /^the funds are low/)
    assert.match(server.output, /this process holds both keys/)
    const storage = await openStorage(postgres.url, { secrets: [variables['SIP_SECRET']!] })
    const script = fundingScript(localSigners(storage.attesterSeed).parties)
    await storage.close()
    node.mine(script)
    assert.match(await (await management('metrics')).text(), /^civic_sip_funds_satoshi\{.*\} [1-9]\d{5,}$/m)
  })

  it('has trees wait while it is away, and anchors them once it is back', async () => {
    const { PUBLIC_URL: url = '' } = variables
    const wallet = new Wallet({ seed: randomBytes(32), trustedSips: [url], allowPrivate: true })
    const attest = (code?: string) => wallet.attest(`${url}/attester`, { [EMAIL]: ADDRESS }, code)
    assert.equal((await attest()).state, 'code-sent')
    node.isDown = true
    // The server remembers its health for five seconds
    while ((await problems()).reasons['ledger'] === undefined) await management('metrics')
    assert.equal((await problems()).status, 503)
    assert.equal((await attest(await mails.codeTo(ADDRESS))).state, 'anchoring')
    assert.deepEqual(node.taken, [])

    node.isDown = false
    while (node.taken.length === 0) await once(asked, 'asked')
    node.mine()
    for (let state = ''; state !== 'attested'; { state } = await attest()) await once(asked, 'asked')
    assert.equal(node.taken.length, 1)
    const { authorities } = (await (await fetch(`${url}/attester`)).json()) as { authorities: string[] }
    const ledger = new EsploraLedger(variables['ESPLORA_URL']!, { network: node.network })
    const [attestation] = wallet.attestations()
    assert.equal((await verifyOnLedger(attestation!, ledger, { authorities })).state, 'unspent')
    assert.equal((await problems()).status, 200)
  })
})
