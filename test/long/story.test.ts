import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import type { RequestListener } from 'node:http'
import { connect } from 'node:tls'
import type { Duplex } from 'node:stream'
import { PROOF_PATH } from '../../sip/lib/apps/domain-proof.ts'
import type { Network } from '../../sip/lib/apps/domain-proof.ts'
import { newKeyPair } from '../../sip/dashboard/key-pair.ts'
import { Somebody } from '../support/somebody.ts'
import { createApp } from '../support/app.ts'
import type { Outcome } from '../support/app.ts'
import { BehindNginx } from '../support/behind-nginx.ts'
import { certificateFor } from '../support/certificate.ts'
import type { Certificate } from '../support/certificate.ts'
import { listen } from '../support/http.ts'
import type { Listening } from '../support/http.ts'
import type { ServerHere } from '../support/server-here.ts'
import { ServerProcess } from '../support/server-process.ts'
import { AskingPage, ThroughProxy } from '../support/through-proxy.ts'

const EMAIL = 'contact.personal.email'
const ADDRESS = 'ada@example.org'
const HOST = 'shop.example.org'
const ORIGIN = `https://${HOST}`
/** What the site's name leads to. Nothing connects to it. */
const PUBLIC = '93.184.215.14'

describe('civic-sip-server: from the invite to the first login', function () {
  this.timeout(300_000)
  let certificate: Certificate
  let site: Listening
  let respond: RequestListener = (_req, res) => void res.writeHead(404).end()
  const connected: string[] = []
  let servers: BehindNginx<ServerHere>

  /** As from the internet, but that the public address is this machine. */
  const network: Network = {
    addresses: (host) => Promise.resolve(host === HOST ? [PUBLIC] : []),
    records: () => Promise.resolve([]),
    connect: (address, host) =>
      new Promise<Duplex>((resolve, reject) => {
        connected.push(address)
        const here = { host: '127.0.0.1', port: site.port, servername: host, ca: certificate.cert }
        const socket = connect(here)
        socket.once('error', reject).once('secureConnect', () => resolve(socket))
      }),
  }

  before(async function () {
    certificate = certificateFor(this, [`DNS:${HOST}`])
    site = await listen(createServer(certificate, (req, res) => respond(req, res)))
    servers = await BehindNginx.startHere(this, { network })
  })
  after(async () => {
    await (servers as BehindNginx<ServerHere> | undefined)?.stop()
    await (site as Listening | undefined)?.close()
  })

  /** What the operator of the machine types, on either process. */
  async function invite(process: number, ...options: string[]): Promise<string> {
    const command = new ServerProcess(servers.processes[process]!.variables, 'invite', ...options)
    assert.equal(await command.ended, 0, command.output)
    const [link] = /https:\S+#join\/[\w-]{43}/.exec(command.output) ?? assert.fail(command.output)
    return link
  }

  const somebody = (): Somebody =>
    new Somebody(servers.url, randomBytes(32).toString('hex'), servers.proxy.fetch)

  async function sent<T>(by: Somebody, method: string, path: string, body?: unknown): Promise<T> {
    const { status, json, text } = await by.send(method, path, body)
    assert.ok(status < 300, `${method} ${path}: ${status} ${text}`)
    return json
  }

  it('proves the domain, goes live, and logs a person in over https with a verified email', async () => {
    const { url, proxy, mails } = servers

    const [owner, operator] = [somebody(), somebody()]
    await owner.join(await invite(0), { name: 'Olivia', partnerName: 'Shop' })
    await operator.join(await invite(1, '--operator'), { name: 'Otto' })
    assert.equal((await owner.logIn()).status, 204)

    const { prvKey, pubKey } = newKeyPair()
    const { appId, environment, keys } = await sent<{
      appId: string
      environment: string
      keys: [{ keyId: string }]
    }>(owner, 'POST', 'apps', { name: 'Shop', pubKey, whitelist: ['https://shop.test'] })
    assert.equal(environment, 'test')
    const refused = await owner.send('PUT', `apps/${appId}/review`, { live: true })
    assert.deepEqual([refused.status, /shop\.test.*private network/.test(refused.text)], [400, true])
    await sent(owner, 'PATCH', `apps/${appId}`, { whitelist: [ORIGIN] })
    const ask = (stage: string) =>
      new AskingPage(proxy.fetch, url, ORIGIN, `${stage}/1.0/`).ask(appId, [EMAIL])
    await assert.rejects(ask('test'), /^Error: 403 /)

    const [domain] = await sent<[{ file: { url: string; text: string } }]>(
      owner,
      'GET',
      `apps/${appId}/domains`,
    )
    assert.equal(domain.file.url, `${ORIGIN}${PROOF_PATH}`)
    const look = () => sent<{ found: boolean }>(owner, 'POST', `apps/${appId}/domains/check`, { host: HOST })
    assert.deepEqual(await look(), { found: false })
    respond = (req, res) => void res.end(req.url === PROOF_PATH ? domain.file.text : '')
    assert.deepEqual(await look(), { found: true })
    assert.deepEqual(connected, [PUBLIC, PUBLIC])
    await ask('test')
    await assert.rejects(ask('prod'), /^Error: 401 .*"Unauthorized"/)

    const { askedAt } = await sent<{ askedAt: number }>(owner, 'PUT', `apps/${appId}/review`, { live: true })
    const reviews = await sent<{ appId: string }[]>(operator, 'GET', 'operator/reviews')
    assert.deepEqual(
      reviews.map((review) => review.appId),
      [appId],
    )
    await sent(operator, 'POST', `operator/reviews/${appId}`, { approve: true, askedAt })
    const [app] = await sent<[{ environment: string; whitelist: string[] }]>(owner, 'GET', 'apps')
    assert.deepEqual([app.environment, app.whitelist], ['live', [ORIGIN]])
    const [{ keyId }] = keys
    await owner.approve({ act: 'reveal', appId, keyId })
    const { appSecret } = await sent<{ appSecret: string }>(
      owner,
      'POST',
      `apps/${appId}/keys/${keyId}/reveal`,
    )

    const ada = servers.wallet()
    const attester = `${url}/attester`
    const details = { [EMAIL]: ADDRESS }
    assert.equal((await ada.attest(attester, details)).state, 'code-sent')
    let { state } = await ada.attest(attester, details, { [EMAIL]: await mails.codeTo(ADDRESS) })
    // A block comes every second
    for (let at = 0; state === 'anchoring' && at < 50; at++) ({ state } = await ada.attest(attester, details))
    assert.equal(state, 'attested')

    respond = createApp({
      ...{ appId, appSecret, prvKey },
      api: `${url}/sip/`,
      sipPublicKey: await servers.sipPublicKey(),
      fetch: proxy.fetch,
    })
    const browser = new ThroughProxy(certificate.cert)
    try {
      const logIn = async (): Promise<{ status: number; outcome: Outcome }> => {
        const page = new AskingPage(proxy.fetch, url, ORIGIN)
        const { confirm } = await ada.approve(await ada.read(await page.ask(appId, [EMAIL])))
        await page.confirm(confirm)
        const { authResponse = '' } = await page.poll()
        const response = await browser.fetch(`${ORIGIN}:${site.port}/auth/civic`, {
          method: 'POST',
          headers: { 'Sec-Fetch-Site': 'same-origin' },
          body: new URLSearchParams({ authToken: authResponse }),
        })
        return { status: response.status, outcome: (await response.json()) as Outcome }
      }
      const { status, outcome } = await logIn()
      assert.equal(status, 200, JSON.stringify(outcome))
      const user = outcome.user as { userId: string; scopeData: { label: string; value: string }[] }
      assert.match(user.userId, /^[0-9a-f]{64}$/)
      assert.deepEqual(
        user.scopeData.map(({ label, value }) => [label, value]),
        [[EMAIL, ADDRESS]],
      )
      const again = (await logIn()).outcome.user as { userId: string }
      assert.equal(again.userId, user.userId)
    } finally {
      await browser.close()
    }
  })
})
