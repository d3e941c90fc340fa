import assert from 'node:assert/strict'
import { Wallet } from 'civic-wallet'
import { MemoryDirectStore } from '../../lib/direct/index.ts'
import { toProfile } from '../../lib/index.ts'
import { TestAttester } from '../support/attester.ts'
import { at } from '../support/clock.ts'
import { codesIn, Site } from '../support/direct-site.ts'
import type { Browser } from '../support/direct-site.ts'

const ADA = { 'contact.personal.email': 'ada@example.org', 'contact.personal.phoneNumber': '+1 202 555 0143' }
const SEED = '000102030405060708090a0b0c0d0e0f'
function newWallet(): Wallet {
  return new Wallet({ seed: SEED, allowPrivate: true })
}

describe('a login with the Direct option', () => {
  let attester: TestAttester
  let site: Site
  let browser: Browser
  let wallet: Wallet
  before(async () => {
    attester = await new TestAttester().start()
    const { ledger, authorities } = attester
    site = await Site.start({ direct: { ledger, authorities } })
    wallet = newWallet()
    await wallet.attest(attester.url, ADA, '123456')
  })
  after(async () => {
    await site.stop()
    await attester.stop()
  })
  beforeEach(() => {
    browser = site.browser()
  })

  it('goes from the code on a screen to the person in the app', async () => {
    const { uuid, link } = await browser.begin('scan', 'BASIC_SIGNUP')
    assert.deepEqual(await browser.poll(uuid), { statusCode: 202, state: 'waiting' })
    const request = await wallet.read(link)
    assert.deepEqual(await browser.poll(uuid), { statusCode: 202, state: 'read' })
    assert.deepEqual(request.labels, Object.keys(ADA))
    const { confirm } = await wallet.approve(request)
    assert.deepEqual(await browser.poll(uuid), { statusCode: 200, action: 'data-dispatched' })
    const { status, json } = await browser.logIn({ uuid, confirm })
    assert.equal(status, 200)
    assert.match(json.user!['id'] as string, /^[0-9a-f]{64}$/)
    assert.deepEqual(
      json.user!['data'],
      Object.entries(ADA).map(([label, value]) => ({ label, value, isValid: true, isOwner: true })),
    )
    assert.equal(json.info, undefined)
  })

  it('on the same device continues when the wallet returns', async () => {
    const { uuid, link } = await browser.begin('link')
    const { redirectUri, confirm } = await wallet.approve(await wallet.read(link))
    assert.equal(confirm, undefined)
    const codes = codesIn(redirectUri)
    assert.equal(codes.uuid, uuid)
    assert.equal((await browser.logIn(codes)).status, 200)
  })

  it('gives one person one userId at a site, and another at another', async () => {
    const other = await Site.start()
    try {
      const ids: unknown[] = []
      for (const [at_, by] of [
        [site, wallet],
        [site, newWallet()],
        [other, wallet],
      ] as const) {
        const another = at_.browser()
        const { uuid, link } = await another.begin()
        const { confirm } = await by.approve(await by.read(link))
        ids.push((await another.logIn({ uuid, confirm })).json.user!['id'])
      }
      assert.equal(ids[0], ids[1])
      assert.notEqual(ids[0], ids[2])
    } finally {
      await other.stop()
    }
  })

  it('makes a new session', async () => {
    const before = (await browser.send('GET', '/me')).json['session']
    const { uuid, link } = await browser.begin()
    const { confirm } = await wallet.approve(await wallet.read(link))
    const { json } = await browser.logIn({ uuid, confirm })
    assert.notEqual(json.session, before)
    assert.equal((await browser.send('GET', '/me')).json['session'], json.session)
  })

  it('works in two tabs at once', async () => {
    const [one, two] = [await browser.begin(), await browser.begin()]
    const codes: (string | undefined)[] = []
    for (const { link } of [one, two]) codes.push((await wallet.approve(await wallet.read(link))).confirm)
    assert.equal((await browser.logIn({ uuid: two.uuid, confirm: codes[1] })).status, 200)
    assert.equal((await site.browser().logIn({ uuid: one.uuid, confirm: codes[0] })).status, 403)
  })

  it('passes on what was revoked, as not valid', async () => {
    const person = new Wallet({ seed: 'ff'.repeat(16), allowPrivate: true })
    await person.attest(attester.url, ADA, '123456')
    await attester.revoke(person.attestations()[0]!)
    const { uuid, link } = await browser.begin('scan', 'BASIC_SIGNUP')
    const { confirm } = await person.approve(await person.read(link))
    const { json } = await browser.logIn({ uuid, confirm })
    assert.deepEqual(
      (json.user!['data'] as { isValid: boolean }[]).map(({ isValid }) => isValid),
      [false, false],
    )
  })

  const refusals: Record<
    string,
    [body: (uuid: string) => unknown, status: number, code: string, reason: string]
  > = {
    'without a body': [() => undefined, 400, 'CIVIC_REQUEST_MISSING', 'missing'],
    'without a uuid': [() => ({ confirm: '123456' }), 400, 'CIVIC_REQUEST_MISSING', 'missing'],
    'with a uuid that is no text': [() => ({ uuid: [1] }), 400, 'CIVIC_REQUEST_MISSING', 'missing'],
    'with an empty uuid': [() => ({ uuid: '' }), 400, 'CIVIC_REQUEST_MISSING', 'missing'],
    'of an unknown request': [
      () => ({ uuid: '00000000-0000-4000-8000-000000000000' }),
      403,
      'CIVIC_REQUEST_UNBOUND',
      'browser',
    ],
    "with another record's name": [
      (uuid) => ({ uuid: `${uuid}:outcome` }),
      403,
      'CIVIC_REQUEST_UNBOUND',
      'browser',
    ],
    'that nobody approved': [(uuid) => ({ uuid }), 409, 'CIVIC_REQUEST_PENDING', 'pending'],
  }
  for (const [what, [body, status, code, reason]] of Object.entries(refusals)) {
    it(`${what} is refused: ${status} ${code}`, async () => {
      const { uuid } = await browser.begin()
      const reply = await browser.logIn(body(uuid))
      assert.deepEqual([reply.status, reply.json.code, reply.json.reason], [status, code, reason])
    })
  }

  it('that was declined is refused', async () => {
    const { uuid, link } = await browser.begin()
    await wallet.decline(await wallet.read(link))
    const { status, json } = await browser.logIn({ uuid, confirm: '123456' })
    assert.deepEqual([status, json.code], [401, 'CIVIC_REQUEST_DENIED'])
  })

  it('that came too late is refused', async () => {
    const { uuid } = await browser.begin()
    await at(120_001, async () => {
      const { status, json } = await browser.logIn({ uuid })
      assert.deepEqual([status, json.code, json.reason], [401, 'CIVIC_REQUEST_EXPIRED', 'over'])
    })
  })

  it('that nobody came for in time is refused', async () => {
    const { uuid, link } = await browser.begin()
    const { confirm } = await wallet.approve(await wallet.read(link))
    await at(121_000, async () => {
      const { status, json } = await browser.logIn({ uuid, confirm })
      assert.deepEqual([status, json.code, json.reason], [401, 'CIVIC_REQUEST_EXPIRED', 'over'])
    })
  })

  it('happens once, even for simultaneous requests', async () => {
    const { uuid, link } = await browser.begin()
    const { confirm } = await wallet.approve(await wallet.read(link))
    const two = await Promise.all([browser.logIn({ uuid, confirm }), browser.logIn({ uuid, confirm })])
    assert.deepEqual(two.map(({ status }) => status).sort(), [200, 401])
    const again = await browser.logIn({ uuid, confirm })
    assert.deepEqual([again.status, again.json.reason], [401, 'taken'])
    assert.deepEqual(await browser.poll(uuid), { statusCode: 200, action: 'data-dispatched' })
  })

  describe('with a code', () => {
    for (const [channel, field, code] of [
      ['scan', 'confirm', 'CIVIC_CONFIRM_WRONG'],
      ['link', 'responseCode', 'CIVIC_RESPONSE_CODE'],
    ] as const) {
      it(`of the channel ${channel} that is absent uses no try, and three wrong ones end it`, async () => {
        const { uuid, link } = await browser.begin(channel)
        const { confirm, redirectUri } = await wallet.approve(await wallet.read(link))
        const right = confirm ?? codesIn(redirectUri).responseCode
        for (const absent of [undefined, null, '', 7, ['x']]) {
          const reply = await browser.logIn({ uuid, [field]: absent })
          assert.deepEqual([reply.status, reply.json.code, reply.json.reason], [403, code, 'missing'])
        }
        for (let n = 0; n < 3; n++) {
          const reply = await browser.logIn({ uuid, [field]: `wrong ${n}` })
          assert.deepEqual([reply.status, reply.json.code, reply.json.reason], [403, code, 'mismatch'])
        }
        const reply = await browser.logIn({ uuid, [field]: right })
        assert.deepEqual([reply.status, reply.json.code], [401, 'CIVIC_REQUEST_EXPIRED'])
        assert.deepEqual(await browser.poll(uuid), { statusCode: 200, action: 'expired' })
      })
    }

    it('is not compared if simultaneous ones have used the tries', async () => {
      const store = new MemoryDirectStore()
      const add = store.add.bind(store)
      store.add = (key, value, ttlMs) =>
        key.includes(':try:') ? Promise.resolve(false) : add(key, value, ttlMs)
      const { ledger, authorities } = attester
      const busy = await Site.start({ direct: { ledger, authorities, store } })
      try {
        const visitor = busy.browser()
        const { uuid, link } = await visitor.begin('scan')
        const { confirm } = await wallet.approve(await wallet.read(link))
        const { status, json } = await visitor.logIn({ uuid, confirm })
        assert.deepEqual([status, json.code, json.reason], [401, 'CIVIC_REQUEST_EXPIRED', 'tries'])
      } finally {
        await busy.stop()
      }
    })

    it('of one kind does not replace the other', async () => {
      const { uuid, link } = await browser.begin('link')
      const { redirectUri } = await wallet.approve(await wallet.read(link))
      const { responseCode } = codesIn(redirectUri)
      assert.equal((await browser.logIn({ uuid, confirm: responseCode })).status, 403)
      assert.equal((await browser.logIn({ uuid, responseCode })).status, 200)
    })
  })
})

describe('the browser that a login is for', () => {
  let site: Site
  const wallet = newWallet()
  before(async () => {
    site = await Site.start()
  })
  after(() => site.stop())

  for (const channel of ['scan', 'link'] as const) {
    it(`is the one that began it, by ${channel}: a sent link, once approved, is of no use to its sender`, async () => {
      const sender = site.browser()
      const { uuid, link } = await sender.begin(channel)
      // The victim opens the link, and approves
      const { confirm, redirectUri } = await wallet.approve(await wallet.read(link))
      // The sender polls as often as he likes, and has every code but the one that the victim's wallet shows
      for (let n = 0; n < 200; n++) {
        const polled = JSON.stringify(await sender.poll(uuid))
        assert.ok(!polled.includes(confirm ?? codesIn(redirectUri).responseCode))
      }
      assert.equal((await sender.logIn({ uuid })).status, 403)
      // And the victim's browser, which follows the way back, is not the one that asked
      const victim = site.browser()
      const codes = confirm === undefined ? codesIn(redirectUri) : { uuid, confirm }
      assert.equal((await victim.logIn(codes)).json.code, 'CIVIC_REQUEST_UNBOUND')
    }).timeout(20_000)
  }

  it('is not logged in by a stranger who responds first', async () => {
    const watcher = site.browser()
    const { uuid, link } = await watcher.begin()
    const stranger = new Wallet({ seed: 'ee'.repeat(16), allowPrivate: true })
    await stranger.approve(await stranger.read(link))
    assert.equal((await watcher.logIn({ uuid })).json.code, 'CIVIC_CONFIRM_WRONG')
  })

  for (const [what, headers] of Object.entries({
    'another site': { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
    'a site of another scheme': { 'Sec-Fetch-Site': 'same-site', Origin: 'http://shop.example' },
  })) {
    it(`is not asked to finish by ${what}`, async () => {
      const browser = site.browser()
      const { uuid, link } = await browser.begin()
      const { confirm } = await wallet.approve(await wallet.read(link))
      const refused = await browser.logIn({ uuid, confirm }, headers)
      assert.deepEqual([refused.status, refused.json.code], [403, 'CIVIC_CROSS_ORIGIN'])
      assert.equal((await browser.logIn({ uuid, confirm })).status, 200)
    })
  }
})

describe('the strategy', () => {
  it('tells the app about two networks if the option says so', async () => {
    const site = await Site.start({
      direct: { proximity: 'report' },
      verify: (userId, _data, done) => done(null, { userId }, { more: 1 }),
    })
    try {
      const wallet = newWallet()
      const browser = site.browser()
      const { uuid, link } = await browser.begin()
      const { confirm } = await wallet.approve(await wallet.read(link))
      assert.deepEqual((await browser.logIn({ uuid, confirm })).json.info, { more: 1, sameNetwork: true })
    } finally {
      await site.stop()
    }
  })

  it('does so without other info as well, and needs no code in one network', async () => {
    const near = await Site.start({ direct: { proximity: 'same-network', confirm: false } })
    const report = await Site.start({ direct: { proximity: 'report' } })
    try {
      for (const [site, info] of [
        [near, undefined],
        [report, { sameNetwork: true }],
      ] as const) {
        const wallet = newWallet()
        const browser = site.browser()
        const { uuid, link } = await browser.begin()
        const approved = await wallet.approve(await wallet.read(link))
        const { status, json } = await browser.logIn({ uuid, ...approved })
        assert.deepEqual([status, json.info], [200, info])
      }
    } finally {
      await near.stop()
      await report.stop()
    }
  })

  it('names itself in the profile, so that the same 64 digits of a SIP are another account', async () => {
    const profiles: unknown[] = []
    const site = await Site.start({
      strategy: { name: 'shop' },
      verify: (userId, scopeData) => {
        profiles.push(toProfile(userId, scopeData).provider)
        return { userId }
      },
    })
    try {
      const wallet = newWallet()
      const browser = site.browser()
      const { uuid, link } = await browser.begin()
      const { confirm } = await wallet.approve(await wallet.read(link))
      assert.equal((await browser.logIn({ uuid, confirm })).status, 200)
      assert.deepEqual(profiles, ['shop'])
    } finally {
      await site.stop()
    }
  })

  it('says that the store fails, and not why', async () => {
    const store = new MemoryDirectStore()
    const site = await Site.start({ direct: { store } })
    try {
      const browser = site.browser()
      const { uuid } = await browser.begin()
      store.get = () => Promise.reject(new Error('GET secret'))
      const { status, json } = await browser.logIn({ uuid })
      assert.deepEqual([status, json.code], [503, 'CIVIC_STORE_UNAVAILABLE'])
    } finally {
      await site.stop()
    }
  })

  it('gives the person to one of two callers, although both have found the response', async () => {
    const store = new MemoryDirectStore()
    const site = await Site.start({ direct: { store } })
    try {
      const wallet = newWallet()
      const browser = site.browser()
      const { uuid, link } = await browser.begin()
      const { confirm } = await wallet.approve(await wallet.read(link))
      store.take = () => Promise.resolve(undefined)
      const { status, json } = await browser.logIn({ uuid, confirm })
      assert.deepEqual([status, json.code, json.reason], [401, 'CIVIC_REQUEST_EXPIRED', 'taken'])
    } finally {
      await site.stop()
    }
  })

  it('links an identity to the logged-in account, only from the site’s own page', async () => {
    const site = await Site.start({ strategy: { originCheck: false } })
    try {
      const wallet = newWallet()
      const browser = site.browser()
      const enter = async (headers: Record<string, string>) => {
        const { uuid, link } = await browser.begin()
        const { confirm } = await wallet.approve(await wallet.read(link))
        return browser.logIn({ uuid, confirm }, headers)
      }
      const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
      assert.equal((await enter(foreign)).status, 200)
      assert.equal((await enter(foreign)).json.code, 'CIVIC_CROSS_ORIGIN')
      assert.equal((await enter({})).status, 200)
    } finally {
      await site.stop()
    }
  })
})
