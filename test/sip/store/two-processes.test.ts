import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSip, newKeyPair } from 'civic-sip-server'
import type { Sip } from 'civic-sip-server'
import { PrivateLedger, storageIn } from 'civic-sip-server/database'
import type { Storage } from 'civic-sip-server/database'
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import { onServer } from '../../support/databases.ts'
import { dumpOf } from '../support/dump.ts'
import { logIn } from '../support/login.ts'

const SITE = 'https://shop.example.org'
const CLAIMS = {
  'contact.personal.email': 'ada@example.org',
  'contact.personal.phoneNumber': '+1 202 555 0143',
}

describe('sip: two servers on one PostgreSQL', () => {
  onServer((open) => {
    const cleanups: (() => unknown)[] = []
    let url: string
    let storages: readonly Storage[]
    let sips: readonly Sip[]
    let mails: string[]
    let ledger: PrivateLedger

    // Each request goes to the other server than the one before
    beforeEach(async () => {
      let count = 0
      const front = createServer((req, res) => sips[count++ % 2]!.router(req, res)).listen(0, '127.0.0.1')
      await once(front, 'listening')
      url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
      const [one, two] = [await open(), await open()]
      storages = await Promise.all([one, two].map((each) => storageIn(each, { secrets: ['1'.repeat(64)] })))
      ledger = await PrivateLedger.open(one)
      mails = []
      sips = storages.map(({ stores, keys, secret, attesterSeed }) =>
        createSip({
          url,
          walletUrl: `${url}/wallet`,
          stores,
          keys,
          secret,
          ledger,
          mailer: { send: ({ text }) => Promise.resolve(void mails.push(text)) },
          attester: { ...ledger.attester, seed: attesterSeed },
        }),
      )
      cleanups.push(() => (front.closeAllConnections(), front.close()))
      cleanups.push(...sips.map((sip) => () => sip.close()), ...storages.map((each) => () => each.close()))
    })
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0)) await cleanup()
    })

    const walletWith = async (claims: Record<string, string>): Promise<Wallet> => {
      const wallet = new Wallet({ seed: randomBytes(16), allowPrivate: true, trustedSips: [url], ledger })
      const attester = `${url}/attester`
      assert.deepEqual(await wallet.attest(attester, claims), { state: 'code-sent' })
      const code = /code is (\w+)/.exec(mails.at(-1)!)![1]!
      let { state } = await wallet.attest(attester, claims, code)
      while (state === 'anchoring') ({ state } = await wallet.attest(attester, claims))
      assert.equal(state, 'attested')
      return wallet
    }

    it('attest an email, log a person in, and exchange the code once of fifty times', async () => {
      const { prvKey, pubKey } = newKeyPair()
      const { appId, appSecret } = await sips[0]!.createApp({
        name: 'Shop',
        pubKey,
        whitelist: [SITE],
        confirm: true,
      })
      const wallet = await walletWith(CLAIMS)
      const { token, confirm } = await logIn({ url, appId, wallet, site: SITE, level: 'civicBasic' })

      const dump = await dumpOf(storages[0]!.database)
      const shown = [...Object.values(CLAIMS), appSecret, confirm, token].filter((text) =>
        dump.includes(text),
      )
      assert.deepEqual(shown, [])
      const exchanges = await Promise.allSettled(
        Array.from({ length: 50 }, () =>
          new CivicClient({
            appId,
            appSecret,
            prvKey,
            api: `${url}/sip/`,
            sipPublicKey: [...storages[0]!.keys.published],
          }).exchangeCode(token),
        ),
      )
      const won = exchanges.filter((each) => each.status === 'fulfilled')
      assert.equal(won.length, 1, String(exchanges.map((each) => each.status)))
      assert.deepEqual(
        won[0]!.value.data.map(({ value }: { value: unknown }) => value),
        Object.values(CLAIMS),
      )
    })
  })
})
