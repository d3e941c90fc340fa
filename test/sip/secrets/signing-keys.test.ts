import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip } from 'civic-sip-server'
import { Sealer, SigningKeys } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import { publicKey, verifyToken } from 'passport-civic-sip/crypto'
import { TokenSigner } from '../../../sip/lib/exchange/tokens.ts'
import { onEmbedded } from '../../support/databases.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

describe('sip: signing keys', () => {
  onEmbedded((open) => {
    const sealer = new Sealer(['1'.repeat(64)])
    let database: Database
    let now: number
    const opened: SigningKeys[] = []
    const keys = async (): Promise<SigningKeys> => {
      const ring = await SigningKeys.open(database, { sealer, clock: () => now })
      opened.push(ring)
      return ring
    }
    beforeEach(async () => {
      database = await open()
      now = Date.UTC(2026, 0, 1)
    })
    afterEach(() => Promise.all(opened.splice(0).map((ring) => ring.close())))

    it('are made at the first start, once for all processes', async () => {
      const rings = await Promise.all(Array.from({ length: 5 }, keys))
      assert.equal(new Set(rings.map(({ current }) => current.prvKey)).size, 1)
      assert.deepEqual(rings[0]!.published, [rings[0]!.current.pubKey])
    })

    it('rotate in three steps: publish the next key, sign with it, drop the previous one', async () => {
      const ring = await keys()
      const first = ring.current
      const next = await ring.prepare()
      assert.deepEqual(await ring.prepare(), next)
      assert.deepEqual([ring.current, ring.published], [first, [first.pubKey, next.pubKey]])
      now += 31 * DAY
      assert.deepEqual(await ring.activate(), {})
      assert.equal(ring.current.pubKey, next.pubKey)
      assert.deepEqual(ring.published, [next.pubKey, first.pubKey])
      now += 32 * MINUTE
      await ring.drop()
      assert.deepEqual(ring.published, [next.pubKey])
    })

    it('are not activated within ten minutes, and with a warning within thirty days', async () => {
      const ring = await keys()
      await assert.rejects(ring.activate(), { name: 'RotationError', message: /no next key/ })
      await ring.prepare()
      now += 10 * MINUTE - 1
      await assert.rejects(ring.activate(), { name: 'RotationError', message: /in 1 minutes/ })
      now += 1
      assert.match((await ring.activate()).warning ?? '', /0 days ago.*sipPublicKey/)
    })

    it('are not dropped while their codes are valid, and not replaced before they are dropped', async () => {
      const ring = await keys()
      await assert.rejects(ring.drop(), { name: 'RotationError', message: /no previous key/ })
      await ring.prepare()
      now += 10 * MINUTE
      await ring.activate()
      await ring.prepare()
      now += 10 * MINUTE
      await assert.rejects(ring.activate(), { name: 'RotationError', message: /Drop it first/ })
      now += 20 * MINUTE
      await assert.rejects(ring.drop(), { name: 'RotationError', message: /in 1 minutes/ })
      assert.equal(ring.published.length, 3)
    })

    it('advance once when two processes activate at once', async () => {
      const [ring, other] = [await keys(), await keys()]
      await ring.prepare()
      now += 10 * MINUTE
      const done = await Promise.allSettled([ring.activate(), other.activate()])
      assert.deepEqual(done.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    })

    it('sign tokens that each published key verifies, in all of a rotation', async () => {
      const ring = await keys()
      const signer = new TokenSigner(ring, () => Date.now(), 'https://sip.example.org/sip/')
      const byFirst = signer.authCode('app', 'code')
      await ring.prepare()
      now += 10 * MINUTE
      await ring.activate()
      const bySecond = signer.authCode('app', 'code')
      const published = signer.pubKeys.map((pubKey) => publicKey(pubKey))
      assert.ok(verifyToken(byFirst, published))
      assert.ok(verifyToken(bySecond, published))
      assert.throws(() => verifyToken(bySecond, [published[1]!]))
      assert.equal(signer.wellKnownKeys().length, 2)
    })

    it('are read by a running server, which publishes them in its well-known document', async () => {
      const ring = await keys()
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const sip = createSip({
        url,
        secret: '2'.repeat(64),
        keys: ring,
        ledger: new EmbeddedLedger(),
        mailer: { send: () => Promise.resolve() },
      })
      server.on('request', sip.router)
      const count = async (): Promise<number> => {
        const response = await fetch(`${url}/.well-known/civic-sip`)
        return ((await response.json()) as { keys: unknown[] }).keys.length
      }
      assert.equal(await count(), 1)
      await ring.prepare()
      assert.equal(await count(), 2)
      const settings = (await (await fetch(`${url}/dashboard/api/settings`)).json()) as object
      assert.deepEqual(Reflect.get(settings, 'sipPublicKeys'), ring.published)
      await sip.close()
      server.closeAllConnections()
      server.close()
    })
  })
})
