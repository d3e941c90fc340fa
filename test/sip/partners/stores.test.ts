import assert from 'node:assert/strict'
import { PostgresPartnerStores, Sealer } from 'civic-sip-server/database'
import { MemoryPartnerStores } from '../../../sip/lib/store/memory-partners.ts'
import { OPERATORS } from '../../../sip/lib/store/partner-stores.ts'
import type {
  DomainProof,
  Invite,
  PartnerStores,
  Review,
  Role,
} from '../../../sip/lib/store/partner-stores.ts'
import { eachDatabase } from '../../support/databases.ts'
import { allOrNothing } from './all-or-nothing.contract.ts'

const SEALER = new Sealer(['cd'.repeat(32)])
const NOW = Date.UTC(2026, 0, 1)
const SHOP = { id: 'shop', name: 'Shop', createdAt: NOW }
const ADA = { userId: 'a'.repeat(64), name: 'Ada' }
const BOB = { userId: 'b'.repeat(64), name: 'Bob' }

describe('sip: stores of the partners', () => {
  describe('in memory', () => {
    contract(() => Promise.resolve(new MemoryPartnerStores()))
    allOrNothing()
  })
  eachDatabase((name, open) => {
    contract(async () => new PostgresPartnerStores((await open()).pool, SEALER))
    allOrNothing(open)
    // PGlite has one connection
    if (name === 'PostgreSQL')
      it('let nobody who accepts an invite and an owner who leaves wait for each other', async () => {
        const { pool } = await open()
        const { partners, invites } = new PostgresPartnerStores(pool, SEALER)
        await partners.insert(SHOP)
        await invites.insert(invite(), 10, NOW)
        const client = await pool.connect()
        try {
          // As a change of the team does
          await client.query('begin')
          await client.query('select from partners where id = $1 for update', [SHOP.id])
          const accepting = invites.accept(invite().tokenHash, ADA, SHOP, NOW)
          const waiting = 'select from pg_locks where not granted'
          while ((await pool.query(waiting)).rowCount === 0);
          await client.query('delete from invites where partner_id = $1', [SHOP.id])
          await client.query('commit')
          assert.equal(await accepting, undefined)
        } finally {
          client.release()
        }
      })
  })
})

function invite(more: Partial<Invite> = {}): Invite {
  return {
    id: 'i1',
    tokenHash: '01'.repeat(32),
    partnerId: SHOP.id,
    role: 'DEVELOPER',
    createdAt: NOW,
    expiresAt: NOW + 1000,
    ...more,
  }
}

function withoutPartner({ partnerId: _none, ...others }: Invite): Invite {
  return others
}

function contract(open: () => Promise<PartnerStores>): void {
  let stores: PartnerStores
  beforeEach(async () => {
    stores = await open()
  })

  const join = async (person: typeof ADA, role: Role): Promise<void> => {
    await stores.partners.insert(SHOP)
    const tokenHash = `${person.name} ${role}`
    await stores.invites.insert(invite({ tokenHash, role }), 10, NOW)
    const member = await stores.invites.accept(tokenHash, person, SHOP, NOW)
    assert.deepEqual(member, { partnerId: SHOP.id, ...person, role, joinedAt: NOW })
  }

  describe('invites', () => {
    const [{ tokenHash }] = [invite()]
    beforeEach(() => stores.partners.insert(SHOP))

    it('make one member, however many accept at once', async () => {
      await stores.invites.insert(invite(), 10, NOW)
      const people = Array.from({ length: 8 }, (_, i) => ({ userId: String(i), name: `Person ${i}` }))
      const joined = await Promise.all(
        people.map((person) => stores.invites.accept(tokenHash, person, SHOP, NOW)),
      )
      assert.equal(joined.filter(Boolean).length, 1)
      assert.equal((await stores.partners.members(SHOP.id)).length, 1)
      assert.equal(await stores.invites.find(tokenHash, NOW), undefined)
    })

    it('are not spent by somebody who is a member already', async () => {
      await join(ADA, 'OWNER')
      await stores.invites.insert(invite(), 10, NOW)
      assert.equal(await stores.invites.accept(tokenHash, ADA, SHOP, NOW), 'member')
      assert.deepEqual(await stores.invites.find(tokenHash, NOW), invite())
      assert.equal((await stores.partners.members(SHOP.id))[0]?.role, 'OWNER')
    })

    it('make the partner if they name no partner', async () => {
      const open = withoutPartner(invite({ role: 'OWNER' }))
      await stores.invites.insert(open, 10, NOW)
      const made = { id: 'bakery', name: 'Bakery', createdAt: NOW }
      const member = await stores.invites.accept(tokenHash, BOB, made, NOW)
      assert.deepEqual(member, { partnerId: 'bakery', ...BOB, role: 'OWNER', joinedAt: NOW })
      assert.deepEqual(await stores.partners.find('bakery'), made)
      assert.deepEqual(await stores.partners.memberships(BOB.userId), [
        { ...(member as object), partnerName: 'Bakery' },
      ])
    })

    it('expire', async () => {
      await stores.invites.insert(invite(), 10, NOW)
      assert.deepEqual(await stores.invites.find(tokenHash, NOW + 999), invite())
      assert.equal(await stores.invites.find(tokenHash, NOW + 1000), undefined)
      assert.equal(await stores.invites.accept(tokenHash, ADA, SHOP, NOW + 1000), undefined)
      await stores.invites.sweep(NOW + 1000, 10)
      assert.equal(await stores.invites.find(tokenHash, NOW), undefined)
    })

    it('are limited for each partner', async () => {
      const made = await Promise.all(
        ['a', 'b', 'c'].map((id) => stores.invites.insert(invite({ id, tokenHash: id }), 2, NOW)),
      )
      assert.equal(made.filter(Boolean).length, 2)
      const open = withoutPartner(invite({ tokenHash: 'd' }))
      assert.equal(await stores.invites.insert(open, 2, NOW), true)
      assert.equal((await stores.invites.list(SHOP.id, NOW)).length, 2)
      assert.deepEqual(await stores.invites.list(undefined, NOW), [open])
    })

    it('can be withdrawn by their partner', async () => {
      await stores.invites.insert(invite(), 10, NOW)
      assert.equal(await stores.invites.remove('other', 'i1'), false)
      assert.equal(await stores.invites.remove(SHOP.id, 'i1'), true)
      assert.equal(await stores.invites.find(tokenHash, NOW), undefined)
    })
  })

  describe('members', () => {
    it('of a partner and of the operators are kept apart', async () => {
      await join(ADA, 'OWNER')
      await stores.partners.insert({ id: OPERATORS, name: 'Operators', createdAt: NOW })
      await stores.invites.insert(invite({ partnerId: OPERATORS, role: 'OPERATOR' }), 10, NOW)
      await stores.invites.accept(invite().tokenHash, ADA, SHOP, NOW + 1)
      const roles = (await stores.partners.memberships(ADA.userId)).map(({ partnerId, role }) => [
        partnerId,
        role,
      ])
      assert.deepEqual(roles, [
        [SHOP.id, 'OWNER'],
        [OPERATORS, 'OPERATOR'],
      ])
      assert.deepEqual((await stores.partners.list()).map(({ id }) => id).sort(), [OPERATORS, SHOP.id].sort())
    })

    it('change their role, and leave', async () => {
      await join(ADA, 'OWNER')
      await join(BOB, 'DEVELOPER')
      assert.equal(await stores.partners.change(SHOP.id, BOB.userId, 'ADMIN', 'OWNER'), 'done')
      assert.deepEqual(
        (await stores.partners.members(SHOP.id)).map(({ role }) => role),
        ['OWNER', 'ADMIN'],
      )
      assert.equal(await stores.partners.change(SHOP.id, BOB.userId, undefined, 'OWNER'), 'done')
      assert.equal(await stores.partners.change(SHOP.id, BOB.userId, undefined, 'OWNER'), 'unknown')
      assert.deepEqual(await stores.partners.memberships(BOB.userId), [])
    })

    it('keep their last owner', async () => {
      await join(ADA, 'OWNER')
      await join(BOB, 'DEVELOPER')
      assert.equal(await stores.partners.change(SHOP.id, ADA.userId, undefined, 'OWNER'), 'last')
      assert.equal(await stores.partners.change(SHOP.id, ADA.userId, 'ADMIN', 'OWNER'), 'last')
      assert.equal(await stores.partners.change(SHOP.id, ADA.userId, 'OWNER', 'OWNER'), 'done')
    })

    it('lose the open invites of their partner only if an owner leaves', async () => {
      await join(ADA, 'OWNER')
      await join(BOB, 'OWNER')
      await stores.invites.insert(invite(), 10, NOW)
      await stores.partners.insert({ ...SHOP, id: OPERATORS })
      await stores.invites.insert(invite({ tokenHash: 'other', partnerId: OPERATORS }), 10, NOW)
      const list = async (partnerId: string) => (await stores.invites.list(partnerId, NOW)).length
      await stores.partners.change(SHOP.id, BOB.userId, 'OWNER', 'OWNER')
      assert.equal(await list(SHOP.id), 1)
      await stores.partners.change(SHOP.id, BOB.userId, 'ADMIN', 'OWNER')
      assert.deepEqual([await list(SHOP.id), await list(OPERATORS)], [0, 1])
      await stores.invites.insert(invite(), 10, NOW)
      await stores.partners.change(SHOP.id, BOB.userId, undefined, 'OWNER')
      assert.equal(await list(SHOP.id), 1)
    })

    it('keep one owner when all of them leave at once', async () => {
      await join(ADA, 'OWNER')
      await join(BOB, 'OWNER')
      const left = await Promise.all(
        [ADA, BOB].map(({ userId }) => stores.partners.change(SHOP.id, userId, undefined, 'OWNER')),
      )
      assert.deepEqual([...left].sort(), ['done', 'last'])
    })
  })

  describe('email addresses', () => {
    const address = 'ada@example.org'
    const owner = { userId: ADA.userId, partnerId: SHOP.id, partnerName: SHOP.name }

    it('are those of owners, of each partner and of all', async () => {
      await join(ADA, 'OWNER')
      await join(BOB, 'DEVELOPER')
      await stores.invites.insert(withoutPartner(invite({ role: 'OWNER' })), 10, NOW)
      const bakery = { id: 'bakery', name: 'Bakery', createdAt: NOW }
      await stores.invites.accept(invite().tokenHash, ADA, bakery, NOW)
      assert.equal(await stores.emails.put(BOB.userId, 'bob@example.org'), false)
      assert.deepEqual(await stores.emails.owners(SHOP.id), [owner])
      assert.equal(await stores.emails.put(ADA.userId, 'old@example.org'), true)
      assert.equal(await stores.emails.put(ADA.userId, address), true)
      assert.deepEqual(await stores.emails.owners(SHOP.id), [{ ...owner, address }])
      const ofBakery = { ...owner, partnerId: 'bakery', partnerName: 'Bakery' }
      assert.deepEqual(await stores.emails.owners(), [
        { ...ofBakery, address },
        { ...owner, address },
      ])
      assert.equal(await stores.emails.find(ADA.userId), address)
      await stores.emails.remove(ADA.userId)
      assert.equal(await stores.emails.find(ADA.userId), undefined)
      assert.deepEqual(await stores.emails.owners('bakery'), [ofBakery])
    })

    for (const [what, role] of [
      ['leaves', undefined],
      ['becomes a developer', 'DEVELOPER'],
    ] as const)
      it(`are forgotten with an owner who ${what}, even while the address is confirmed`, async () => {
        await join(ADA, 'OWNER')
        await join(BOB, 'OWNER')
        await stores.emails.put(BOB.userId, 'bob@example.org')
        await Promise.all([
          stores.emails.put(ADA.userId, address),
          stores.partners.change(SHOP.id, ADA.userId, role, 'OWNER'),
          stores.emails.put(ADA.userId, address),
        ])
        assert.equal(await stores.emails.find(ADA.userId), undefined)
        assert.equal(await stores.emails.find(BOB.userId), 'bob@example.org')
      })
  })

  describe('sessions', () => {
    const session = { id: 's1', userId: ADA.userId, createdAt: NOW, expiresAt: NOW + 1000 }
    const act = { id: 'act1', what: 'reveal app key', description: 'Show the secret' }
    beforeEach(() => stores.sessions.insert(session))

    it('are found until they end', async () => {
      assert.deepEqual(await stores.sessions.find('s1', NOW), session)
      assert.equal(await stores.sessions.find('s1', NOW + 1000), undefined)
      await stores.sessions.sweep(NOW + 1000, 10)
      assert.equal(await stores.sessions.find('s1', NOW), undefined)
    })

    it('end one by one, and all of a person', async () => {
      await stores.sessions.insert({ ...session, id: 's2' })
      await stores.sessions.remove('s1')
      assert.equal(await stores.sessions.find('s1', NOW), undefined)
      await stores.sessions.removeOf(ADA.userId)
      assert.equal(await stores.sessions.find('s2', NOW), undefined)
    })

    it('have an act approved by the request that showed it, once', async () => {
      assert.equal(await stores.sessions.ask('s1', act), true)
      assert.equal(await stores.sessions.show('s1', 'act1', 'uuid'), true)
      assert.deepEqual(await stores.sessions.find('s1', NOW), { ...session, act, actRequest: 'uuid' })
      assert.equal(await stores.sessions.approve('s1', ADA.userId, 'uuid', NOW), true)
      const approved = { ...session, approved: act.what, approvedAt: NOW }
      assert.deepEqual(await stores.sessions.find('s1', NOW), approved)
      assert.equal(await stores.sessions.approve('s1', ADA.userId, 'uuid', NOW), false)
    })

    it('have no act approved by another request, another person, or for another act', async () => {
      await stores.sessions.ask('s1', act)
      assert.equal(await stores.sessions.show('s1', 'other', 'uuid'), false)
      await stores.sessions.show('s1', 'act1', 'uuid')
      assert.equal(await stores.sessions.approve('s1', ADA.userId, 'other', NOW), false)
      assert.equal(await stores.sessions.approve('s1', BOB.userId, 'uuid', NOW), false)
      assert.equal(await stores.sessions.approve('s1', ADA.userId, 'uuid', NOW + 1000), false)
      // What the wallet showed was the act before
      await stores.sessions.ask('s1', { ...act, id: 'act2', what: 'revoke app key' })
      assert.equal(await stores.sessions.approve('s1', ADA.userId, 'uuid', NOW), false)
      assert.equal(await stores.sessions.ask('nobody', act), false)
    })
  })

  describe('the audit log', () => {
    const entry = (what: string, partnerId?: string) => ({
      at: NOW,
      who: 'Ada',
      what,
      ...(partnerId !== undefined && { partnerId }),
    })

    it('is listed newest first, of one partner or of all, in pages', async () => {
      for (const [what, partnerId] of [
        ['one', 'shop'],
        ['two', 'bakery'],
        ['three', 'shop'],
        ['four'],
      ] as const)
        await stores.audit.insert(entry(what, partnerId))
      const whats = async (partnerId?: string, before?: string): Promise<string[]> =>
        (await stores.audit.list(partnerId, 2, before)).map(({ what }) => what)
      assert.deepEqual(await whats('shop'), ['three', 'one'])
      assert.deepEqual(await whats(), ['four', 'three'])
      const [, last] = await stores.audit.list(undefined, 2)
      assert.deepEqual(await whats(undefined, last!.id), ['two', 'one'])
    })

    it('forgets what is old', async () => {
      await stores.audit.insert({ ...entry('old'), at: NOW - 1 })
      await stores.audit.insert(entry('new'))
      await stores.audit.sweep(NOW, 10)
      assert.deepEqual(
        (await stores.audit.list(undefined, 10)).map(({ what }) => what),
        ['new'],
      )
    })
  })

  describe('proofs of domains', () => {
    const proof = (more: Partial<DomainProof> = {}): DomainProof => ({
      appId: 'app',
      host: 'shop.example.org',
      value: 'v1',
      waiting: ['https://shop.example.org'],
      ...more,
    })

    it('let further entries of a host wait, with the value that is there', async () => {
      assert.deepEqual(await stores.proofs.wait(proof(), 2), proof())
      const waiting = ['shop.example.org']
      assert.deepEqual(
        await stores.proofs.wait(proof({ value: 'v2', waiting }), 2),
        proof({ waiting: ['https://shop.example.org', 'shop.example.org'] }),
      )
    })

    it('are limited for each app', async () => {
      for (const host of ['b.example', 'a.example']) await stores.proofs.wait(proof({ host }), 2)
      assert.equal(await stores.proofs.wait(proof({ host: 'c.example' }), 2), undefined)
      assert.ok(await stores.proofs.wait(proof({ host: 'a.example' }), 2))
      assert.deepEqual(
        (await stores.proofs.list('app')).map(({ host }) => host),
        ['a.example', 'b.example'],
      )
      await stores.proofs.removeAll('app')
      assert.deepEqual(await stores.proofs.list('app'), [])
    })

    it('are given to one caller when they are due', async () => {
      await stores.proofs.wait(proof(), 2)
      const proved = { waiting: [], provedAt: NOW, nextCheckAt: NOW + 10 }
      assert.deepEqual(await stores.proofs.update('app', 'shop.example.org', proved), proof(proved))
      assert.deepEqual(await stores.proofs.due(NOW + 9, NOW + 99, 5), [])
      const due = await Promise.all([1, 2, 3].map(() => stores.proofs.due(NOW + 10, NOW + 99, 5)))
      assert.deepEqual(due.flat(), [proof({ ...proved, nextCheckAt: NOW + 99 })])
      await stores.proofs.remove('app', 'shop.example.org')
      assert.equal(await stores.proofs.update('app', 'shop.example.org', proved), undefined)
    })
  })

  describe('reviews', () => {
    const review: Review = {
      appId: 'app',
      partnerId: 'shop',
      live: true,
      scopes: ['civicBasic'],
      askedAt: NOW,
      askedBy: 'Ada',
    }

    it('wait until one operator takes them', async () => {
      await stores.reviews.put(review)
      await stores.reviews.put({ ...review, appId: 'older', askedAt: NOW - 1 })
      assert.deepEqual(
        (await stores.reviews.waiting()).map(({ appId }) => appId),
        ['older', 'app'],
      )
      assert.equal(await stores.reviews.take('app', NOW - 1), undefined)
      const taken = await Promise.all([1, 2, 3].map(() => stores.reviews.take('app', NOW)))
      assert.deepEqual(taken.filter(Boolean), [review])
    })

    it('are refused with a reason, until they are asked for again', async () => {
      await stores.reviews.put(review)
      assert.equal(await stores.reviews.refuse('app', NOW, 'Say who you are'), true)
      assert.equal(await stores.reviews.refuse('app', NOW, 'Again'), false)
      assert.deepEqual(await stores.reviews.find('app'), { ...review, refusal: 'Say who you are' })
      assert.deepEqual(await stores.reviews.waiting(), [])
      const again = { ...review, name: 'Shop', logo: '', askedAt: NOW + 1 }
      await stores.reviews.put(again)
      assert.deepEqual(await stores.reviews.find('app'), again)
      await stores.reviews.remove('app')
      assert.equal(await stores.reviews.find('app'), undefined)
    })
  })

  describe('requests of people who log in', () => {
    it('are added once, replaced, and taken once', async () => {
      const { direct } = stores
      const added = await Promise.all([1, 2, 3].map(() => direct.add('k', 'one', 60_000)))
      assert.deepEqual(added.filter(Boolean).length, 1)
      await direct.set('k', 'two', 60_000)
      assert.equal(await direct.get('k'), 'two')
      const taken = await Promise.all([1, 2, 3].map(() => direct.take('k')))
      assert.deepEqual(taken.filter(Boolean), ['two'])
    })

    it('expire', async () => {
      const { direct } = stores
      await direct.set('k', 'one', -1)
      assert.equal(await direct.get('k'), undefined)
      assert.equal(await direct.add('k', 'two', 60_000), true)
      await direct.set('old', 'one', -1)
      assert.equal(await direct.take('old'), undefined)
      await direct.sweep()
      assert.equal(await direct.get('k'), 'two')
    })
  })
}
