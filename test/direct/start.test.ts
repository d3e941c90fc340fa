import assert from 'node:assert/strict'
import { claimsOf } from '../support/person.ts'
import { Shop } from '../support/shop.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const HOME = { 'Sec-Fetch-Site': 'same-origin' }

describe('a login begins', () => {
  let shop: Shop
  before(async () => {
    shop = await Shop.start()
  })
  after(() => shop.stop())

  it('with a uuid, a link for the wallet and the seconds there are', async () => {
    const { uuid, link, timeout } = await shop.begin()
    assert.match(uuid, UUID)
    assert.equal(link, `https://wallet.example/wallet#${shop.origin}/civic/${uuid}/callback`)
    assert.equal(timeout, 120)
  })

  it('with a cookie that no script reads and no other site sends', async () => {
    const reply = await shop.send('POST', '/civic/start', { body: { channel: 'scan' }, headers: HOME })
    const [cookie] = reply.headers['set-cookie'] as string[]
    const name = `civic-direct-${shop.port}`
    assert.match(cookie!, new RegExp(`^${name}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`))
    assert.equal(reply.headers['cache-control'], 'no-store')
  })

  it('in two tabs, with one cookie', async () => {
    const one = await shop.begin()
    const again = await shop.send('POST', '/civic/start', {
      body: { channel: 'link' },
      headers: { ...HOME, Cookie: `other=1; ${one.cookie}` },
    })
    assert.equal(again.headers['set-cookie'], undefined)
    for (const uuid of [one.uuid, again.json['uuid'] as string]) {
      assert.equal((await shop.poll({ uuid, cookie: one.cookie })).status, 202)
    }
  })

  it('with a new cookie where the browser brings one of another form', async () => {
    const reply = await shop.send('POST', '/civic/start', {
      body: { channel: 'scan' },
      headers: { ...HOME, Cookie: `civic-direct-${shop.port}=short` },
    })
    assert.equal((reply.headers['set-cookie'] as string[]).length, 1)
  })

  for (const [what, headers, requester] of [
    [
      'a browser',
      { 'User-Agent': 'Firefox/140.0 (Windows)', 'X-Test-Ip': '192.0.2.77' },
      { address: '192.0.2.0/24', userAgent: 'Firefox on Windows' },
    ],
    ['one that says nothing', { 'X-Test-Ip': 'unknown' }, {}],
  ] as const) {
    it(`with what a person may compare, and no more: ${what}`, async () => {
      const token = await shop.token(await shop.begin({ channel: 'scan' }, headers))
      const { data } = claimsOf(token) as unknown as { data: { requester: object } }
      assert.deepEqual(data.requester, { origin: shop.origin, ...requester })
    })
  }

  describe('not for', () => {
    for (const [what, headers] of Object.entries({
      'a page of another site': { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
      'a page of a neighbour': { 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.shop.example' },
      'a request that does not say where it is from': {},
    })) {
      it(what, async () => {
        const reply = await shop.send('POST', '/civic/start', { body: { channel: 'scan' }, headers })
        assert.deepEqual([reply.status, reply.json['code']], [403, 'CIVIC_CROSS_ORIGIN'])
        assert.equal(reply.headers['set-cookie'], undefined)
      })
    }
  })

  it('for the site in its options, behind any proxy', async () => {
    const headers = { Host: 'inner', Origin: shop.origin }
    const reply = await shop.send('POST', '/civic/start', { body: { channel: 'scan' }, headers })
    assert.equal(reply.status, 201)
  })

  for (const [what, body, status, code] of [
    ['no channel', {}, 400, 'CHANNEL'],
    ["the native apps' channel", { channel: 'app' }, 400, 'CHANNEL'],
    [
      'a scope request that the site does not make',
      { channel: 'scan', scopeRequest: 'LEGAL' },
      400,
      'SCOPE_REQUEST',
    ],
    ['a scope request that is no text', { channel: 'scan', scopeRequest: 7 }, 400, 'SCOPE_REQUEST'],
    ['an array', [], 400, 'UNREADABLE'],
    ['no JSON', '{', 400, 'UNREADABLE'],
    ['more than 2 MiB', { channel: 'scan', more: 'x'.repeat(2 * 1024 * 1024) }, 413, 'TOO_LARGE'],
  ] as const) {
    it(`not with ${what}: ${status}`, async () => {
      const reply = await shop.send('POST', '/civic/start', { body, headers: HOME })
      assert.deepEqual(reply.json, { statusCode: status, code, message: reply.json['message'] })
      assert.equal(reply.status, status)
    })
  }

  it('not with a form: 415', async () => {
    const headers = { ...HOME, 'Content-Type': 'application/x-www-form-urlencoded' }
    const reply = await shop.send('POST', '/civic/start', { body: 'channel=scan', headers })
    assert.equal(reply.status, 415)
    assert.equal((await shop.send('POST', '/civic/start', { headers: HOME })).status, 415)
  })

  for (const [asked, wire] of [
    [undefined, 'civicBasic'],
    ['BASIC_SIGNUP', 'civicBasic'],
    ['ANONYMOUS_LOGIN', 'Anonymous_Login'],
    ['Anonymous_Login', 'Anonymous_Login'],
  ]) {
    it(`for ${asked ?? 'no scope request'} asks for ${wire}`, async () => {
      const begun = await shop.begin({ channel: 'scan', ...(asked && { scopeRequest: asked }) })
      const claims = JSON.parse(
        Buffer.from((await shop.token(begun)).split('.')[1]!, 'base64url').toString(),
      ) as { data: { verificationLevel: string; attributes: string[] } }
      assert.equal(claims.data.verificationLevel, wire)
      assert.equal(claims.data.attributes.length, wire === 'civicBasic' ? 2 : 0)
    })
  }
})

describe('too many logins', () => {
  it('are refused past 60 a minute for an address, with the seconds to wait', async () => {
    const shop = await Shop.start()
    try {
      for (let n = 0; n < 60; n++) await shop.begin()
      const reply = await shop.send('POST', '/civic/start', { body: { channel: 'scan' }, headers: HOME })
      assert.equal(reply.status, 429)
      assert.ok(Number(reply.headers['retry-after']) > 0)
    } finally {
      await shop.stop()
    }
  })

  it('are refused while maxOpen requests are open', async () => {
    const shop = await Shop.start({ maxOpen: 2 })
    try {
      await shop.begin()
      await shop.begin()
      const reply = await shop.send('POST', '/civic/start', { body: { channel: 'scan' }, headers: HOME })
      assert.equal(reply.status, 429)
      assert.equal(reply.headers['retry-after'], '120')
    } finally {
      await shop.stop()
    }
  })
})
