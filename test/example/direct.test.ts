import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EsploraLedger } from 'civic-attestations'
import { Wallet } from 'civic-wallet'
import { UserData } from 'passport-civic-sip/user-data'
import request from 'supertest'
import { Accounts } from '../../example/src/accounts.ts'
import { MIGRATIONS } from '../../example/src/database.ts'
import { lendDatabase } from '../support/lent-database.ts'
import { account, OWN, post, problemOf, startSite } from './site.ts'
import type { Agent, TestSite } from './site.ts'

describe('example: the Direct option beside a SIP', function () {
  this.timeout(120_000)
  let server: Server
  let site: TestSite
  const wallet = new Wallet({ seed: '000102030405060708090a0b0c0d0e0f', allowPrivate: true })
  before(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const ledger = new EsploraLedger('https://ledger.example/api')
    site = await startSite({
      direct: { origin, ledger, authorities: [], walletUrl: 'https://wallet.example' },
    })
    server.on('request', site.app)
  })
  after(async () => {
    server.close()
    await site.close()
  })

  async function approve(agent: Agent): Promise<{ uuid: string; confirm: string | undefined }> {
    const asked = { channel: 'scan', scopeRequest: 'ANONYMOUS_LOGIN' }
    const started = await agent.post('/civic/start').set(OWN).send(asked).expect(201)
    const { uuid, link } = started.body as { uuid: string; link: string }
    const { confirm } = await wallet.approve(await wallet.read(link))
    return { uuid, confirm }
  }

  function logIn(agent: Agent, body: object) {
    return agent.post('/auth/civic-direct').set(OWN).accept('json').send(body)
  }

  it('logs a wallet in by its key, and finds the account again', async () => {
    const first = request.agent(server)
    await logIn(first, await approve(first)).expect(200, { kind: 'signup', returnTo: '/account' })
    const { id, identities } = await account(first)
    assert.deepEqual(
      identities.map(({ provider }) => provider),
      ['civic-direct'],
    )
    const second = request.agent(server)
    await logIn(second, await approve(second)).expect(200, { kind: 'login', returnTo: '/account' })
    assert.equal((await account(second)).id, id)
    const { text } = await second.get('/account').accept('html').expect(200)
    assert.match(text, /Wallet key/)
    await second.post('/account/delete').set(OWN).expect(303)
  })

  it('refuses the wrong code by its name, so that the page asks for it again', async () => {
    const agent = request.agent(server)
    const { uuid, confirm = '' } = await approve(agent)
    const wrong = confirm === '000000' ? '000001' : '000000'
    const refused = await logIn(agent, { uuid, confirm: wrong }).expect(403)
    assert.equal(problemOf(refused), 'CIVIC_CONFIRM_WRONG')
    await logIn(agent, { uuid, confirm }).expect(200)
    await agent.post('/account/delete').set(OWN).expect(303)
  })

  it('links a wallet to the account of a SIP’s person, and unlinks it', async () => {
    const agent = request.agent(server)
    await post(agent, await site.sandbox.authCode()).expect(303)
    await logIn(agent, await approve(agent)).expect(200, { kind: 'link', returnTo: '/account' })
    const { identities } = await account(agent)
    assert.deepEqual(identities.map(({ provider }) => provider).sort(), ['civic', 'civic-direct'])
    const { provider, userId } = identities.find((identity) => identity.provider === 'civic-direct')!
    await agent.post('/account/unlink').type('form').set(OWN).send({ provider, userId }).expect(303)
    assert.equal((await account(agent)).identities.length, 1)
  })

  it('loads its dialog from the site itself, and lets only the site frame it', async () => {
    const { text, headers } = await request(server).get('/').expect(200)
    assert.match(text, /data-provider="civic-direct"/)
    assert.match(headers['content-security-policy'] ?? '', /frame-src 'self' /)
    const frame = await request(server).get('/civic/frame/index.html').expect(200)
    assert.match(frame.headers['content-security-policy'] ?? '', /frame-ancestors 'self'/)
    assert.equal(frame.headers['x-frame-options'], undefined)
  })
})

describe('example: two providers', () => {
  it('that give the same userId give two accounts', async () => {
    const { pool, close } = await lendDatabase(MIGRATIONS)
    const accounts = new Accounts(pool)
    const visitor = { userId: 'ab'.repeat(32), data: new UserData([]), ip: '', accountId: undefined }
    const hosted = await accounts.enter({ ...visitor, provider: 'civic' })
    const direct = await accounts.enter({ ...visitor, provider: 'civic-direct' })
    assert.deepEqual([hosted.kind, direct.kind], ['signup', 'signup'])
    assert.notEqual(direct.id, hosted.id)
    await close()
  })
})
