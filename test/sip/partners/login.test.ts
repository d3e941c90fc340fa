import assert from 'node:assert/strict'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip } from 'civic-sip-server'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import { Sessions } from '../../../sip/lib/partners/sessions.ts'
import { Server, tokenOf } from './support/server.ts'
import type { Somebody } from './support/server.ts'

describe('sip: the login of partners', () => {
  let server: Server
  before(async () => {
    server = await Server.start()
  })
  after(() => server.stop())

  describe('with a wallet', () => {
    let ada: Somebody
    before(async () => {
      ada = await server.owner('Shop')
    })

    it('begins a session, in a cookie that scripts and other sites cannot use', async () => {
      const { setCookie, status } = await ada.logIn()
      assert.equal(status, 204)
      const port = new URL(server.sip.url).port
      assert.match(
        setCookie.at(-1)!,
        new RegExp(`^civic-partners-${port}=[\\w-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict$`),
      )
      const { json } = await ada.send('GET', 'me')
      const { memberships, isOperator } = json as { memberships: object[]; isOperator: boolean }
      const [{ partnerId, ...membership }] = memberships as [{ partnerId: string }]
      assert.match(partnerId, /^[0-9a-f]{16}$/)
      assert.deepEqual(membership, { partnerName: 'Shop', name: 'Owner of Shop', role: 'OWNER' })
      assert.equal(isOperator, false)
    })

    it('says in the wallet where it logs in', async () => {
      assert.equal((await ada.scan()).description, 'Log in to the dashboard of Civic partners')
    })

    it('makes a new session each time, and ends the one before', async () => {
      const before = new Map(ada.cookies)
      await ada.logIn()
      assert.notDeepEqual(ada.cookies, before)
      const old = server.person()
      for (const [name, value] of before) old.cookies.set(name, value)
      assert.equal((await old.send('GET', 'me')).status, 401)
    })

    it('keeps no cookie, only its hash', async () => {
      const [, cookie] = [...ada.cookies].find(([name]) => name.startsWith('civic-partners'))!
      assert.equal(await server.partnerStores.sessions.find(cookie, server.time), undefined)
    })

    it('is over after twelve hours', async () => {
      await ada.logIn()
      server.time += 12 * 60 * 60_000 - 1
      assert.equal((await ada.send('GET', 'me')).status, 200)
      server.time += 1
      assert.equal((await ada.send('GET', 'me')).status, 401)
      await ada.logIn()
    })

    it('ends with logout', async () => {
      const old = new Map(ada.cookies)
      assert.equal((await ada.send('POST', 'logout')).status, 204)
      for (const [name, value] of old) ada.cookies.set(name, value)
      assert.equal((await ada.send('GET', 'me')).status, 401)
      await ada.logIn()
    })

    it('refuses a wallet that belongs to no member', async () => {
      const eve = server.person()
      const { status, text, setCookie } = await eve.logIn()
      assert.equal(status, 404)
      assert.match(text, /invite/)
      assert.deepEqual(setCookie, [])
    })

    it('refuses a request that another browser began, and one that was used', async () => {
      const { uuid, confirm } = await ada.scan()
      assert.equal((await server.person().send('POST', 'login', { uuid, confirm })).status, 403)
      assert.equal((await ada.send('POST', 'login', { uuid, confirm })).status, 204)
      assert.equal((await ada.send('POST', 'login', { uuid, confirm })).status, 401)
    })

    it('refuses pages of other sites', async () => {
      const { uuid, confirm } = await ada.scan()
      const foreign: Record<string, string>[] = [
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
      ]
      for (const headers of foreign) {
        assert.equal((await ada.send('POST', 'login', { uuid, confirm }, headers)).status, 403)
        assert.equal((await ada.send('POST', 'logout', undefined, headers)).status, 403)
        assert.equal((await ada.send('GET', 'apps', undefined, headers)).status, 403)
      }
      assert.equal((await ada.send('GET', 'me')).status, 200)
    })

    it('still serves the well-known document of the SIP', async () => {
      const { json } = await ada.send('GET', '/.well-known/civic-sip')
      assert.equal(json['role'], 'sip')
      assert.equal(json['callback'], `${server.sip.url}/sip/`)
    })
  })

  describe('with an invite', () => {
    it('shows what it is for, as often as somebody opens it, and stays valid', async () => {
      const link = await server.sip.invite()
      const eve = server.person()
      // A preview sees the page without the fragment, in which the token is
      assert.equal(new URL(link).hash, `#join/${tokenOf(link)}`)
      assert.equal((await eve.send('GET', '/')).status, 200)
      for (let look = 0; look < 3; look++) {
        const { json } = await eve.send('POST', 'join/offer', { token: tokenOf(link) })
        assert.deepEqual(json, {
          role: 'OWNER',
          isOperator: false,
          expiresAt: server.time + 24 * 60 * 60_000,
        })
      }
      await eve.join(link, { name: 'Eve', partnerName: 'Bakery' })
      assert.equal((await eve.send('GET', 'me')).status, 200)
    })

    it('makes operators, who see what the owners of partners do not', async () => {
      const link = await server.sip.invite({ operator: true })
      const person = server.person()
      const { json } = await person.send('POST', 'join/offer', { token: tokenOf(link) })
      assert.equal(json['isOperator'], true)
      await person.join(link, { name: 'Olga' })
      assert.equal((await person.send('GET', 'operator/partners')).status, 200)
    })

    it('joins one of two who use it at once', async () => {
      const link = await server.sip.invite()
      const two = [server.person(), server.person()]
      const finished = await Promise.all(two.map((one) => one.scan()))
      const replies = await Promise.all(
        two.map((one, at) => {
          const { uuid, confirm } = finished[at]!
          return one.send('POST', 'join', {
            token: tokenOf(link),
            name: 'X',
            partnerName: 'Y',
            uuid,
            confirm,
          })
        }),
      )
      assert.deepEqual(replies.map(({ status }) => status).sort(), [204, 404])
    })

    it('is refused when it is used, expired or invented', async () => {
      const spent = await server.sip.invite()
      await server.person().join(spent, { name: 'One', partnerName: 'First' })
      const over = await server.sip.invite()
      server.time += 24 * 60 * 60_000
      for (const token of [tokenOf(spent), tokenOf(over), 'x'.repeat(43), '', 'x'.repeat(5000)]) {
        const eve = server.person()
        assert.equal((await eve.send('POST', 'join/offer', { token })).status, 404)
        const { uuid, confirm } = await eve.scan()
        const body = { token, name: 'Eve', partnerName: 'Bakery', uuid, confirm }
        assert.equal((await eve.send('POST', 'join', body)).status, 404)
      }
    })

    it('refuses names with invisible characters', async () => {
      const link = await server.sip.invite()
      const eve = server.person()
      for (const name of ['', ' ', 'a'.repeat(81), 'Ad\u202ea', 'Ad\u200ba', 'A\nd', 'A\u0000']) {
        const body = { token: tokenOf(link), name, partnerName: 'Bakery', uuid: 'u' }
        const { status, text } = await eve.send('POST', 'join', body)
        assert.equal(status, 400, JSON.stringify(name))
        assert.match(text, /name: a text of 1 to 80 characters/)
      }
    })

    it('does nothing for a member of the same partner', async () => {
      const owner = await server.owner('Twice')
      const partnerId = await owner.partnerId()
      const { json } = await owner.send('POST', `partners/${partnerId}/invites`, { role: 'ADMIN' })
      const { uuid, confirm } = await owner.scan()
      const body = { token: tokenOf((json as { link: string }).link), name: 'Again', uuid, confirm }
      assert.equal((await owner.send('POST', 'join', body)).status, 409)
      assert.equal((await owner.send('POST', 'join/offer', body)).status, 200)
    })
  })

  describe('before it shows a secret or removes keys', () => {
    let ada: Somebody
    let appId: string
    let keyId: string
    const path = (): string => `apps/${appId}/keys/${keyId}/reveal`
    beforeEach(async () => {
      ada = await server.owner('Careful')
      const app = await ada.createApp()
      appId = app.appId
      keyId = app.keys[0]!.keyId
    })

    it('asks the wallet, which shows the act', async () => {
      assert.equal((await ada.send('POST', path())).status, 428)
      const description = await ada.approve({ act: 'reveal', appId, keyId })
      assert.equal(description, `Show the secret of keys ${keyId} of the app Shop (${appId})`)
      const { status, json } = await ada.send('POST', path())
      assert.equal(status, 200)
      assert.match(json['appSecret'], /^[0-9a-f]{32}$/)
    })

    it('accepts an approval for its act only, for five minutes', async () => {
      await ada.approve({ act: 'reveal', appId, keyId })
      assert.equal((await ada.send('DELETE', `apps/${appId}`)).status, 428)
      assert.equal((await ada.send('POST', `apps/${appId}/keys`, {})).status, 428)
      server.time += 5 * 60_000
      assert.equal((await ada.send('POST', path())).status, 200)
      server.time += 1
      assert.equal((await ada.send('POST', path())).status, 428)
    })

    it('wants the wallet of the person who is logged in', async () => {
      const eve = server.person()
      await ada.send('POST', 'acts', { act: 'reveal', appId, keyId })
      const { uuid, confirm } = await ada.scan(eve.wallet)
      const { status } = await ada.send('POST', 'acts/approve', { uuid, confirm })
      assert.equal(status, 409)
      assert.equal((await ada.send('POST', path())).status, 428)
      // Nothing is linked
      assert.equal((await eve.logIn()).status, 404)
    })

    it('accepts no approval for an act that the wallet did not show', async () => {
      await ada.send('POST', 'acts', { act: 'reveal', appId, keyId })
      const { uuid, confirm } = await ada.scan()
      await ada.send('POST', 'acts', { act: 'delete', appId })
      assert.equal((await ada.send('POST', 'acts/approve', { uuid, confirm })).status, 409)
      assert.equal((await ada.send('DELETE', `apps/${appId}`)).status, 428)
      assert.equal((await ada.send('POST', path())).status, 428)
    })

    it('does not accept a login as an approval', async () => {
      const { uuid, confirm } = await ada.scan()
      await ada.send('POST', 'acts', { act: 'reveal', appId, keyId })
      assert.equal((await ada.send('POST', 'acts/approve', { uuid, confirm })).status, 409)
    })

    it('rotates, revokes and deletes as well', async () => {
      const { pubKey } = (await ada.send('GET', 'apps')).json[0]['keys'][0]
      assert.equal((await ada.send('POST', `apps/${appId}/keys`, { pubKey })).status, 428)
      await ada.approve({ act: 'rotate', appId })
      assert.equal((await ada.send('POST', `apps/${appId}/keys`, { pubKey })).status, 201)
      assert.equal((await ada.send('DELETE', `apps/${appId}/keys/${keyId}`)).status, 428)
      await ada.approve({ act: 'revoke', appId, keyId })
      assert.equal((await ada.send('DELETE', `apps/${appId}/keys/${keyId}`)).status, 204)
      await ada.approve({ act: 'delete', appId })
      assert.equal((await ada.send('DELETE', `apps/${appId}`)).status, 204)
      assert.deepEqual((await ada.send('GET', 'apps')).json, [])
    })
  })

  it('over https has a cookie that other hosts of the domain cannot set', async () => {
    const sessions = new Sessions(server.partnerStores.sessions, Date.now, 'https://sip.example.org')
    const set: string[] = []
    const res = { append: (_name: string, value: string) => void set.push(value) }
    sessions.keep(res as never, await sessions.begin({ headers: {} } as never, 'a'.repeat(64)))
    assert.match(
      set.at(-1)!,
      /^__Host-civic-partners=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
  })

  it('is absent without the option: the dashboard is open, and nobody is invited', async () => {
    const ledger = new EmbeddedLedger({ now: Date.now })
    const mailer = { send: () => undefined }
    const keys = newKeyPair()
    const sip = createSip({ url: 'http://localhost:1', secret: 'ab'.repeat(32), keys, ledger, mailer })
    await assert.rejects(sip.invite(), { name: 'InputError', message: /^partners: / })
    await sip.close()
  })
})
