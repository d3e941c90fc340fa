import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { Wallet } from 'civic-wallet'
import { MemoryDirectStore, openAnswer, readSealedAnswer } from '../../lib/direct/index.ts'
import type { ResolvedAnswer } from '../../lib/direct/index.ts'
import { openRecord } from '../../lib/direct/seal.ts'
import { Requester } from '../support/requester.ts'
import { Person, seal } from '../support/person.ts'
import { newKey, Shop } from '../support/shop.ts'

const PRIVATE = { channel: 'scan', scopeRequest: 'ANONYMOUS_LOGIN' }

/** A store that remembers all that was ever written. */
class Remembering extends MemoryDirectStore {
  readonly written: [key: string, value: string][] = []

  override set(key: string, value: string, ttlMs: number): Promise<void> {
    this.written.push([key, value])
    return super.set(key, value, ttlMs)
  }
}

describe('what a site learns', () => {
  it('of a person who declines is nothing: no key of theirs is in a record or a response', async () => {
    const [store, key] = [new Remembering(), newKey()]
    const shop = await Shop.start({ store, prvKey: key })
    try {
      const begun = await shop.begin(PRIVATE)
      const token = await shop.token(begun)
      const person = new Person('ada')
      const { userKey, userId } = person.keys.site(shop.origin)
      const reply = await shop.answer(begun, seal({ status: 'denied' }, token))
      assert.equal(reply.text, '{"status":"denied"}')
      const opened = store.written.map(([name, value]) =>
        JSON.stringify(openRecord(name, value, [key]) ?? value),
      )
      assert.ok(opened.some((record) => record.includes('denied')))
      assert.ok(!opened.join().includes(userKey) && !opened.join().includes(userId))
    } finally {
      await shop.stop()
    }
  })

  it('of a response is only in the record that the browser takes; the one-time key is dropped', async () => {
    const [store, key] = [new Remembering(), newKey()]
    const shop = await Shop.start({ store, prvKey: key })
    try {
      const begun = await shop.begin(PRIVATE)
      const token = await shop.token(begun)
      const person = new Person('ada')
      const { userKey, userId } = person.keys.site(shop.origin)
      await shop.answer(begun, seal(person.answer(token), token))
      const opened = store.written.map(
        ([name, value]) => [name, JSON.stringify(openRecord(name, value, [key]) ?? value)] as const,
      )
      const holding = opened.filter(([, record]) => record.includes(userId))
      assert.equal(holding.length, 1)
      assert.match(holding[0]![0], /:data:/)
      assert.ok(opened.every(([, record]) => !record.includes(userKey)))
      const requests = opened.filter(([name]) => name === begun.uuid)
      assert.deepEqual(
        requests.map(([, record]) => /"secret":"[0-9a-f]{64}"/.test(record)),
        [true, false],
      )
    } finally {
      await shop.stop()
    }
  })

  it('of one wallet at two sites has no common byte string longer than 8, except constants', async () => {
    const wallet = new Wallet({ seed: 'cc'.repeat(16), allowPrivate: true })
    const other = new Wallet({ seed: 'dd'.repeat(16), allowPrivate: true })
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => new Requester().start()))
    try {
      const seen: Buffer[] = []
      for (const [site, by] of [
        [one!, wallet],
        [two!, wallet],
        [three!, other],
      ] as const) {
        const pair = newPair()
        site.token = sealedTo(site, pair.point)
        let token = ''
        const { token: make } = site
        site.token = (claims) => (token = make(claims))
        await by.approve(await by.read(site.url))
        const { answer } = JSON.parse(site.requests.at(-1)!.body) as { answer: string }
        const opened = openAnswer(readSealedAnswer(answer, token), pair.secret) as unknown as ResolvedAnswer
        const { signature, ...constant } = opened.request
        seen.push(Buffer.from(opened.userId + opened.userKey + signature, 'hex'))
        assert.deepEqual(Object.keys(constant), ['clientId', 'url', 'label'])
      }
      const [first, second, stranger] = seen as [Buffer, Buffer, Buffer]
      assert.deepEqual(common(first, second), common(first, stranger))
    } finally {
      await Promise.all([one!.stop(), two!.stop(), three!.stop()])
    }
  })
})

function newPair(): { point: string; secret: string } {
  const {
    x = '',
    y = '',
    d = '',
  } = createPrivateKey(newKey().export({ format: 'pem', type: 'pkcs8' })).export({
    format: 'jwk',
  })
  const hex = (part: string): string => Buffer.from(part, 'base64url').toString('hex')
  return { point: `04${hex(x)}${hex(y)}`, secret: hex(d) }
}

function sealedTo(site: Requester, point: string): Requester['token'] {
  const { token } = site
  return (claims) => {
    Object.assign(claims['data'] as object, { encPubKey: point })
    return token(claims)
  }
}

/** Every run of 9 bytes that both hold. */
function common(one: Buffer, other: Buffer): string[] {
  const runs = new Set(Array.from({ length: one.length - 8 }, (_, at) => one.toString('hex', at, at + 9)))
  return Array.from({ length: other.length - 8 }, (_, at) => other.toString('hex', at, at + 9)).filter(
    (run) => runs.has(run),
  )
}
