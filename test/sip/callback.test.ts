import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { Wallet } from 'civic-wallet'
import { claimsOf, clientOf, Person, seal } from '../support/person.ts'
import { send } from '../support/http.ts'
import { Page } from '../support/page.ts'
import { exchange } from '../support/partner.ts'

const PRIVATE = { verificationLevel: 'Anonymous_Login' }

describe('a SIP, for wallets', () => {
  let sandbox: Sandbox
  let page: Page
  before(async () => {
    sandbox = await createSandbox()
    page = new Page(sandbox)
  })
  after(() => sandbox.close())
  const callback = (uuid: string, stage = 'prod'): string =>
    `${sandbox.url}/sip/${stage}/scopeRequest/${uuid}/callback`
  const read = async (url: string): Promise<{ status: number; token: string; code?: string }> => {
    const response = await fetch(url)
    return { status: response.status, ...((await response.json()) as { token: string }) }
  }
  const answer = async (url: string, jwe: unknown) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ answer: jwe }),
    })
    return { status: response.status, headers: response.headers, json: (await response.json()) as object }
  }

  it('names itself and the keys that sign its requests', async () => {
    const response = await fetch(`${sandbox.url}/.well-known/civic-sip`)
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    assert.match(response.headers.get('cache-control')!, /max-age=300/)
    const { keys, sipId, ...document } = (await response.json()) as Record<string, unknown>
    assert.deepEqual(document, {
      version: 1,
      role: 'sip',
      clientId: sandbox.url,
      name: 'Civic',
      attester: `${sandbox.url}/attester`,
      callback: `${sandbox.url}/sip/`,
    })
    assert.match(sipId as string, /^[0-9a-f]{32}$/)
    assert.equal((keys as unknown[]).length, 1)
  })

  it('signs a request once, with everything that a wallet shows', async () => {
    const uuid = await page.uuid({ channel: 'link' })
    const { token } = await read(callback(uuid))
    assert.equal((await read(callback(uuid))).token, token)
    const { data, ...claims } = claimsOf(token) as unknown as Record<string, unknown>
    const { encPubKey, sipId, requester, ...shown } = data as Record<string, unknown>
    const { appId } = sandbox.strategyOptions()
    const iat = claims['iat'] as number
    assert.deepEqual(claims, {
      iss: sandbox.url,
      sub: appId,
      aud: 'civic-wallet',
      jti: uuid,
      iat,
      exp: iat + 180,
    })
    assert.match(encPubKey as string, /^04[0-9a-f]{128}$/)
    assert.match(sipId as string, /^[0-9a-f]{32}$/)
    assert.deepEqual(shown, {
      clientId: appId,
      name: 'Example site',
      verificationLevel: 'civicBasic',
      description: 'Example site would like to access the following data on your identity',
      callbackUrl: callback(uuid),
      attributes: ['contact.personal.email', 'contact.personal.phoneNumber'],
      optionalAttributes: [],
      channel: 'link',
      isTest: false,
    })
    const { origin, address } = requester as Record<string, string>
    assert.equal(origin, 'http://localhost:3000')
    assert.match(address!, /^(?:127\.0\.0\.0\/24|0:0:0::\/48)$/)
  })

  it('asks for the level of a private login as an optional label', async () => {
    const { token } = await read(callback(await page.uuid(PRIVATE)))
    const { attributes, optionalAttributes } = claimsOf(token).data as unknown as Record<string, unknown>
    assert.deepEqual([attributes, optionalAttributes], [[], ['verifications.levels.CIVIC:IAL1']])
  })

  it('shows a person who opens the URL a page, without the token', async () => {
    const uuid = await page.uuid()
    const { port, pathname: path } = new URL(callback(uuid))
    const { headers, text } = await send(Number(port), { path, headers: { 'Sec-Fetch-Mode': 'navigate' } })
    assert.match(String(headers['content-type']), /^text\/html/)
    assert.match(text, /Open it with your wallet/)
    assert.equal((await page.poll(uuid)).status, 'created')
  })

  it('lets pages of every origin ask', async () => {
    const url = callback(await page.uuid())
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { Origin: 'https://wallet.example' } })
    assert.equal(preflight.status, 204)
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, POST')
    assert.equal((await fetch(url)).headers.get('access-control-allow-origin'), '*')
  })

  it('knows a request at its one URL', async () => {
    const uuid = await page.uuid()
    for (const url of [callback(randomUUID()), callback(uuid, 'test'), callback(uuid.toUpperCase())]) {
      const { status, code } = await read(url)
      assert.deepEqual([status, code], [404, 'NOT_FOUND'])
    }
  })

  describe('accepts a wallet’s response', () => {
    const person = new Person('ada')
    const begun = async (fields: Record<string, string> = PRIVATE) => {
      const uuid = await page.uuid(fields)
      const { token } = await read(callback(uuid))
      return { uuid, token, url: callback(uuid) }
    }

    it('whose userId is the hash of its key for this app of this SIP', async () => {
      const { uuid, token, url } = await begun()
      const reply = await answer(url, seal(person.answer(token), token))
      assert.deepEqual([reply.status, reply.json], [200, { status: 'resolved' }])
      const { authResponse } = await page.poll(uuid)
      const { userId, data } = await exchange(sandbox.strategyOptions(), authResponse!)
      assert.equal(userId, person.keys.site(clientOf(token)).userId)
      assert.deepEqual(data, [])
    })

    it('once; the same bytes again get the same response', async () => {
      const { token, url } = await begun({ ...PRIVATE, channel: 'link' })
      const jwe = seal(person.answer(token), token)
      const first = await answer(url, jwe)
      assert.equal(first.status, 200)
      assert.deepEqual((await answer(url, jwe)).json, first.json)
      const other = await answer(url, seal(person.answer(token), token))
      assert.deepEqual([other.status, (other.json as { code: string }).code], [409, 'ANSWERED'])
      assert.equal((await read(url)).status, 410)
    })

    it('that declines, without revealing the person', async () => {
      const { uuid, token, url } = await begun()
      const jwe = seal({ status: 'denied' }, token)
      const reply = await answer(url, jwe)
      assert.deepEqual([reply.status, reply.json], [200, { status: 'denied' }])
      assert.deepEqual((await answer(url, jwe)).json, { status: 'denied' })
      assert.equal((await page.poll(uuid)).action, 'user-cancelled')
      assert.equal((await answer(url, seal({ status: 'denied' }, token))).status, 410)
    })
  })

  it('serves a Wallet', async () => {
    const wallet = new Wallet({ seed: 'cc'.repeat(16), allowPrivate: true, trustedSips: [sandbox.url] })
    const { scopeRequestString, uuid } = (await (await page.ask(PRIVATE)).json()) as Record<string, string>
    const request = await wallet.read(scopeRequestString!)
    assert.deepEqual(
      [request.role, request.name, request.requester.origin],
      ['sip', 'Example site', 'http://localhost:3000'],
    )
    assert.equal((await page.poll(uuid!)).status, 'read')
    assert.deepEqual(await wallet.approve(request), {})
    assert.equal((await page.poll(uuid!)).action, 'data-received')
  })
})
