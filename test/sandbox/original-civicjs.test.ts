import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { Page } from '../support/page.ts'
import { rawRequest } from './support/request.ts'
import type { Answer } from './support/request.ts'

const shop = 'https://shop.example.org'

describe('sandbox: the QR request of every generation of CivicJS', () => {
  let sandbox: Sandbox
  let page: Page
  let live: string
  let test: string
  before(async () => {
    sandbox = await createSandbox()
    page = new Page(sandbox, shop)
    live = sandbox.createApp({ name: 'Shop', whitelist: [shop] }).appId
    test = sandbox.createApp({ name: 'Shop to be', whitelist: [shop], environment: 'test' }).appId
  })
  after(() => sandbox.close())

  const paths = ['prod/1.0/scopeRequest', 'prod/scopeRequest', 'scopeRequest', '/scopeRequest']
  const send = (
    path: string,
    body: string,
    { method = 'POST', origin = shop }: { method?: string; origin?: string } = {},
  ): Promise<Answer> =>
    rawRequest(`${sandbox.url}/sip/${path}/qrcode`, {
      method,
      headers: { Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' },
      ...(method === 'POST' && { body }),
    })
  const form = (appId: string): string =>
    new URLSearchParams({ appId, verificationLevel: 'civicBasic', challenge: page.challenge }).toString()
  const poll = (path: string): Promise<Answer> =>
    rawRequest(`${sandbox.url}/sip/${path}`, { headers: { 'X-Civic-Verifier': page.verifier } })

  for (const path of paths) {
    describe(`to ${path}/qrcode`, () => {
      it('returns a code that the page can read', async () => {
        const { status, headers, text } = await send(path, form(live))
        assert.equal(status, 200)
        assert.equal(headers['access-control-allow-origin'], shop)
        const { imageUri, uuid, isTest, timeout } = JSON.parse(text) as Record<string, unknown>
        assert.match(String(imageUri), /^data:image\/png;base64,/)
        assert.deepEqual([isTest, timeout], [false, 120])
        for (const base of ['prod/scopeRequest', 'scopeRequest']) {
          assert.equal((await poll(`${base}/${String(uuid)}`)).status, 202)
        }
      })

      const failures: [string, number, () => Promise<Answer>][] = [
        ['for another method', 405, () => send(path, '', { method: 'GET' })],
        ['for a preflight', 405, () => send(path, '', { method: 'OPTIONS' })],
        ['for an unknown app', 400, () => send(path, 'appId=nobody')],
        ['for a body that cannot be read', 413, () => send(path, 'a'.repeat(20_000))],
        ['for no body', 400, () => send(path, '')],
      ]
      for (const [what, status, act] of failures) {
        it(`tells the page of a failure: ${status} ${what}`, async () => {
          const refused = await act()
          assert.equal(refused.status, status)
          assert.equal(refused.headers['access-control-allow-origin'], shop)
          assert.match(refused.headers['vary'] as string, /Origin/)
          assert.match((JSON.parse(refused.text) as { message: string }).message, /./)
        })
      }

      it('tells no other page anything', async () => {
        const { status, headers } = await send(path, form(live), { origin: 'https://evil.example.org' })
        assert.equal(status, 403)
        assert.equal(headers['access-control-allow-origin'], undefined)
      })
    })
  }

  it('without a stage is one of the app’s own', async () => {
    const { status, text } = await send('scopeRequest', form(test))
    const { isTest, uuid } = JSON.parse(text) as { isTest: boolean; uuid: string }
    assert.deepEqual([status, isTest], [200, true])
    assert.equal((await poll(`test/scopeRequest/${uuid}`)).status, 202)
    assert.equal((await poll(`prod/scopeRequest/${uuid}`)).status, 404)
    assert.equal((await send('prod/scopeRequest', form(test))).status, 401)
    assert.equal((await send('qa/scopeRequest', form(test))).status, 404)
  })

  describe('by the iframe page instead, in 2017,', () => {
    const ticket = async (appId: string, referer?: string): Promise<string> => {
      const { text } = await rawRequest(
        `${sandbox.url}/scopeRequest/prod/index.html?appId=${appId}&isMobile=false`,
        { headers: referer === undefined ? {} : { Referer: referer } },
      )
      return /data-ticket="([^"]+)"/.exec(text)![1]!
    }
    const ask = (fields: Record<string, string>, origin = sandbox.url): Promise<Answer> =>
      send('prod/scopeRequest', `${form(live)}&${new URLSearchParams(fields).toString()}`, { origin })

    it('needs a ticket of the page that the site loaded', async () => {
      const { status, text } = await ask({ ticket: await ticket(live, `${shop}/login`) })
      assert.equal(status, 200)
      const { uuid } = JSON.parse(text) as { uuid: string }
      assert.equal((await sandbox.wallet().read(uuid)).requester.origin, shop)
      assert.equal((await ask({})).status, 403)
    })

    it('names the page around it if the browser sent no Referer', async () => {
      const unnamed = await ticket(live)
      assert.equal((await ask({ ticket: unnamed, embedder: shop })).status, 200)
      for (const embedder of ['https://evil.example.org', 'null', '']) {
        assert.equal((await ask({ ticket: unnamed, embedder })).status, 403, embedder)
      }
      assert.equal((await ask({ ticket: unnamed })).status, 403)
    })

    it('trusts the Referer before the page', async () => {
      const other = 'https://other.example.org'
      const { appId } = sandbox.createApp({ name: 'Shops', whitelist: [shop, other] })
      const fields = { appId, verificationLevel: 'civicBasic', challenge: page.challenge, embedder: shop }
      const body = new URLSearchParams({ ...fields, ticket: await ticket(appId, other) }).toString()
      const { text } = await send('prod/scopeRequest', body, { origin: sandbox.url })
      const { uuid } = JSON.parse(text) as { uuid: string }
      assert.equal((await sandbox.wallet().read(uuid)).requester.origin, other)
    })

    it('accepts no ticket of another app, and no changed one', async () => {
      const good = await ticket(live, shop)
      const [, signature = ''] = good.split('.')
      const forged = Buffer.from(JSON.stringify([live, shop])).toString('base64url')
      const wrong = [await ticket(test, shop), '', '.', 'x', `${good}x`, good.slice(0, -1), `.${signature}`]
      for (const bad of [...wrong, `${forged}.${'A'.repeat(43)}`]) {
        assert.equal((await ask({ ticket: bad, embedder: shop })).status, 403, bad)
      }
      assert.equal((await ask({ 'ticket[0]': good })).status, 403)
    })

    it('accepts no ticket from a page of another origin, or of a removed domain', async () => {
      const good = await ticket(live, shop)
      assert.equal((await ask({ ticket: good, embedder: shop }, 'https://evil.example.org')).status, 403)
      const { appId } = sandbox.createApp({ name: 'Closing', whitelist: [shop] })
      const fields = { appId, verificationLevel: 'civicBasic', challenge: page.challenge }
      const body = new URLSearchParams({ ...fields, ticket: await ticket(appId, shop) }).toString()
      const closed = await fetch(`${sandbox.url}/dashboard/api/apps/${appId}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ whitelist: [] }),
      })
      assert.equal(closed.status, 200)
      assert.equal((await send('prod/scopeRequest', body, { origin: sandbox.url })).status, 403)
    })
  })
})
