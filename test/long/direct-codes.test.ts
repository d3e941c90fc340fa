import assert from 'node:assert/strict'
import { privateKeyHex } from '../../lib/crypto.ts'
import { needsRedis, startRedis } from '../support/redis.ts'
import type { TestServer } from '../support/servers.ts'
import { Person, seal } from '../support/person.ts'
import { startSiteProcess } from '../support/direct-process.ts'
import type { SiteProcess } from '../support/direct-process.ts'
import { newKey } from '../support/shop.ts'
import { Browser } from '../support/direct-site.ts'

const ORIGIN = 'http://localhost:3000'

describe('two processes behind one Redis, for long', function () {
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

  it('compare three of 1,000 simultaneous codes, and then none, not even the right one', async () => {
    const [first, second] = browsers()
    const { uuid } = await first.begin()
    const token = await tokenOf(first, uuid)
    const { confirm } = (await answer(second, uuid, seal(new Person('ada').answer(token), token))).json
    const wrong = Array.from({ length: 1000 }, (_, n) => String(n).padStart(6, '0')).filter(
      (code) => code !== confirm,
    )
    const codes: Record<string, number> = {}
    for (let at = 0; at < wrong.length; at += 100) {
      const replies = await Promise.all(
        wrong.slice(at, at + 100).map((code, n) => (n % 2 ? first : second).logIn({ uuid, confirm: code })),
      )
      for (const { json } of replies) codes[json.code ?? ''] = (codes[json.code ?? ''] ?? 0) + 1
    }
    assert.deepEqual(codes, { CIVIC_CONFIRM_WRONG: 3, CIVIC_REQUEST_EXPIRED: wrong.length - 3 })
    const { status, json } = await second.logIn({ uuid, confirm })
    assert.deepEqual([status, json.code], [401, 'CIVIC_REQUEST_EXPIRED'])
  })
})
