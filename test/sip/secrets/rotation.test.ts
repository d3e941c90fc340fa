import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip, newKeyPair } from 'civic-sip-server'
import { Sealer, SigningKeys } from 'civic-sip-server/database'
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import { onEmbedded } from '../../support/databases.ts'
import { logIn } from '../support/login.ts'

const SITE = 'https://shop.example.org'
const MINUTE = 60_000

describe('sip: logins while the signing key rotates', () => {
  onEmbedded((open) => {
    const cleanups: (() => unknown)[] = []
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0)) await cleanup()
    })

    it('work at each step for a site that has both keys, and for a wallet that read the keys before', async () => {
      let ahead = 0
      const sealer = new Sealer(['1'.repeat(64)])
      const keys = await SigningKeys.open(await open(), { sealer, clock: () => Date.now() + ahead })
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const mailer = { send: () => Promise.resolve() }
      const options = { url, walletUrl: `${url}/wallet`, secret: '2'.repeat(64) }
      const sip = createSip({ ...options, keys, ledger: new EmbeddedLedger(), mailer })
      server.on('request', sip.router)
      cleanups.push(() => (server.closeAllConnections(), server.close()))
      cleanups.push(
        () => sip.close(),
        () => keys.close(),
      )
      const { prvKey, pubKey } = newKeyPair()
      const { appId, appSecret } = await sip.createApp({ name: 'Shop', pubKey, whitelist: [SITE] })
      // Both read the well-known document before the next key is in it
      const wallet = new Wallet({ seed: '0'.repeat(32), allowPrivate: true, trustedSips: [url] })
      const code = async (): Promise<string> =>
        (await logIn({ url, appId, wallet, site: SITE, level: 'Anonymous_Login' })).token
      const exchange = async (token: string, sipPublicKey: readonly string[]): Promise<string> => {
        const client = new CivicClient({ appId, appSecret, prvKey, api: `${url}/sip/`, sipPublicKey })
        return (await client.exchangeCode(token)).userId
      }
      const old = keys.current.pubKey
      const person = await exchange(await code(), [old])

      const next = (await keys.prepare()).pubKey
      const both = [old, next]
      assert.equal(await exchange(await code(), [old]), person)
      assert.equal(await exchange(await code(), both), person)

      const [forBoth, forOld] = [await code(), await code()]
      ahead = 10 * MINUTE
      await keys.activate()
      // A code from before is exchanged for data that the next key signs
      assert.equal(await exchange(forBoth, both), person)
      await assert.rejects(exchange(forOld, [old]), { name: 'CivicError' })
      assert.equal(await exchange(await code(), both), person)
      await assert.rejects(exchange(await code(), [old]), { name: 'CivicError', reason: 'signature' })

      ahead = 42 * MINUTE
      await keys.drop()
      assert.equal(await exchange(await code(), both), person)
      assert.equal(await exchange(await code(), [next]), person)
    })
  })
})
