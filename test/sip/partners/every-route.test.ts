import assert from 'node:assert/strict'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import { Server } from './support/server.ts'
import type { Somebody } from './support/server.ts'

type Who = 'nobody' | 'other' | 'developer' | 'admin' | 'owner' | 'reviewer' | 'operator'

/** What each gets, in this order: nobody, the owner of another partner, developer, admin, owner, reviewer, operator. */
const ORDER: readonly Who[] = ['nobody', 'other', 'developer', 'admin', 'owner', 'reviewer', 'operator']

/**
 * By route: a call of the partner's things that changes nothing for the next one, and what each gets. Where a call is
 * let through, what it lacks is refused later: 400 for the body, 409 and 428 for the state.
 */
const ROUTES: Readonly<Record<string, readonly [path: string, body: object | undefined, statuses: string]>> =
  {
    // Open to everybody: what comes with the call decides
    'POST login': ['login', {}, '400 400 400 400 400 400 400'],
    'POST join/offer': ['join/offer', { token: 'x' }, '404 404 404 404 404 404 404'],
    'POST join': ['join', { token: 'x', name: 'Eve' }, '404 404 404 404 404 404 404'],
    // One's own session
    'GET me': ['me', undefined, '401 200 200 200 200 200 200'],
    'POST me/email': ['me/email', {}, '401 400 400 400 400 400 400'],
    'PUT me/email': ['me/email', { address: 'eve@example.org', code: 'x' }, '401 400 403 403 400 403 403'],
    'DELETE me/email': ['me/email', undefined, '401 204 403 403 204 403 403'],
    'POST logout': ['logout', undefined, '401 204 204 204 204 204 204'],
    'POST acts': ['acts', { act: 'rotate', appId: 'APP' }, '401 404 204 204 204 404 403'],
    'POST acts/approve': ['acts/approve', { uuid: '' }, '401 400 400 400 400 400 400'],
    'GET settings': ['settings', undefined, '401 200 200 200 200 200 200'],
    // Apps
    'GET apps': ['apps', undefined, '401 200 200 200 200 200 200'],
    'POST apps': ['apps', { name: '', partnerId: 'PARTNER' }, '401 404 400 400 400 404 403'],
    'PATCH apps/:appId': ['apps/APP', { name: '' }, '401 404 400 400 400 404 403'],
    'DELETE apps/:appId': ['apps/APP', undefined, '401 404 403 428 428 404 403'],
    'POST apps/:appId/keys': ['apps/APP/keys', {}, '401 404 428 428 428 404 403'],
    'POST apps/:appId/keys/:keyId/reveal': ['apps/APP/keys/KEY/reveal', {}, '401 404 428 428 428 404 403'],
    'DELETE apps/:appId/keys/:keyId': ['apps/APP/keys/KEY', undefined, '401 404 428 428 428 404 403'],
    'PATCH apps/:appId/keys/:keyId': ['apps/APP/keys/KEY', { validFor: 60 }, '401 404 428 428 428 404 403'],
    'GET apps/:appId/domains': ['apps/APP/domains', undefined, '401 404 200 200 200 404 200'],
    'POST apps/:appId/domains/check': ['apps/APP/domains/check', {}, '401 404 400 400 400 404 403'],
    'DELETE apps/:appId/domains/:host': ['apps/APP/domains/none', undefined, '401 404 204 204 204 404 403'],
    'GET apps/:appId/review': ['apps/APP/review', undefined, '401 404 200 200 200 404 200'],
    'PUT apps/:appId/review': ['apps/APP/review', {}, '401 404 400 400 400 404 403'],
    'DELETE apps/:appId/review': ['apps/APP/review', undefined, '401 404 204 204 204 404 403'],
    // Requests of people who log in at a site
    'GET requests': ['requests', undefined, '401 200 200 200 200 200 200'],
    'GET requests/events': ['requests/events', undefined, '401 200 200 200 200 200 200'],
    'GET requests/:id': ['requests/REQUEST', undefined, '401 404 200 200 200 404 404'],
    'GET attestations': ['attestations', undefined, '401 403 403 403 403 403 200'],
    'POST attestations/revoke': ['attestations/revoke', {}, '401 403 403 403 403 403 404'],
    // People
    'GET partners/:partnerId/team': ['partners/PARTNER/team', undefined, '401 404 200 200 200 404 404'],
    'POST partners/:partnerId/invites': ['partners/PARTNER/invites', {}, '401 404 403 403 400 404 403'],
    'DELETE partners/:partnerId/invites/:id': [
      'partners/PARTNER/invites/none',
      undefined,
      '401 404 403 403 404 404 403',
    ],
    'PATCH partners/:partnerId/team/:userId': [
      'partners/PARTNER/team/none',
      {},
      '401 404 403 403 400 404 403',
    ],
    'DELETE partners/:partnerId/team/:userId': [
      'partners/PARTNER/team/none',
      undefined,
      '401 404 403 403 404 404 403',
    ],
    'GET partners/:partnerId/audit': ['partners/PARTNER/audit', undefined, '401 404 403 200 200 404 403'],
    // Operators
    'GET operator/partners': ['operator/partners', undefined, '401 403 403 403 403 403 200'],
    'POST operator/invites': ['operator/invites', undefined, '401 403 403 403 403 403 201'],
    'GET operator/reviews': ['operator/reviews', undefined, '401 403 403 403 403 403 200'],
    'POST operator/reviews/:appId': ['operator/reviews/APP', {}, '401 403 403 403 403 403 400'],
    'PATCH operator/apps/:appId': ['operator/apps/APP', {}, '401 403 403 403 403 403 204'],
    'GET operator/audit': ['operator/audit', undefined, '401 403 403 403 403 403 200'],
    'GET operator/audit/export': ['operator/audit/export', undefined, '401 403 403 403 403 403 200'],
  }

const BASE = '/dashboard/api/'

describe('sip: every route of the dashboard', () => {
  let server: Server
  let people: Readonly<Record<Who, Somebody>>
  let sessions: Readonly<Record<Who, ReadonlyMap<string, string>>>
  let names: Readonly<Record<string, string>>
  before(async () => {
    server = await Server.start()
    const owner = await server.owner('Shop')
    const operator = await server.operator()
    people = {
      nobody: server.person(),
      other: await server.owner('Bakery'),
      developer: await server.member(owner, 'DEVELOPER'),
      admin: await server.member(owner, 'ADMIN'),
      owner,
      reviewer: await server.member(operator, 'REVIEWER'),
      operator,
    }
    const { appId, keys } = await owner.createApp({ whitelist: ['localhost'] })
    names = {
      APP: appId,
      KEY: keys[0]!.keyId,
      PARTNER: await owner.partnerId(),
      REQUEST: await askedBy(appId),
    }
    sessions = Object.fromEntries(
      Object.entries(people).map(([who, { cookies }]) => [who, new Map(cookies)]),
    ) as never
  })
  after(() => server.stop())

  /** Somebody who logs in at the app's site, on this machine. */
  async function askedBy(appId: string): Promise<string> {
    const response = await fetch(`${server.sip.url}/sip/test/1.0/scopeRequest/qrcode`, {
      method: 'POST',
      headers: { Origin: 'http://localhost:3000' },
      body: new URLSearchParams({ appId, verificationLevel: 'civicBasic', challenge: '0'.repeat(64) }),
    })
    assert.equal(response.status, 200)
    return ((await response.json()) as { uuid: string }).uuid
  }

  const named = (path: string): string =>
    path.replace(/APP|KEY|PARTNER|REQUEST/g, (name) => names[name] ?? '')

  for (const [route, [path, body, statuses]] of Object.entries(ROUTES)) {
    it(`${route} serves only the people that it is for`, async () => {
      const [method = ''] = route.split(' ')
      const got: string[] = []
      for (const who of ORDER) {
        // Its own, since logout is one of the routes
        const person = people[who]
        const sent = JSON.parse(named(JSON.stringify(body ?? null))) as object | null
        const { status } = route.endsWith('/events')
          ? await headOf(person, path)
          : await person.send(method, named(path), sent ?? undefined)
        got.push(String(status))
        for (const [name, value] of sessions[who]) person.cookies.set(name, value)
        if (route === 'POST logout' && who !== 'nobody') await person.logIn()
        if (route === 'POST logout') sessions = { ...sessions, [who]: new Map(person.cookies) }
      }
      assert.equal(got.join(' '), statuses, ORDER.join(' '))
    })
  }

  it('is one of those', () => {
    assert.deepEqual(routesOf(server.sip.router as unknown as Layered).sort(), Object.keys(ROUTES).sort())
  })

  it('lists to each member only their own', async () => {
    const appIds = async (who: Who): Promise<string[]> =>
      ((await people[who].send('GET', 'apps')).json as { appId: string }[]).map(({ appId }) => appId)
    const requests = async (who: Who, query = ''): Promise<string[]> =>
      ((await people[who].send('GET', `requests${query}`)).json as { appId: string }[]).map(
        ({ appId }) => appId,
      )
    const ofApp = `?app=${names['APP']!}`
    for (const who of ['developer', 'admin', 'owner'] as const) {
      assert.deepEqual(await appIds(who), [names['APP']])
      assert.deepEqual([...new Set(await requests(who))], [names['APP']])
      assert.deepEqual(await requests(who, ofApp), await requests(who))
      assert.deepEqual(await requests(who, '?app=other'), [])
    }
    for (const who of ['other', 'reviewer'] as const) {
      assert.deepEqual(await appIds(who), [])
      assert.deepEqual(await requests(who), [])
      assert.deepEqual(await requests(who, ofApp), [])
    }
    assert.deepEqual(await appIds('operator'), [names['APP']])
    assert.deepEqual([...(await requests('operator')), ...(await requests('operator', ofApp))], [])
  })

  it('sends live events only to members of the partner', async () => {
    const abort = new AbortController()
    const developer = await eventsOf(people.developer, abort.signal)
    const other = (await eventsOf(people.other, abort.signal)).read().catch(() => 'nothing')
    const uuid = await askedBy(names['APP']!)
    assert.match(new TextDecoder().decode((await developer.read()).value), new RegExp(uuid))
    abort.abort()
    assert.equal(await other, 'nothing')
  })

  it('ends the live events of somebody who is logged out', async () => {
    const abort = new AbortController()
    const person = people.admin
    const reader = await eventsOf(person, abort.signal)
    await person.send('POST', 'logout')
    await askedBy(names['APP']!)
    assert.equal((await reader.read()).done, true)
    abort.abort()
    await person.logIn()
  })

  async function eventsOf(person: Somebody, signal: AbortSignal) {
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${server.sip.url}${BASE}requests/events`, {
      headers: { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' },
      signal,
    })
    return response.body!.getReader()
  }

  async function headOf(person: Somebody, path: string): Promise<{ status: number }> {
    const abort = new AbortController()
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const { status } = await fetch(`${server.sip.url}${BASE}${path}`, {
      headers: { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' },
      signal: abort.signal,
    })
    abort.abort()
    return { status }
  }

  it('shows secrets to nobody in a list', async () => {
    const { pubKey } = newKeyPair()
    const made = await people.owner.createApp({ name: 'Other', pubKey })
    const secret = (made.keys as unknown as { appSecret: string }[])[0]!.appSecret
    for (const path of ['apps', 'operator/partners', `apps/${made.appId}/domains`, 'operator/audit'])
      for (const who of ['owner', 'operator'] as const)
        assert.ok(!(await people[who].send('GET', path)).text.includes(secret), path)
  })
})

interface Layered {
  readonly router?: { readonly stack: readonly Layer[] }
  readonly stack?: readonly Layer[]
}

interface Layer {
  readonly route?: { readonly path: string | RegExp; readonly methods: Readonly<Record<string, boolean>> }
  readonly handle: Layered
}

/** The routes below the dashboard's API, as Express has them. */
function routesOf(layered: Layered): string[] {
  const stack = layered.router?.stack ?? layered.stack ?? []
  return stack.flatMap(({ route, handle }) => {
    if (!route) return routesOf(handle)
    const pattern = String(route.path)
    if (!pattern.startsWith(BASE)) return []
    const path = pattern.slice(BASE.length)
    return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${path}`)
  })
}
