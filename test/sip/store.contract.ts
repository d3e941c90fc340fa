import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { newApp } from 'civic-sip-server'
import type { Credentials, Issued, Stores } from 'civic-sip-server'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import type { Unsigned } from '../../sip/lib/attester/attester.ts'
import type { Issuance } from '../../sip/lib/attester/issuance.ts'
import type { Activity } from '../../sip/lib/partners/activity.ts'
import type { ScopeRequest } from '../../sip/lib/scope-requests/scope-request.ts'
import type { Patch } from '../../sip/lib/store/stores.ts'
import { scopeRequest } from './support/records.ts'

/** The stores under test, and the time that they go by. */
export interface Opened {
  readonly stores: Stores
  /** What a second process has: the same data. In memory, the same stores. */
  readonly others: Stores
  /** Lets that many milliseconds pass. */
  readonly pass: (milliseconds: number) => void
  readonly now: () => number
}

/**
 * What every implementation of `Stores` must do.
 * @param open empty stores, one after the other
 */
export function storeContract(open: () => Promise<Opened>): void {
  let stores: Stores
  let others: Stores
  let pass: Opened['pass']
  let now: Opened['now']
  beforeEach(async () => {
    ;({ stores, others, pass, now } = await open())
  })

  const request = (fields?: Partial<ScopeRequest>): ScopeRequest => scopeRequest(fields, now())

  describe('apps', () => {
    const { pubKey } = newKeyPair()
    const app = (name: string) => newApp({ name, whitelist: ['localhost'], pubKey }, Date.now)
    const keys = (keyId: string): Credentials => ({ ...app('Keys').credentials[0], keyId })

    it('are found, and listed in the order in which they were made', async () => {
      const apps = ['One', 'Two', 'Three'].map(app)
      for (const one of apps) assert.equal(await stores.apps.insert(one, 10), true)
      assert.deepEqual(await stores.apps.list(), apps)
      assert.deepEqual(await stores.apps.find(apps[1]!.appId), apps[1])
      assert.equal(await stores.apps.find('nobody'), undefined)
    })

    it('return their allowed domains, each one once', async () => {
      const whitelists = [['localhost', 'https://one.example.org'], ['localhost'], ['two.example.org'], []]
      for (const whitelist of whitelists)
        await stores.apps.insert(newApp({ name: 'Shop', whitelist, pubKey }, Date.now), 10)
      const allowed = async (entries?: readonly string[]) => [...(await stores.apps.allowed(entries))].sort()
      assert.deepEqual(await allowed(), ['https://one.example.org', 'localhost', 'two.example.org'])
      assert.deepEqual(await allowed(['localhost', 'https://two.example.org', 'two.example.org']), [
        'localhost',
        'two.example.org',
      ])
      assert.deepEqual(await allowed(['example.org', 'one.example.org', '%']), [])
      assert.deepEqual(await allowed([]), [])
    })

    it('are limited, even if many come at once', async () => {
      const made = await Promise.all(Array.from({ length: 5 }, (_, i) => stores.apps.insert(app(`${i}`), 3)))
      assert.equal(made.filter(Boolean).length, 3)
      assert.equal((await stores.apps.list()).length, 3)
    })

    it('change in the named fields', async () => {
      const one = app('One')
      await stores.apps.insert(one, 10)
      const changed = { ...one, name: 'Two' }
      assert.deepEqual(await stores.apps.update(one.appId, { name: 'Two', scopes: undefined }), changed)
      assert.deepEqual(await stores.apps.find(one.appId), changed)
      assert.equal(await stores.apps.update('nobody', { name: 'Two' }), undefined)
      const decided = { environment: 'test', isSuspended: true, returnPaths: ['/login'] } as const
      assert.deepEqual(await stores.apps.update(one.appId, decided), { ...changed, ...decided })
    })

    it('are removed once', async () => {
      const one = app('One')
      await stores.apps.insert(one, 10)
      const removed = await Promise.all([stores.apps.remove(one.appId), stores.apps.remove(one.appId)])
      assert.deepEqual(removed.sort(), [false, true])
      assert.deepEqual(await stores.apps.list(), [])
    })

    it('have two sets of credentials at most, and one at least, the newest first', async () => {
      const one = app('One')
      const [first] = one.credentials
      await stores.apps.insert(one, 10)
      const added = await Promise.all(
        ['b', 'c'].map((keyId) => stores.apps.addCredentials(one.appId, keys(keyId), 2)),
      )
      assert.deepEqual([...added].sort(), [false, true])
      assert.equal(await stores.apps.addCredentials('nobody', keys('d'), 2), false)
      const { credentials } = (await stores.apps.find(one.appId))!
      assert.deepEqual(credentials[1], first)
      assert.equal(await stores.apps.removeCredentials(one.appId, 'nothing'), false)
      const removed = await Promise.all(
        credentials.map(({ keyId }) => stores.apps.removeCredentials(one.appId, keyId)),
      )
      assert.deepEqual(removed.sort(), [false, true])
      assert.equal((await stores.apps.find(one.appId))!.credentials.length, 1)
    })

    it('have credentials that end, but for one', async () => {
      const one = app('One')
      const { appId } = one
      const [first] = one.credentials
      const fresh = keys('b')
      const found = async () => (await stores.apps.find(appId))!.credentials
      await stores.apps.insert(one, 10)
      assert.equal(await stores.apps.endCredentials(appId, first.keyId, 1_000), undefined)
      await stores.apps.addCredentials(appId, fresh, 2)
      assert.equal(await stores.apps.endCredentials(appId, 'nothing', 1_000), undefined)
      assert.equal(await stores.apps.endCredentials('nobody', fresh.keyId, 1_000), undefined)
      const ended = await Promise.all(
        [first, fresh].map(({ keyId }) => stores.apps.endCredentials(appId, keyId, 1_000)),
      )
      const [changed, ...others] = ended.filter((app) => app !== undefined)
      assert.deepEqual(others, [])
      assert.deepEqual(changed!.credentials, await found())
      const lasting = (await found()).find(({ endsAt }) => endsAt === undefined)!
      const ending = (await found()).find(({ endsAt }) => endsAt !== undefined)!
      assert.deepEqual(
        (await found()).map(({ endsAt: _, ...keys }) => keys),
        [fresh, first],
      )
      assert.equal(ending.endsAt, 1_000)
      assert.equal(await stores.apps.removeCredentials(appId, lasting.keyId), false)
      // An end only moves closer: what has ended stays so
      for (const [wanted, end] of [
        [2_000, 1_000],
        [900, 900],
      ] as const) {
        await stores.apps.endCredentials(appId, ending.keyId, wanted)
        assert.deepEqual(
          (await found()).map(({ endsAt = end }) => endsAt),
          [end, end],
        )
      }
      await stores.apps.sweepCredentials(899)
      assert.equal((await found()).length, 2)
      await stores.apps.sweepCredentials(900)
      assert.deepEqual(await found(), [lasting])
      assert.equal(await stores.apps.addCredentials(appId, keys('c'), 2), true)
    })

    it('have new credentials in place of those that ended before, and leave other apps as they are', async () => {
      const [one, two] = [app('One'), app('Two')]
      const fresh = keys('b')
      for (const { appId, credentials } of [one, two]) {
        await stores.apps.insert(appId === one.appId ? one : two, 10)
        await stores.apps.addCredentials(appId, fresh, 2)
        await stores.apps.endCredentials(appId, credentials[0].keyId, 1_000)
      }
      const next = { ...keys('c'), createdAt: 1_000 }
      assert.equal(await stores.apps.addCredentials(one.appId, { ...next, createdAt: 999 }, 2), false)
      assert.equal(await stores.apps.addCredentials(one.appId, next, 2), true)
      assert.deepEqual((await stores.apps.find(one.appId))!.credentials, [next, fresh])
      assert.equal((await stores.apps.find(two.appId))!.credentials.length, 2)
    })

    it('remove credentials that would have ended later', async () => {
      const one = app('One')
      const [first] = one.credentials
      const fresh = keys('b')
      await stores.apps.insert(one, 10)
      await stores.apps.addCredentials(one.appId, fresh, 2)
      await stores.apps.endCredentials(one.appId, first.keyId, 1_000)
      assert.equal(await stores.apps.removeCredentials(one.appId, first.keyId), true)
      assert.deepEqual((await stores.apps.find(one.appId))!.credentials, [fresh])
    })
  })

  describe('scope requests', () => {
    const grant = (code: string) => ({ userId: 'x', code, authToken: 'x', sealed: { key: 'x' } })

    it('are found, and counted', async () => {
      const one = request({ returnUrl: 'https://shop.example.org/' })
      assert.equal(await stores.requests.insert(one, 2), true)
      assert.deepEqual(await stores.requests.find(one.uuid), one)
      assert.equal(await stores.requests.find(randomUUID()), undefined)
      const more = await Promise.all([1, 2].map(() => stores.requests.insert(request(), 2)))
      assert.deepEqual(more.sort(), [false, true])
      assert.equal(await stores.requests.count(), 2)
    })

    it('move from the states that are named, and for one caller', async () => {
      const one = request()
      await stores.requests.insert(one, 2)
      assert.equal(await stores.requests.move(one.uuid, ['read'], 'granted'), undefined)
      const moved = await Promise.all(
        ['a', 'b', 'c'].map((answerHash) =>
          stores.requests.move(one.uuid, ['created'], 'denied', { answerHash }),
        ),
      )
      const [winner] = moved.filter((found) => found !== undefined)
      assert.equal(moved.filter((found) => found !== undefined).length, 1)
      assert.deepEqual(await stores.requests.find(one.uuid), winner)
      assert.deepEqual(winner, { ...one, state: 'denied', answerHash: winner!.answerHash })
      assert.equal(await stores.requests.move(randomUUID(), ['created'], 'read'), undefined)
    })

    it('lose fields that a patch removes', async () => {
      const one = request({ reason: 'waits' })
      await stores.requests.insert(one, 2)
      const moved = await stores.requests.move(one.uuid, ['created'], 'read', { reason: undefined })
      assert.ok(moved && !('reason' in moved))
    })

    it('are found by their code, as used until its time is over', async () => {
      const one = request()
      await stores.requests.insert(one, 2)
      const codeUntil = now() + 5000
      await stores.requests.move(one.uuid, ['created'], 'granted', {
        grant: grant('c'),
        code: 'c',
        codeUntil,
      })
      assert.deepEqual((await stores.requests.findByCode('c'))?.grant, grant('c'))
      await stores.requests.move(one.uuid, ['granted'], 'exchanged', { grant: undefined })
      pass(2000)
      await stores.requests.forget(now(), now())
      assert.equal(await stores.requests.find(one.uuid), undefined)
      const used = await stores.requests.findByCode('c')
      assert.deepEqual([used?.state, used?.grant], ['exchanged', undefined])
      pass(3000)
      await stores.requests.forget(now(), now())
      assert.equal(await stores.requests.findByCode('c'), undefined)
    })

    it('have a number of slots for each counter, claimed one after the other', async () => {
      const [one, other] = [request(), request()]
      for (const each of [one, other]) await stores.requests.insert(each, 2)
      const claimed = await Promise.all(
        Array.from({ length: 20 }, () => stores.requests.claim(one.uuid, 'try', 3)),
      )
      const slots = claimed.filter((slot) => slot !== undefined)
      assert.deepEqual(slots.sort(), [1, 2, 3])
      assert.equal(await stores.requests.claim(one.uuid, 'answer', 3), 1)
      assert.equal(await stores.requests.claim(other.uuid, 'try', 3), 1)
      assert.equal(await stores.requests.claim(randomUUID(), 'try', 3), undefined)
    })

    it('give one owner one slot, however often it asks', async () => {
      const one = request()
      await stores.requests.insert(one, 2)
      const claim = (owner: string) => stores.requests.claim(one.uuid, 'answer', 2, owner)
      assert.deepEqual(new Set(await Promise.all([claim('a'), claim('a'), claim('a')])), new Set([1]))
      assert.equal(await claim('b'), 2)
      assert.deepEqual([await claim('c'), await claim('a')], [undefined, 1])
    })

    it('take their slots with them', async () => {
      const one = request()
      await stores.requests.insert(one, 2)
      await stores.requests.claim(one.uuid, 'try', 1)
      pass(1000)
      await stores.requests.forget(now(), now())
      await stores.requests.insert({ ...one, deadline: now() + 1000 }, 2)
      assert.equal(await stores.requests.claim(one.uuid, 'try', 1), 1)
    })

    it('are due after their deadline, in the named states', async () => {
      const [one, other] = [request(), request({ state: 'denied' })]
      for (const each of [one, other]) await stores.requests.insert(each, 2)
      assert.deepEqual(await stores.requests.due(['created'], now()), [])
      pass(1000)
      assert.deepEqual(await stores.requests.due(['created'], now()), [one])
    })
  })

  describe('payloads', () => {
    it('end at their deadline', async () => {
      await stores.payloads.put('long', 'a', now() + 2000)
      await stores.payloads.put('short', 'b', now() + 1000)
      pass(999)
      assert.equal(await stores.payloads.find('short'), 'b')
      pass(1)
      assert.equal(await stores.payloads.find('short'), undefined)
      await stores.payloads.sweep()
      assert.equal(await stores.payloads.count(), 1)
      await stores.payloads.remove('long')
      assert.equal(await stores.payloads.find('long'), undefined)
    })
  })

  describe('codes', () => {
    it('are used once', async () => {
      await stores.codes.put('a', '123456', now() + 1000)
      const used = await Promise.all([1, 2].map(() => stores.codes.redeem('a', '123456', 5)))
      assert.deepEqual(used.sort(), [false, true])
    })

    it('are used up by wrong guesses, and end at their deadline', async () => {
      await stores.codes.put('a', '123456', now() + 1000)
      await Promise.all([1, 2, 3].map(() => stores.codes.redeem('a', '000000', 3)))
      assert.equal(await stores.codes.redeem('a', '123456', 3), false)
      await stores.codes.put('a', '123456', now() + 1000)
      pass(1000)
      assert.equal(await stores.codes.redeem('a', '123456', 3), false)
    })

    it('are counted all together or not at all', async () => {
      const counters = [
        { name: 'a', limit: 2 },
        { name: 'b', limit: 1 },
      ]
      assert.equal(await stores.codes.count(counters, 1000), undefined)
      pass(400)
      assert.equal(await stores.codes.count(counters, 1000), 600)
      assert.equal(await stores.codes.count(counters.slice(0, 1), 1000), undefined)
      assert.equal(await stores.codes.count(counters.slice(0, 1), 1000), 600)
      pass(600)
      assert.equal(await stores.codes.count(counters, 1000), undefined)
    })
  })

  describe('settings', () => {
    it('are made once', async () => {
      const made = await Promise.all(['a', 'b', 'c'].map((value) => stores.settings.once('one', value)))
      assert.equal(new Set(made).size, 1)
      assert.equal(await stores.settings.once('one', 'd'), made[0])
      assert.equal(await stores.settings.once('other', 'e'), 'e')
    })
  })

  describe('anchors', () => {
    const entry = (txid: string, fields: Partial<Issued> = {}): Issued => ({
      txid,
      vout: 0,
      set: 'attCivicBasic',
      labels: [],
      xpub: 'xpub',
      publicKey: 'key',
      issuedAt: now(),
      revoked: false,
      attested: {} as Issued['attested'],
      marks: {},
      proven: {},
      ...fields,
    })

    it('are listed oldest first, and found by their place, their key and set, and their marks', async () => {
      const entries = [
        entry('a'),
        entry('b', { set: 'attCivicIdentity', marks: { email: '1' } }),
        entry('c', { publicKey: 'other', marks: { email: '1', phone: '2' } }),
      ]
      await stores.anchors.insert(entries.slice(0, 2), 10)
      await stores.anchors.insert(entries.slice(2), 10)
      const names = (found: readonly Issued[]): string => found.map(({ txid }) => txid).join('')
      assert.deepEqual(await stores.anchors.list(), entries)
      assert.deepEqual(await stores.anchors.find('b', 0), entries[1])
      assert.equal(await stores.anchors.find('b', 1), undefined)
      assert.equal(names(await stores.anchors.anchoredBy(['c', 'a', 'nowhere'])), 'ac')
      const [key, other] = [{ publicKey: 'key' }, { publicKey: 'other' }]
      const set = 'attCivicBasic'
      assert.equal(names(await stores.anchors.live([{ ...key, set }])), 'a')
      assert.equal(
        names(
          await stores.anchors.live([
            { ...other, set },
            { ...key, set: 'attCivicIdentity' },
          ]),
        ),
        'bc',
      )
      assert.equal(names(await stores.anchors.marked({ email: '1' })), 'bc')
      assert.equal(names(await stores.anchors.marked({ email: '3', phone: '2' })), 'c')
      assert.equal(names(await stores.anchors.marked({})), '')
    })

    it('that are revoked live no more', async () => {
      const entries = [entry('a'), entry('a', { vout: 1 }), entry('b', { vout: 1 }), entry('c')]
      await stores.anchors.insert(entries, 10)
      await stores.anchors.revoke([entries[1]!, entries[2]!, { txid: 'nowhere', vout: 0 }])
      const expected = entries.map((each, at) => ({ ...each, revoked: at === 1 || at === 2 }))
      assert.deepEqual(await stores.anchors.list(), expected)
      const live = await stores.anchors.live([{ publicKey: 'key', set: 'attCivicBasic' }])
      assert.deepEqual(live, [entries[0], entries[3]])
    })

    it('are forgotten when they are removed, or revoked and the oldest of too many', async () => {
      const revoked = ['a', 'b', 'c'].map((txid) => entry(txid, { revoked: true }))
      await stores.anchors.insert([...revoked, entry('d'), entry('e'), entry('d', { vout: 1 })], 2)
      await stores.anchors.remove([
        { txid: 'e', vout: 0 },
        { txid: 'd', vout: 1 },
      ])
      assert.deepEqual(
        (await stores.anchors.list()).map(({ txid }) => txid),
        ['b', 'c', 'd'],
      )
    })
  })

  describe('trees that wait to be signed', () => {
    const tree = { set: 'attCivicBasic', xpub: 'xpub', tree: {} as Unsigned['tree'] } as const

    it('stay as they are until their deadline', async () => {
      const other = { ...tree, xpub: 'other' }
      assert.equal(await stores.unsigned.put('a', tree, now() + 1000), true)
      assert.equal(await stores.unsigned.put('a', other, now() + 2000), true)
      assert.deepEqual(await stores.unsigned.find('a'), tree)
      pass(1000)
      assert.equal(await stores.unsigned.find('a'), undefined)
      await stores.unsigned.put('a', other, now() + 1000)
      assert.deepEqual(await stores.unsigned.find('a'), other)
      await stores.unsigned.remove('a')
      assert.equal(await stores.unsigned.find('a'), undefined)
    })

    it('are limited, until some have ended', async () => {
      const put = (key: string) => stores.unsigned.put(key, tree, now() + 1000, 2)
      const made = await Promise.all(['a', 'b', 'c'].map(put))
      assert.deepEqual(made.sort(), [false, true, true])
      pass(1000)
      assert.equal(await put('d'), true)
    })
  })

  describe('issuances', () => {
    const issuance = (id: string): Issuance => ({
      id,
      set: 'attCivicBasic',
      publicKey: 'key',
      state: 'anchoring',
      attestations: [],
    })

    it('change in the named fields, and lose those that a patch removes', async () => {
      for (const id of ['a', 'b', 'c'])
        await stores.issuances.insert({ ...issuance(id), failure: 'no money' }, 10)
      const patches = new Map<string, Patch<Issuance>>([
        ['a', { isSent: true, failure: undefined }],
        ['c', { publicKey: 'other' }],
        ['d', { isSent: true }],
      ])
      await stores.issuances.update(patches)
      assert.deepEqual(await stores.issuances.findAll(['c', 'd', 'a', 'b']), [
        { ...issuance('c'), failure: 'no money', publicKey: 'other' },
        { ...issuance('a'), isSent: true },
        { ...issuance('b'), failure: 'no money' },
      ])
      assert.equal(await stores.issuances.find('d'), undefined)
    })

    it('are the first of their id', async () => {
      assert.equal(await stores.issuances.insert(issuance('a'), 10), true)
      assert.equal(await stores.issuances.insert({ ...issuance('a'), publicKey: 'other' }, 10), false)
      assert.deepEqual(await stores.issuances.find('a'), issuance('a'))
    })

    it('are forgotten once their time is over', async () => {
      for (const id of ['a', 'b', 'c']) await stores.issuances.insert(issuance(id), 10)
      await stores.issuances.update(
        new Map([
          ['a', { until: now() }],
          ['b', { until: now() + 1 }],
        ]),
      )
      await stores.issuances.sweep(now())
      const found = await Promise.all(['a', 'b', 'c'].map((id) => stores.issuances.find(id)))
      assert.deepEqual(
        found.map((each) => each?.id),
        [undefined, 'b', 'c'],
      )
    })

    it('are forgotten when they are the oldest of too many', async () => {
      for (const id of ['a', 'b', 'c']) await stores.issuances.insert(issuance(id), 2)
      assert.equal(await stores.issuances.find('a'), undefined)
      assert.deepEqual(await stores.issuances.find('b'), issuance('b'))
    })
  })

  describe('turns', () => {
    it('run one after the other for one name, in order', async () => {
      const done: string[] = []
      let isActing = false
      const act = async (name: string): Promise<string> => {
        assert.equal(isActing, false, 'nobody else acts')
        isActing = true
        await new Promise((resolve) => setImmediate(resolve))
        isActing = false
        done.push(name)
        return name
      }
      const turns = ['a', 'b', 'c'].map((name) => stores.turns.take('one', () => act(name)))
      assert.deepEqual(await Promise.all(turns), ['a', 'b', 'c'])
      assert.deepEqual(done, ['a', 'b', 'c'])
    })

    it('run after a failed one as well, and do not wait for other names', async () => {
      const failed = stores.turns.take('one', () => Promise.reject(new Error('no')))
      const next = stores.turns.take('one', () => Promise.resolve('next'))
      await assert.rejects(failed, /^Error: no$/)
      assert.equal(await next, 'next')
      let resolve: (text: string) => void = () => undefined
      const promise = new Promise<string>((settle) => (resolve = settle))
      const waits = stores.turns.take('one', () => promise)
      assert.equal(await stores.turns.take('two', () => Promise.resolve('other')), 'other')
      resolve('late')
      assert.equal(await waits, 'late')
    })
  })

  describe('activities', () => {
    const activity = (id: string, appId = 'app'): Activity => ({
      id,
      at: now(),
      appId,
      appName: 'Shop',
      state: 'created',
      timeline: [{ at: now(), state: 'created' }],
    })

    it('are listed newest first, found by their id, and the oldest of too many forgotten', async () => {
      for (const id of ['a', 'b', 'c']) await stores.activities.insert(activity(id), 2)
      assert.deepEqual(await stores.activities.list(9), [activity('c'), activity('b')])
      assert.deepEqual(await stores.activities.list(1), [activity('c')])
      assert.deepEqual(await stores.activities.find('b'), activity('b'))
      assert.equal(await stores.activities.find('a'), undefined)
    })

    it('have a list for each app: many of one push nothing of another’s off', async () => {
      await stores.activities.insert(activity('quiet', 'other'), 2)
      for (const id of ['a', 'b', 'c', 'd']) await stores.activities.insert(activity(id), 2)
      const listed = async (max: number, appIds?: string[]) =>
        (await stores.activities.list(max, appIds)).map(({ id }) => id)
      assert.deepEqual(await listed(9), ['d', 'c', 'quiet'])
      assert.deepEqual(await listed(9, ['other']), ['quiet'])
      assert.deepEqual(await listed(2, ['other', 'app']), ['d', 'c'])
      assert.deepEqual(await listed(9, []), [])
    })

    it('are forgotten with their app, and when they are old', async () => {
      await stores.activities.insert(activity('old', 'other'), 2)
      pass(1)
      await stores.activities.insert(activity('new', 'other'), 2)
      await stores.activities.insert(activity('a'), 2)
      await stores.activities.forget('app')
      assert.equal(await stores.activities.find('a'), undefined)
      await stores.activities.sweep(now() - 1)
      assert.deepEqual(await stores.activities.list(9), [activity('new', 'other')])
    })

    it('change with each event, of which the last ones are kept', async () => {
      await stores.activities.insert({ ...activity('a'), problem: 'no' }, 2)
      const read = { at: now() + 1, state: 'read' } as const
      const patch = { state: 'read', problem: undefined, walletKey: 'key' } as const
      assert.equal(await stores.activities.note('a', read, patch, 2), true)
      const { timeline, ...changed } = (await stores.activities.find('a'))!
      assert.deepEqual(timeline, [...activity('a').timeline, read])
      assert.deepEqual(
        { ...changed, timeline: [] },
        { ...activity('a'), timeline: [], state: 'read', walletKey: 'key' },
      )
      const failed = { at: now() + 2, state: 'failed', problem: 'late' } as const
      await stores.activities.note('a', failed, { problem: 'late' }, 2)
      assert.deepEqual((await stores.activities.find('a'))?.timeline, [read, failed])
      assert.equal(await stores.activities.note('b', failed, {}, 2), false)
    })

    it('are reported to watchers, until they stop', async () => {
      const told = new EventEmitter<{ entry: [string] }>()
      const stop = stores.activities.watch(({ id, state }) => told.emit('entry', `${id} ${state}`))
      const created = once(told, 'entry')
      await stores.activities.insert(activity('a'), 2)
      assert.deepEqual(await created, ['a created'])
      const read = once(told, 'entry')
      await others.activities.note('a', { at: now(), state: 'read' }, { state: 'read' }, 2)
      assert.deepEqual(await read, ['a read'])
      stop()
      told.on('entry', () => assert.fail('it stopped'))
      await stores.activities.insert(activity('b'), 2)
      await stores.activities.list(9)
    })
  })
}
