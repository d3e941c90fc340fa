import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { readConfig } from '../../sip/lib/config.ts'
import { openSip } from '../../sip/lib/open-sip.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { BehindNginx } from '../support/behind-nginx.ts'
import type { MailServer } from '../support/mail-server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { AskingPage } from '../support/through-proxy.ts'
import type { ThroughProxy } from '../support/through-proxy.ts'
import { Witness } from '../support/witness.ts'

describe('civic-sip-server: two processes on one PostgreSQL behind nginx', function () {
  this.timeout(300_000)
  const SITE = 'https://shop.example.org'
  /** So many that over a hundred tokens and keys are looked for. */
  const LOGINS = 15
  let servers: BehindNginx
  let mails: MailServer
  let proxy: ThroughProxy
  let processes: BehindNginx['processes']
  let url: string
  let walletUrl: string
  let client: CivicClient
  let wallet: Wallet
  let app: { appId: string; appSecret: string; prvKey: string }
  let appId: string
  /** What passed between a person, a site and the servers, and what they were told beside it. */
  const witness = new Witness()
  const told: Record<string, string> = {}

  before(async function () {
    servers = await BehindNginx.start(this)
    ;({ url, walletUrl, mails, proxy, processes } = servers)
    const open = await openSip(readConfig(processes[0]!.variables).config, {
      log: new ServerLog('silent'),
      metrics: new Metrics(),
    })
    const { prvKey, pubKey } = newKeyPair()
    const made = await open.sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey })
    await open.close()
    appId = made.appId
    app = { ...made, prvKey }
    client = new CivicClient({
      ...app,
      api: `${url}/sip/`,
      sipPublicKey: await servers.sipPublicKey(),
      fetch: proxy.fetch,
    })
    wallet = servers.wallet()
  })
  after(async () => {
    await (servers as BehindNginx | undefined)?.stop()
  })

  /** Logs in; `between` runs before each step. */
  async function login(between: (step: number) => Promise<void> = () => Promise.resolve()): Promise<string> {
    const page = new AskingPage(proxy.fetch, url, SITE)
    await between(0)
    const link = await page.ask(appId, 'ANONYMOUS_LOGIN')
    await between(1)
    const request = await wallet.read(link)
    await between(2)
    const { confirm } = await wallet.approve(request)
    await between(3)
    await page.confirm(confirm)
    await between(4)
    const { authResponse } = await page.poll()
    await between(5)
    const { userId } = await client.exchangeCode(authResponse!)
    return userId
  }

  it('serve the API on one name and the wallet on the other, over TLS only', async () => {
    const response = await proxy.fetch(`${walletUrl}/config.json`)
    const { trustedSips } = (await response.json()) as { trustedSips: { origin: string }[] }
    assert.equal(trustedSips[0]?.origin, url)
    assert.match(response.headers.get('strict-transport-security') ?? '', /max-age=/)
    assert.equal((await proxy.fetch(`${url}/config.json`)).status, 404)
    const page = await proxy.fetch(`${walletUrl}/`)
    assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'/)
  })

  it('log somebody in, whichever process each request reaches', async () => {
    const [first, second] = [await login(), await login()]
    assert.equal(first, second)
    const outputs = processes.map(({ server }) => server.output)
    for (const output of outputs) assert.match(output, /"status":200/)
  })

  it('verify an email address, and log somebody in with it', async () => {
    const EMAIL = 'contact.personal.email'
    const value = 'ada@example.org'
    const fetch = witness.watch(proxy.fetch)
    const seed = randomBytes(32).toString('hex')
    const person = new Wallet({ seed, trustedSips: [url], fetch, allowPrivate: true })
    const attester = `${url}/attester`
    assert.equal((await person.attest(attester, { [EMAIL]: value })).state, 'code-sent')
    const code = await mails.codeTo(value)
    let { state } = await person.attest(attester, { [EMAIL]: value }, { [EMAIL]: code })
    // A block comes every second
    for (let at = 0; state === 'anchoring' && at < 50; at++)
      ({ state } = await person.attest(attester, { [EMAIL]: value }))
    assert.equal(state, 'attested')
    const site = new CivicClient({
      ...app,
      api: `${url}/sip/`,
      sipPublicKey: await servers.sipPublicKey(),
      fetch,
    })
    for (let at = 0; at < LOGINS; at++) {
      const page = new AskingPage(fetch, url, SITE)
      const request = await person.read(await page.ask(appId, [EMAIL]))
      const { confirm = '' } = await person.approve(request)
      await page.confirm(confirm)
      const { authResponse = '' } = await page.poll()
      const { userId, data } = await site.exchangeCode(authResponse)
      Object.assign(told, { value, code, confirm, userId, uuid: request.uuid, seed, ...app })
      assert.equal(data.value(EMAIL), value)
    }
  })

  it('write nothing personal and no secret into their logs and metrics', async () => {
    const metrics = await Promise.all(
      processes.map(async ({ variables }) =>
        (await fetch(`http://127.0.0.1:${variables.MANAGEMENT_PORT}/metrics`)).text(),
      ),
    )
    const written = [...processes.map(({ server }) => server.output), ...metrics].join('\n')
    assert.match(written, /"route":"\/attester\/attestations"/)
    assert.match(written, /^civic_sip_logins_total\{outcome="exchanged"\} [1-9]/m)
    const { SIP_SECRET = '', DATABASE_URL = '' } = processes[0]!.variables
    const { tokens, keys } = witness
    // Token, response and code token of the request, data token, Authorization; keys of the person, SIP and the site
    const seen = `${tokens.size} tokens, ${keys.size} keys`
    assert.ok(tokens.size >= 5 * LOGINS && tokens.size + keys.size >= 100, seen)
    const more = { SIP_SECRET, DATABASE_URL, address: '127.0.0.1', site: 'shop.example.org' }
    assertWithout(written, { ...told, ...more, ...numbered([...tokens, ...keys]) })
  })

  it('store no token, no secret and nothing personal that a backup shows', () => {
    const dump = execFileSync('pg_dump', ['--inserts', processes[0]!.variables.DATABASE_URL!], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    // What the partner sees of its requests: each, its app, and by what id the app knows the person
    const { uuid, appId, userId, ...secrets } = told
    for (const seen of [uuid, appId, userId]) assert.ok(dump.includes(seen!))
    const { SIP_SECRET = '' } = processes[0]!.variables
    const tokens = [...witness.tokens].filter((token) => !isRequest(token))
    assert.ok(tokens.length >= 4 && tokens.length < witness.tokens.size)
    assertWithout(dump, { ...secrets, SIP_SECRET, ...numbered(tokens) })
  })

  /** The request itself, which the link in a QR code leads to. */
  function isRequest(token: string): boolean {
    return Buffer.from(token.split('.')[0]!, 'base64url').includes('civic-scope-request')
  }

  function assertWithout(text: string, secrets: Readonly<Record<string, string>>): void {
    // Six digits may stand within an id by chance
    const words = new Set(text.split(/[^0-9A-Za-z]+/))
    for (const [name, secret] of Object.entries(secrets)) {
      assert.ok(secret.length > 5, name)
      assert.ok(!(secret.length === 6 ? words.has(secret) : text.includes(secret)), `it shows ${name}`)
    }
  }

  it('believe nginx, and nobody else, about who calls', async () => {
    const limited = async (forged: string): Promise<number> =>
      (
        await proxy.fetch(`${url}/attester/codes`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': forged },
          body: '{}',
        })
      ).status
    const statuses = []
    for (let at = 0; at < 70; at++) statuses.push(await limited(`192.0.2.${at}`))
    const count = statuses.filter((status) => status === 400).length
    assert.ok(count <= 60, `${count} are more than one address may`)
    assert.equal(statuses.at(-1), 429)
  })

  it('lose nothing that they acknowledged when either is killed between any two steps', async () => {
    const known = await login()
    let again: Promise<void> = Promise.resolve()
    for (const first of [0, 1]) {
      const userId = await login(async (step) => {
        await again
        const victim = processes[(step + first) % 2]!
        await victim.server.stop('SIGKILL')
        again = ServerProcess.start(victim.variables).then((server) => void (victim.server = server))
      })
      await again
      assert.equal(userId, known)
    }
  })

  it('exchange a code once', async () => {
    const page = new AskingPage(proxy.fetch, url, SITE)
    const { confirm } = await wallet.approve(await wallet.read(await page.ask(appId, 'ANONYMOUS_LOGIN')))
    await page.confirm(confirm)
    const { authResponse } = await page.poll()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => client.exchangeCode(authResponse!)),
    )
    const codes = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? 'exchanged' : (outcome.reason as { code?: string }).code,
    )
    assert.equal(codes.filter((code) => code === 'exchanged').length, 1)
    assert.equal(codes.filter((code) => code === 'CIVIC_CODE_REJECTED').length, 49)
  })

  it('stop one by one without an error for anybody', async () => {
    const over = new AbortController()
    const statuses: number[] = []
    const asking = (async () => {
      while (!over.signal.aborted) statuses.push((await proxy.fetch(`${url}/attester`)).status)
    })()
    for (const each of processes) {
      assert.equal(await each.server.stop(), 0)
      each.server = await ServerProcess.start(each.variables)
    }
    over.abort()
    await asking
    assert.ok(statuses.length > 10)
    assert.deepEqual([...new Set(statuses)], [200])
  })
})

/** By its place, each of a list. */
function numbered(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(list.map((one, at) => [`number ${at}`, one]))
}
