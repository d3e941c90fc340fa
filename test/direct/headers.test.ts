import assert from 'node:assert/strict'
import { Shop } from '../support/shop.ts'
import type { JsonReply } from '../support/shop.ts'

const NOWHERE = '/civic/00000000-0000-4000-8000-000000000000'

describe('the headers of a response', () => {
  let shop: Shop
  before(async () => {
    shop = await Shop.start()
  })
  after(() => shop.stop())

  /** The status, and the named headers, undefined if they are missing. */
  const shown = ({ status, headers }: JsonReply, ...names: string[]) => [
    status,
    ...names.map((name) => headers[name]),
  ]

  it('forbid caching, type sniffing and a referrer', async () => {
    for (const path of [NOWHERE, `${NOWHERE}/callback`]) {
      const reply = await shop.send('GET', path)
      const names = ['content-type', 'cache-control', 'x-content-type-options', 'referrer-policy']
      const values = ['application/json; charset=utf-8', 'no-store', 'nosniff', 'no-referrer']
      assert.deepEqual(shown(reply, ...names), [404, ...values])
    }
  })

  it('tell wallets of all origins what they may send, for ten minutes', async () => {
    const reply = await shop.send('OPTIONS', `${NOWHERE}/callback`)
    const names = ['origin', 'methods', 'headers'].map((name) => `access-control-allow-${name}`)
    const values = ['*', 'GET, POST', 'Content-Type', '600']
    assert.deepEqual(shown(reply, ...names, 'access-control-max-age'), [204, ...values])
  })

  it('contain neither type nor length without a body', async () => {
    const reply = await shop.send('OPTIONS', `${NOWHERE}/callback`)
    assert.deepEqual(shown(reply, 'content-type', 'content-length'), [204, undefined, undefined])
  })

  it('let pages of other origins read refusals to wallets', async () => {
    for (const [method, status] of [
      ['GET', 404],
      ['PUT', 405],
    ] as const) {
      const reply = await shop.send(method, `${NOWHERE}/callback`)
      assert.deepEqual(shown(reply, 'access-control-allow-origin'), [status, '*'])
    }
  })

  for (const [path, method, status] of [
    ['/civic/start', 'POST', 403],
    [NOWHERE, 'GET', 404],
    [`${NOWHERE}/cancel`, 'POST', 200],
  ] as const) {
    it(`are only for the site's pages at ${method} ${path}`, async () => {
      const asked = await shop.send(method, path)
      assert.deepEqual(shown(asked, 'access-control-allow-origin'), [status, undefined])
      const preflight = await shop.send('OPTIONS', path)
      assert.deepEqual(shown(preflight, 'allow', 'access-control-allow-origin'), [405, method, undefined])
    })
  }

  it('of a refusal leave the connection as it is', async () => {
    const headers = { Connection: 'keep-alive', 'Sec-Fetch-Site': 'same-origin' }
    const reply = await shop.send('POST', '/civic/start', { body: {}, headers })
    assert.deepEqual(shown(reply, 'connection'), [400, 'keep-alive'])
  })

  it('are those of GET where HEAD is asked', async () => {
    const path = new URL((await shop.begin()).url).pathname
    const [get, head] = [await shop.send('GET', path), await shop.send('HEAD', path)]
    const names = ['content-type', 'content-length', 'access-control-allow-origin']
    assert.deepEqual(shown(head, ...names), shown(get, ...names))
    assert.deepEqual([head.status, head.text], [200, ''])
  })

  it('of a file of CivicJS are sent for HEAD as well', async () => {
    const path = '/civic/js/civic.sip.min.js'
    const [get, head] = [await shop.send('GET', path), await shop.send('HEAD', path)]
    assert.equal(head.text, '')
    assert.deepEqual({ ...head.headers, date: '' }, { ...get.headers, date: '' })
  })
})
