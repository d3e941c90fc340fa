import assert from 'node:assert/strict'
import { Server, tokenOf } from './support/server.ts'
import type { Somebody } from './support/server.ts'

interface Team {
  readonly members: readonly { userId: string; name: string; role: string; isMe: boolean }[]
  readonly invites: readonly { id: string; role: string }[]
  readonly roles: readonly string[]
  readonly canChange: boolean
}

describe('sip: the team of a partner', () => {
  let server: Server
  let owner: Somebody
  let partnerId: string
  const team = async (by = owner): Promise<Team> => (await by.send('GET', `partners/${partnerId}/team`)).json
  before(async () => {
    server = await Server.start()
  })
  after(() => server.stop())
  beforeEach(async () => {
    owner = await server.owner('Shop')
    partnerId = await owner.partnerId()
  })

  it('is invited by its owner, with a link that is shown once', async () => {
    const { json, status } = await owner.send('POST', `partners/${partnerId}/invites`, { role: 'DEVELOPER' })
    const { link, id, ...invite } = json as { link: string; id: string }
    assert.equal(status, 201)
    assert.deepEqual(invite, {
      role: 'DEVELOPER',
      createdAt: server.time,
      expiresAt: server.time + 24 * 60 * 60_000,
    })
    assert.ok(!JSON.stringify(await team()).includes(tokenOf(link)))
    assert.deepEqual(
      (await team()).invites.map((open) => open.id),
      [id],
    )
    const offer = await server.person().send('POST', 'join/offer', { token: tokenOf(link) })
    assert.deepEqual(offer.json, {
      partnerName: 'Shop',
      role: 'DEVELOPER',
      isOperator: false,
      expiresAt: server.time + 24 * 60 * 60_000,
    })
    const person = server.person()
    await person.join(link, { name: 'Dev' })
    const { members, invites, canChange } = await team(person)
    assert.deepEqual(
      members.map(({ name, role, isMe }) => [name, role, isMe]),
      [
        ['Owner of Shop', 'OWNER', false],
        ['Dev', 'DEVELOPER', true],
      ],
    )
    assert.deepEqual([invites, canChange], [[], false])
  })

  it('withdraws invites', async () => {
    const { json } = await owner.send('POST', `partners/${partnerId}/invites`, { role: 'ADMIN' })
    const { link, id } = json as { link: string; id: string }
    const other = await server.owner('Bakery')
    assert.equal((await other.send('DELETE', `partners/${partnerId}/invites/${id}`)).status, 404)
    assert.equal((await owner.send('DELETE', `partners/${partnerId}/invites/${id}`)).status, 204)
    assert.equal((await other.send('POST', 'join/offer', { token: tokenOf(link) })).status, 404)
  })

  it('has the roles of partners, and operators those of operators', async () => {
    assert.deepEqual((await team()).roles, ['OWNER', 'ADMIN', 'DEVELOPER'])
    for (const role of ['OPERATOR', 'REVIEWER', 'KING', undefined]) {
      const { status } = await owner.send('POST', `partners/${partnerId}/invites`, { role })
      assert.equal(status, 400)
    }
    const operator = await server.operator()
    assert.equal(
      (await operator.send('POST', 'partners/operators/invites', { role: 'REVIEWER' })).status,
      201,
    )
    assert.equal((await operator.send('POST', 'partners/operators/invites', { role: 'OWNER' })).status, 400)
    assert.equal((await owner.send('GET', 'partners/operators/team')).status, 404)
  })

  it('keeps its last owner', async () => {
    const me = `partners/${partnerId}/team/${await owner.userId()}`
    const { status, text } = await owner.send('DELETE', me)
    assert.equal(status, 409)
    assert.match(text, /there must be an owner/)
    assert.equal((await owner.send('PATCH', me, { role: 'ADMIN' })).status, 409)
    const second = await server.member(owner, 'OWNER')
    assert.equal((await owner.send('DELETE', me)).status, 204)
    assert.equal((await owner.send('GET', 'me')).status, 401)
    assert.deepEqual(
      (await team(second)).members.map(({ role }) => role),
      ['OWNER'],
    )
  })

  it('loses members who leave or are removed at once', async () => {
    const [one, two] = [await server.member(owner, 'DEVELOPER'), await server.member(owner, 'DEVELOPER')]
    const [idOfOne, idOfTwo] = [await one.userId(), await two.userId()]
    assert.equal((await one.send('DELETE', `partners/${partnerId}/team/${idOfTwo}`)).status, 403)
    assert.equal((await one.send('DELETE', `partners/${partnerId}/team/${idOfOne}`)).status, 204)
    assert.equal((await one.send('GET', 'apps')).status, 401)
    assert.equal((await one.logIn()).status, 404)
    assert.equal((await owner.send('DELETE', `partners/${partnerId}/team/${idOfTwo}`)).status, 204)
    assert.equal((await two.send('GET', 'apps')).status, 401)
  })

  it('ends its open invites with an owner who goes, so that none leads back in', async () => {
    const second = await server.member(owner, 'OWNER')
    const developer = await server.member(owner, 'DEVELOPER')
    const { json } = await second.send('POST', `partners/${partnerId}/invites`, { role: 'OWNER' })
    const { link } = json as { link: string }
    const offer = async () => (await developer.send('POST', 'join/offer', { token: tokenOf(link) })).status
    await owner.send('DELETE', `partners/${partnerId}/team/${await developer.userId()}`)
    assert.equal(await offer(), 200)
    await owner.send('PATCH', `partners/${partnerId}/team/${await second.userId()}`, { role: 'ADMIN' })
    assert.equal(await offer(), 404)
    assert.deepEqual((await team()).invites, [])
  })

  it('changes roles, which count at once', async () => {
    const admin = await server.member(owner, 'ADMIN')
    const path = `partners/${partnerId}/team/${await admin.userId()}`
    assert.equal((await admin.send('GET', `partners/${partnerId}/audit`)).status, 200)
    assert.equal((await owner.send('PATCH', path, { role: 'DEVELOPER' })).status, 204)
    assert.equal((await admin.send('GET', `partners/${partnerId}/audit`)).status, 403)
    assert.equal((await owner.send('PATCH', path, { role: 'OPERATOR' })).status, 400)
  })

  it('has an audit log, which contains no secret', async () => {
    const { appId, keys } = await owner.createApp()
    const { keyId } = keys[0]!
    await owner.approve({ act: 'reveal', appId, keyId })
    const shown = await owner.send('POST', `apps/${appId}/keys/${keyId}/reveal`)
    await owner.send('PATCH', `apps/${appId}`, { name: 'Corner shop' })
    const { json, text } = await owner.send('GET', `partners/${partnerId}/audit`)
    const entries = json as { who: string; what: string; appId?: string; detail?: string }[]
    assert.deepEqual(
      entries.map(({ who, what, detail }) => [who, what, detail]),
      [
        ['Owner of Shop', 'app.changed', 'name'],
        ['Owner of Shop', 'secret.shown', keyId],
        ['Owner of Shop', 'app.created', 'Shop'],
        ['Owner of Shop', 'member.joined', 'as OWNER'],
      ],
    )
    assert.ok(!text.includes(shown.json['appSecret']))
    const operator = await server.operator()
    const exported = await operator.send('GET', 'operator/audit/export')
    const lines = exported.text.trim().split('\n')
    assert.ok(lines.length > 4)
    assert.ok(lines.every((line) => typeof (JSON.parse(line) as { at: unknown }).at === 'number'))
  })

  it('has an entry in the audit log before an operator revokes an attestation', async () => {
    const operator = await server.operator()
    const { audit } = server.partnerStores
    const insert = audit.insert.bind(audit)
    const { anchors } = server.stores
    const [find, marked] = [anchors.find.bind(anchors), anchors.marked.bind(anchors)]
    const calls: string[] = []
    audit.insert = (entry) => {
      calls.push([entry.what, entry.detail].join(' '))
      return insert(entry)
    }
    anchors.find = (...output) => {
      calls.push('find')
      return find(...output)
    }
    anchors.marked = (marks) => {
      calls.push('find')
      return marked(marks)
    }
    const [txid, label] = ['0'.repeat(64), 'contact.personal.email']
    const revoked = async (wanted: object): Promise<string[]> => {
      calls.length = 0
      await operator.send('POST', 'attestations/revoke', wanted)
      return [...new Set(calls)]
    }
    assert.deepEqual(await revoked({ txid, vout: 1 }), [`attestation.revoked ${txid}:1`, 'find'])
    assert.deepEqual(await revoked({ label, value: 'ada@example.org' }), [
      `attestations.revoked ${label}`,
      'find',
    ])
    // What is typed in a wrong field is not kept
    assert.deepEqual(await revoked({ txid: 'ada@example.org' }), ['attestation.revoked ', 'find'])
    assert.deepEqual(await revoked({ label: 'ada@example.org', value: '' }), ['attestations.revoked '])
    Object.assign(audit, { insert })
    Object.assign(anchors, { find, marked })
  })

  it('can be two at once, for one person', async () => {
    const other = await server.owner('Bakery')
    const bakery = await other.partnerId()
    const { json } = await other.send('POST', `partners/${bakery}/invites`, { role: 'DEVELOPER' })
    await owner.join((json as { link: string }).link, { name: 'Ada at the bakery' })
    const { appId } = await owner.createApp({ name: 'Bread', partnerId: bakery })
    const seen = (await other.send('GET', 'apps')).json as { appId: string; partnerId: string }[]
    assert.deepEqual(
      seen.map((app) => [app.appId, app.partnerId]),
      [[appId, bakery]],
    )
    // A developer there, though an owner here
    assert.equal((await owner.send('POST', 'acts', { act: 'delete', appId })).status, 403)
  })
})
