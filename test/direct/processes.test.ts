import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { privateKeyHex } from '../../lib/crypto.ts'
import { needsRedis, startRedis } from '../support/redis.ts'
import type { TestServer } from '../support/servers.ts'
import { Person, seal } from '../support/person.ts'
import { startSiteProcess } from '../support/direct-process.ts'
import type { SiteProcess } from '../support/direct-process.ts'
import { newKey } from '../support/shop.ts'
import { Browser } from '../support/direct-site.ts'

const ORIGIN = 'http://localhost:3000'

describe('two processes behind one Redis', function () {
  this.timeout(60_000)
  let redis: TestServer
  let one: SiteProcess
  let two: SiteProcess
  before(async function () {
    needsRedis(this)
    redis = await startRedis()
    const setup = { redis: redis.url, origin: ORIGIN, prvKey: privateKeyHex(newKey()) }
    ;[one, two] = await Promise.all([startSiteProcess(setup), startSiteProcess(setup)])
  })
  after(async () => {
    await Promise.all([one.stop(), two.stop()])
    await redis.stop()
  })

  /** The same browser, whichever process answers. */
  const browsers = (): [Browser, Browser] => {
    const [first, second] = [new Browser(one.origin), new Browser(two.origin)]
    Object.assign(second, { cookies: first.cookies })
    return [first, second]
  }
  const tokenOf = async (browser: Browser, uuid: string): Promise<string> =>
    (await browser.send('GET', `/civic/${uuid}/callback`)).json['token'] as string
  const answer = (browser: Browser, uuid: string, jwe: string) =>
    browser.send('POST', `/civic/${uuid}/callback`, { answer: jwe })

  it('accept one of 50 simultaneous responses; the same bytes get the same reply again', async () => {
    const [first, second] = browsers()
    const { uuid } = await first.begin()
    const token = await tokenOf(second, uuid)
    const answers = Array.from({ length: 25 }, (_, n) => seal(new Person(`person ${n}`).answer(token), token))
    const replies = await Promise.all(
      [...answers, ...answers].map(async (jwe, n) => ({
        jwe,
        ...(await answer(n % 2 ? first : second, uuid, jwe)),
      })),
    )
    const winners = new Set(replies.filter(({ status }) => status === 200).map(({ jwe }) => jwe))
    assert.equal(winners.size, 1)
    assert.ok(replies.every(({ status }) => status === 200 || status === 409))
    const [winner = ''] = winners
    const again = await Promise.all([answer(first, uuid, winner), answer(second, uuid, winner)])
    assert.deepEqual(again[0], again[1])
    assert.equal(again[0].status, 200)
  })

  it('log one session in if both are asked at once', async () => {
    const [first, second] = browsers()
    const { uuid } = await first.begin()
    const token = await tokenOf(first, uuid)
    const { confirm } = (await answer(second, uuid, seal(new Person('ada').answer(token), token))).json
    const replies = await Promise.all([first.logIn({ uuid, confirm }), second.logIn({ uuid, confirm })])
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 401])
  })

  it('open no record that was moved to another request', async () => {
    const client = new Redis(redis.url, { lazyConnect: true })
    await client.connect()
    try {
      const [mine, theirs] = [browsers()[0], browsers()[0]]
      const [one_, other] = [await mine.begin(), await theirs.begin()]
      const [a, b] = [`civic:direct:${one_.uuid}`, `civic:direct:${other.uuid}`]
      const [sealedA, sealedB] = [await client.get(a), await client.get(b)]
      await client.set(a, sealedB!)
      await client.set(b, sealedA!)
      assert.equal((await mine.send('GET', `/civic/${one_.uuid}`)).status, 404)
      assert.equal((await theirs.send('GET', `/civic/${one_.uuid}/callback`)).status, 404)
    } finally {
      client.disconnect()
    }
  })

  it('keep nothing readable in Redis, and let all of it expire', async () => {
    const client = new Redis(redis.url, { lazyConnect: true })
    await client.connect()
    try {
      const [first] = browsers()
      const { uuid } = await first.begin()
      const token = await tokenOf(first, uuid)
      const person = new Person('ada')
      await answer(first, uuid, seal(person.answer(token), token))
      const { userId, userKey } = person.keys.site(ORIGIN)
      const keys = await client.keys(`*${uuid}*`)
      assert.ok(keys.length >= 4)
      for (const key of keys) {
        const value = (await client.get(key))!
        const bytes = value + Buffer.from(value, 'base64url').toString('latin1')
        for (const secret of [userId, userKey, token.slice(0, 30), ORIGIN]) assert.ok(!bytes.includes(secret))
        assert.ok((await client.pttl(key)) > 0)
      }
    } finally {
      client.disconnect()
    }
  })
})
