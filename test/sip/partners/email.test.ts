import assert from 'node:assert/strict'
import { EmbeddedLedger } from 'civic-attestations'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import { Apps } from '../../../sip/lib/apps/apps.ts'
import { partnersSide } from '../../../sip/lib/partners/partners-side.ts'
import type { PartnersSide } from '../../../sip/lib/partners/partners-side.ts'
import { hosts, RECORDS, Server } from './support/server.ts'
import type { Somebody } from './support/server.ts'

const ADA = 'ada@example.org'
const BOB = 'bob@example.org'
const DAY = 24 * 60 * 60_000

/** A second process on the stores of a server. */
function besides(server: Server): PartnersSide {
  const { partnerStores, stores, sip, mails } = server
  const clock = (): number => server.time
  return partnersSide(
    { stores: partnerStores, network: RECORDS },
    {
      appStore: stores.apps,
      documents: stores.documents,
      ...{ apps: new Apps(stores.apps, clock), turns: stores.turns, codes: stores.codes, clock },
      ...{ url: sip.url, walletUrl: `${sip.url}/wallet`, ledger: new EmbeddedLedger(), confirm: true },
      secret: 'ab'.repeat(32),
      mailer: { send: (mail) => void mails.push(mail) },
      prvKey: () => [newKeyPair().prvKey],
      failed: (error) => assert.fail(String(error)),
    },
  )
}

describe('sip: email to the owners of a partner', () => {
  let server: Server
  let owner: Somebody
  let operator: Somebody
  before(async () => {
    server = await Server.start()
    owner = await server.owner('Shop')
    operator = await server.operator()
  })
  after(() => server.stop())

  const emailOf = async (person: Somebody): Promise<unknown> =>
    ((await person.send('GET', 'me')).json as { email?: unknown }).email
  /** The emails since the last call, by recipient. */
  const mails = (): string[] => server.mails.splice(0).map(({ to, subject }) => `${to}: ${subject}`)

  describe('has an address', () => {
    it('that the owner confirms with the code of an email', async () => {
      assert.deepEqual(await emailOf(owner), {})
      assert.equal((await owner.send('POST', 'me/email', { address: ` ${ADA} ` })).status, 202)
      assert.deepEqual(await emailOf(owner), {})
      const code = server.codeTo(ADA)
      const typed = `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase()
      assert.equal((await owner.send('PUT', 'me/email', { address: ADA, code: typed })).status, 204)
      assert.deepEqual(await emailOf(owner), { address: ADA })
      // A code counts once
      assert.equal((await owner.send('PUT', 'me/email', { address: ADA, code })).status, 400)
    })

    it('that no wrong code, and no code of another person or address, confirms', async () => {
      const other = await server.owner('Bakery')
      await owner.send('POST', 'me/email', { address: BOB })
      const code = server.codeTo(BOB)
      for (const [person, address, tried] of [
        [owner, BOB, '22222222'],
        [owner, 'eve@example.org', code],
        [other, BOB, code],
      ] as const) {
        const { status, text } = await person.send('PUT', 'me/email', { address, code: tried })
        assert.equal(status, 400)
        assert.match(text, /"code: /)
      }
      assert.deepEqual([await emailOf(owner), await emailOf(other)], [{ address: ADA }, {}])
    })

    it('that is a single email address', async () => {
      for (const address of ['', 'ada', 'a@example.org, b@example.org', 'Ada <a@example.org>', 7, null]) {
        const { status, text } = await owner.send('POST', 'me/email', { address })
        assert.equal(status, 400)
        assert.match(text, /"address: /)
      }
    })

    it('that nobody else sees, and the audit log does not name', async () => {
      const second = await server.member(owner, 'OWNER')
      const partnerId = await owner.partnerId()
      for (const [person, path] of [
        [second, `partners/${partnerId}/team`],
        [second, `partners/${partnerId}/audit`],
        [second, 'me'],
        [operator, 'operator/audit'],
        [operator, 'operator/partners'],
      ] as const) {
        const { text } = await person.send('GET', path)
        assert.doesNotMatch(text, /@example/, path)
      }
      const { text } = await owner.send('GET', `partners/${partnerId}/audit`)
      assert.match(text, /email\.confirmed/)
    })

    it('only for an owner', async () => {
      const developer = await server.member(owner, 'DEVELOPER')
      assert.equal(await emailOf(developer), undefined)
      assert.equal((await developer.send('POST', 'me/email', { address: BOB })).status, 403)
      assert.equal((await operator.send('POST', 'me/email', { address: BOB })).status, 403)
    })

    it('until it is removed, or the owner gets another role', async () => {
      const second = await server.member(owner, 'OWNER')
      await server.confirm(second, BOB)
      const path = `partners/${await owner.partnerId()}/team/${await second.userId()}`
      await owner.send('PATCH', path, { role: 'ADMIN' })
      await owner.send('PATCH', path, { role: 'OWNER' })
      assert.deepEqual(await emailOf(second), {})
      await server.confirm(second, BOB)
      assert.equal((await second.send('DELETE', 'me/email')).status, 204)
      assert.deepEqual(await emailOf(second), {})
    })
  })

  describe('says what happens to their apps, and to no others', () => {
    let other: Somebody
    before(async () => {
      other = await server.owner('Bakery')
      await server.confirm(owner, ADA)
      await server.confirm(other, BOB)
    })
    beforeEach(() => void mails())

    it('when an operator suspends one', async () => {
      const { appId } = await owner.createApp({ name: 'Shop' })
      const decide = (suspended: boolean) =>
        operator.send('PATCH', `operator/apps/${appId}`, { suspended, attestations: true })
      for (const suspended of [true, true, false]) await decide(suspended)
      assert.deepEqual(mails(), [`${ADA}: Shop is now suspended`, `${ADA}: Shop is now no longer suspended`])
    })

    it('when an operator decides about one', async () => {
      const { appId } = await owner.createApp({ name: 'Shop' })
      const decide = async (approve: boolean): Promise<void> => {
        await owner.send('PUT', `apps/${appId}/review`, { scopes: ['PROOF_OF_AGE'] })
        const reviews = (await operator.send('GET', 'operator/reviews')).json as { askedAt: number }[]
        const decision = { approve, askedAt: reviews[0]!.askedAt, reason: 'Say what for' }
        assert.equal((await operator.send('POST', `operator/reviews/${appId}`, decision)).status, 204)
      }
      await decide(false)
      await decide(true)
      assert.deepEqual(mails(), [
        `${ADA}: Your request for Shop was refused`,
        `${ADA}: Your request for Shop was approved`,
      ])
    })

    it('except when nobody owns the app', async () => {
      const { pubKey } = (await owner.createApp()).keys[0] as unknown as { pubKey: string }
      const { appId } = await server.sip.createApp({ name: 'Own', pubKey })
      await operator.send('PATCH', `operator/apps/${appId}`, { suspended: true })
      assert.deepEqual(mails(), [])
    })

    it('when a domain loses its proof', async () => {
      const { appId } = await owner.createApp({ whitelist: ['https://shop.example.org'] })
      const [proof] = await server.partnerStores.proofs.list(appId)
      hosts.set('shop.example.org', proof!.value)
      await owner.send('POST', `apps/${appId}/domains/check`, { host: 'shop.example.org' })
      hosts.clear()
      const side = besides(server)
      for (const days of [7, 8]) {
        server.time += days * DAY
        for (const sweeper of side.sweepers) await sweeper.sweep()
      }
      assert.deepEqual(mails(), [`${ADA}: The proof of shop.example.org is gone`])
    })
  })
})
