import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { Wallet } from 'civic-wallet'
import { CivicDirectStrategy, DirectRequests } from '../../lib/direct/index.ts'
import type { UserData } from '../../lib/user-data.ts'
import { outcomesOf } from '../support/drive.ts'
import { listen, send } from '../support/http.ts'
import { EMAIL, mailTo, PHONE } from '../support/sandbox-attester.ts'
import { rawRequest } from './support/request.ts'

const ADA = { [EMAIL]: 'ada@example.org', [PHONE]: '+1 202 555 0143' }

interface TestUser {
  readonly id: string
  readonly name: string
  readonly seed: string
  readonly values: Readonly<Record<string, string>>
}

interface Config {
  readonly trustedSips: readonly { readonly origin: string; readonly sipId: string }[]
  readonly attester: string
  readonly ledger: string
  readonly authorities: readonly string[]
  readonly testUsers: readonly TestUser[]
}

describe('sandbox: the wallet on a separate origin', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())

  async function config(): Promise<Config> {
    return JSON.parse((await rawRequest(`${sandbox.walletUrl}/config.json`)).text) as Config
  }

  it('is at another port of the same host name', () => {
    const [sip, wallet] = [new URL(sandbox.url), new URL(sandbox.walletUrl)]
    assert.equal(sandbox.walletUrl, `http://localhost:${wallet.port}`)
    assert.notEqual(wallet.port, sip.port)
  })

  it('serves the page so that no other page can frame it, keep a handle on it, or run a script in it', async () => {
    const { status, headers, text } = await rawRequest(sandbox.walletUrl)
    assert.equal(status, 200)
    assert.match(text, /<title>.*wallet.*<\/title>/i)
    const policy = String(headers['content-security-policy'])
    for (const rule of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
    ]) {
      assert.ok(policy.split('; ').includes(rule), rule)
    }
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'/)
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['access-control-allow-origin'], undefined)
  })

  it('sends the page its trusted servers and the test users', async () => {
    const { trustedSips, attester, ledger, authorities, testUsers } = await config()
    const { port } = new URL(sandbox.url)
    assert.deepEqual(
      trustedSips.map(({ origin }) => origin),
      ['localhost', '127.0.0.1', '[::1]'].map((name) => `http://${name}:${port}`),
    )
    assert.equal(new Set(trustedSips.map(({ sipId }) => sipId)).size, 1)
    assert.equal(attester, `${sandbox.url}/attester`)
    assert.equal(ledger, sandbox.ledgerUrl)
    assert.deepEqual(authorities, sandbox.directOptions().authorities)
    assert.deepEqual(
      testUsers.map(({ id }) => id),
      ['alice', 'bob', 'carol'],
    )
    for (const { seed, values } of testUsers) {
      assert.match(seed, /^[0-9a-f]{128}$/)
      assert.match(values[EMAIL]!, /@example\.org$/)
    }
    assert.equal(new Set(testUsers.map(({ seed }) => seed)).size, 3)
  })

  it('adds a test user, only for its own page', async () => {
    const post = (headers: Record<string, string>) =>
      rawRequest(`${sandbox.walletUrl}/test-users`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: '{"name":"Dora Dale"}',
      })
    assert.equal((await post({ 'Sec-Fetch-Site': 'cross-site' })).status, 403)
    assert.equal((await post({ Origin: sandbox.url })).status, 403)
    const { status, text } = await post({ 'Sec-Fetch-Site': 'same-origin' })
    assert.equal(status, 201)
    const { id, name } = JSON.parse(text) as TestUser
    assert.equal(name, 'Dora Dale')
    assert.ok((await config()).testUsers.some((user) => user.id === id))
  })

  it('refuses other pages and other names, and has no other routes', async () => {
    const statusOf = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
      (await rawRequest(sandbox.walletUrl + path, { headers })).status
    assert.equal(await statusOf('/config.json', { 'Sec-Fetch-Site': 'cross-site' }), 403)
    assert.equal(await statusOf('/', { Host: 'evil.example.org' }), 421)
    assert.equal(await statusOf('/nowhere'), 404)
    assert.equal(await statusOf('/..%2f..%2fpackage.json'), 404)
    assert.equal(await statusOf('/dashboard/api/settings'), 404)
  })

  it('has options for a site with the Direct option, and logs a wallet in there', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    let handle: DirectRequests['routes'] | undefined
    const listening = await listen(
      createServer((req, res) => handle?.(req, res, () => res.writeHead(404).end())),
    )
    try {
      const origin = `http://localhost:${listening.port}`
      const direct = new DirectRequests({
        ...sandbox.directOptions(),
        ...{ origin, mount: '/civic', name: 'Shop', prvKey: privateKey, scopeRequests: ['BASIC_SIGNUP'] },
      })
      handle = direct.routes
      const wallet = new Wallet({ seed: 'ab'.repeat(16), allowPrivate: true })
      const attester = `${sandbox.url}/attester`
      await wallet.attest(attester, ADA)
      await wallet.attest(attester, ADA, /\b\d{6}\b/.exec(await mailTo(sandbox, ADA[EMAIL]))![0])

      const sameOrigin = { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/json' }
      const started = await send(listening.port, {
        method: 'POST',
        path: '/civic/start',
        headers: sameOrigin,
        body: '{"channel":"scan"}',
      })
      const { uuid, link } = JSON.parse(started.text) as { uuid: string; link: string }
      assert.equal(link, `${sandbox.walletUrl}#${origin}/civic/${uuid}/callback`)
      const { confirm } = await wallet.approve(await wallet.read(link))

      const verify = (userId: string, scopeData: UserData) => ({ userId, email: scopeData.value(EMAIL) })
      const [cookie] = (started.headers['set-cookie'] as string[])[0]!.split(';')
      const [outcome] = await outcomesOf(new CivicDirectStrategy(direct, verify), {
        method: 'POST',
        headers: { ...sameOrigin, cookie },
        body: { uuid, confirm },
      })
      const user = outcome!.user as { userId: string; email: string }
      assert.equal(user.email, ADA[EMAIL])
      assert.match(user.userId, /^[0-9a-f]{64}$/)
    } finally {
      await listening.close()
    }
  })
})
