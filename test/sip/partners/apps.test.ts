import assert from 'node:assert/strict'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import { changesBy } from '../../../sip/lib/partners/changes.ts'
import { DomainsOfApps } from '../../../sip/lib/apps/domains.ts'
import { postCode } from '../../support/partner.ts'
import { hosts, RECORDS, Server } from './support/server.ts'
import type { Somebody } from './support/server.ts'

interface DomainView {
  readonly host: string
  readonly isProved: boolean
  readonly waiting: readonly string[]
  readonly file: { readonly url: string; readonly text: string }
  readonly record: { readonly name: string; readonly text: string }
}

const DAY = 24 * 60 * 60_000

describe('sip: the apps of a partner', () => {
  let server: Server
  let owner: Somebody
  let operator: Somebody
  before(async () => {
    server = await Server.start()
    operator = await server.operator()
  })
  after(() => server.stop())
  beforeEach(async () => {
    owner = await server.owner('Shop')
    await operator.logIn()
    hosts.clear()
  })

  const newApp = (options: object) =>
    owner.send('POST', 'apps', { name: 'Shop', pubKey: newKeyPair().pubKey, ...options })
  const appOf = async (appId: string) =>
    ((await owner.send('GET', 'apps')).json as Record<string, unknown>[]).find(
      (app) => app['appId'] === appId,
    )!
  const domains = async (appId: string): Promise<readonly DomainView[]> =>
    (await owner.send('GET', `apps/${appId}/domains`)).json
  const look = async (appId: string, host: string): Promise<boolean> =>
    (await owner.send('POST', `apps/${appId}/domains/check`, { host })).json['found']
  const ask = async (appId: string, origin: string, stage = 'test'): Promise<number> => {
    const body = new URLSearchParams({ appId, verificationLevel: 'civicBasic', challenge: '0'.repeat(64) })
    const url = `${server.sip.url}/sip/${stage}/1.0/scopeRequest/qrcode`
    return (await fetch(url, { method: 'POST', headers: { Origin: origin }, body })).status
  }
  const prove = async (appId: string, host: string): Promise<void> => {
    const [domain] = (await domains(appId)).filter((one) => one.host === host)
    hosts.set(host, domain!.file.text)
    assert.equal(await look(appId, host), true)
  }
  /** Waits until somebody asks for a turn of this name. */
  const turnOf = (name: string): Promise<void> =>
    new Promise((asked) => {
      const { turns } = server.stores
      const take = turns.take.bind(turns)
      turns.take = (wanted, act) => {
        const turn = take(wanted, act)
        if (wanted !== name) return turn
        turns.take = take
        asked()
        return turn
      }
    })
  const decide = async (appId: string, approve: boolean, reason?: string): Promise<number> => {
    const reviews = (await operator.send('GET', 'operator/reviews')).json as {
      appId: string
      askedAt: number
    }[]
    const { askedAt } = reviews.find((review) => review.appId === appId)!
    const { status } = await operator.send('POST', `operator/reviews/${appId}`, { approve, askedAt, reason })
    return status
  }

  describe('as they are made', () => {
    it('are test apps, which may ask what every app may ask', async () => {
      const { json, status } = await newApp({})
      assert.equal(status, 201)
      assert.equal(json['environment'], 'test')
      for (const [options, field] of [
        [{ environment: 'live' }, 'environment'],
        [{ attestations: true }, 'attestations'],
        [{ confirm: false }, 'confirm'],
        [{ scopes: ['PROOF_OF_IDENTITY'] }, 'scopes'],
        [{ name: 'Sh\u202eop' }, 'name'],
        [{ name: 'Sh\u0007op' }, 'name'],
        [{ returnPaths: ['//evil.example'] }, 'returnPaths'],
      ] as const) {
        const refused = await newApp(options)
        assert.equal(refused.status, 400, field)
        assert.match(refused.text, new RegExp(`"message":"${field}: `))
      }
    })

    it('register the paths that wallets lead back to', async () => {
      const { appId } = await owner.createApp({ returnPaths: ['/login'] })
      await owner.send('PATCH', `apps/${appId}`, { returnPaths: ['/welcome', '/login'] })
      assert.deepEqual((await appOf(appId))['returnPaths'], ['/welcome', '/login'])
    })
  })

  describe('use a domain', () => {
    it('of this machine or a private network at once', async () => {
      const whitelist = ['localhost', 'http://127.0.0.1:3000', 'https://shop.test', 'http://[::1]:3000']
      const app = await owner.createApp({ whitelist })
      assert.deepEqual(app.whitelist, whitelist)
      assert.deepEqual(await domains(app.appId), [])
    })

    it('of the internet once it shows the value for this app and host', async () => {
      const { appId, whitelist } = await owner.createApp({ whitelist: ['https://shop.example.org'] })
      assert.deepEqual(whitelist, [])
      assert.equal(await ask(appId, 'https://shop.example.org'), 403)
      const [domain] = await domains(appId)
      const { text } = domain!.file
      assert.match(text, /^[0-9a-f]{32}$/)
      assert.deepEqual(domain, {
        host: 'shop.example.org',
        isProved: false,
        waiting: ['https://shop.example.org'],
        file: { url: 'https://shop.example.org/.well-known/civic-domain-proof', text },
        record: { name: '_civic-domain-proof.shop.example.org', text: `civic-domain-proof=${text}` },
      })
      hosts.set('shop.example.org', 'something else')
      assert.equal(await look(appId, 'shop.example.org'), false)
      hosts.set('shop.example.org', text)
      assert.equal(await look(appId, 'shop.example.org'), true)
      assert.equal(await ask(appId, 'https://shop.example.org'), 200)
      assert.deepEqual((await appOf(appId))['whitelist'], ['https://shop.example.org'])
      // Further entries of the host need no other proof
      const more = ['https://shop.example.org', 'https://shop.example.org:8443']
      const { json } = await owner.send('PATCH', `apps/${appId}`, { whitelist: more })
      assert.deepEqual(json['whitelist'], more)
    })

    it('only for the app whose value it shows', async () => {
      const whitelist = ['https://shop.example.org']
      const one = await owner.createApp({ whitelist })
      await prove(one.appId, 'shop.example.org')
      const eve = await server.owner('Eve')
      const { appId } = await eve.createApp({ whitelist })
      const { json } = await eve.send('POST', `apps/${appId}/domains/check`, { host: 'shop.example.org' })
      assert.deepEqual(json, { found: false })
      assert.equal(await ask(appId, 'https://shop.example.org'), 403)
    })

    it('after at most 60 checks an hour', async () => {
      const { appId } = await owner.createApp({ whitelist: ['https://shop.example.org'] })
      const ask = () => owner.send('POST', `apps/${appId}/domains/check`, { host: 'shop.example.org' })
      for (let time = 0; time < 60; time++) assert.equal((await ask()).status, 200)
      assert.equal((await ask()).status, 429)
      server.time += 60 * 60_000
      assert.equal((await ask()).status, 200)
    })

    it('with at most 100 entries, waiting ones included', async () => {
      const { appId } = await owner.createApp()
      const entries = (from: number) =>
        Array.from({ length: 60 }, (_, at) => `https://shop.example.org:${from + at}`)
      const allow = (whitelist: string[]) => owner.send('PATCH', `apps/${appId}`, { whitelist })
      assert.equal((await allow(entries(1000))).status, 200)
      assert.equal((await allow(entries(2000))).status, 409)
      assert.equal((await domains(appId))[0]!.waiting.length, 60)
      await owner.send('DELETE', `apps/${appId}/domains/shop.example.org`)
      assert.equal((await allow(entries(2000))).status, 200)
    })

    it('until it is removed', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
      await prove(appId, 'shop.example.org')
      await owner.send('DELETE', `apps/${appId}/domains/shop.example.org`)
      assert.equal(await ask(appId, 'https://shop.example.org'), 403)
      await owner.send('PATCH', `apps/${appId}`, { whitelist: ['shop.example.org'] })
      assert.equal(await ask(appId, 'https://shop.example.org'), 403)
    })

    it('as long as the value is found again each week, with a week to repair it', async () => {
      const { partnerStores, stores } = server
      const lost: string[] = []
      const clock = (): number => server.time
      const swept = new DomainsOfApps({
        proofs: partnerStores.proofs,
        change: changesBy((work) => work({ ...partnerStores, ...stores, mailer: undefined }), {
          clock,
          url: server.sip.url,
          failed: (error) => assert.fail(String(error)),
        }),
        turns: stores.turns,
        counters: stores.codes,
        clock,
        network: RECORDS,
        lost: (app, host) => Promise.resolve(void lost.push(`${app.appId} ${host}`)),
      })
      const { appId } = await owner.createApp({ whitelist: ['https://shop.example.org'] })
      await prove(appId, 'shop.example.org')
      const [proof] = await partnerStores.proofs.list(appId)
      assert.equal(proof!.nextCheckAt, server.time + 7 * DAY)
      hosts.clear()
      const looksAt = async (time: number): Promise<number> => {
        server.time = time
        await swept.sweep()
        return (((await partnerStores.proofs.list(appId))[0]!.nextCheckAt ?? 0) - time) / DAY
      }
      const week = server.time + 7 * DAY
      assert.equal(await looksAt(week), 1)
      assert.equal(await ask(appId, 'https://shop.example.org'), 200)
      // Found again: as if nothing had been
      hosts.set('shop.example.org', proof!.value)
      assert.equal(await looksAt(week + DAY), 7)
      hosts.clear()
      assert.equal(await looksAt(week + 8 * DAY), 1)
      await looksAt(week + 15 * DAY)
      assert.equal(await ask(appId, 'https://shop.example.org'), 403)
      assert.ok(lost.includes(`${appId} shop.example.org`))
      hosts.set('shop.example.org', proof!.value)
      await owner.logIn()
      assert.equal(await look(appId, 'shop.example.org'), true)
      assert.equal(await ask(appId, 'https://shop.example.org'), 200)
    })
  })

  describe('become live', () => {
    it('when an operator approves it', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
      await prove(appId, 'shop.example.org')
      const asked = await owner.send('PUT', `apps/${appId}/review`, {
        live: true,
        scopes: ['BASIC_SIGNUP', 'PROOF_OF_IDENTITY'],
      })
      assert.equal(asked.status, 200)
      const waiting = (await operator.send('GET', 'operator/reviews')).json as Record<string, unknown>[]
      const { askedAt, ...review } = waiting.find((one) => one['appId'] === appId)!
      assert.equal(askedAt, server.time)
      assert.deepEqual(review, {
        appId,
        live: true,
        name: 'Shop',
        // It has none, and can get none that no operator has seen
        logo: '',
        scopes: ['civicBasic', 'proofOfIdentity'],
        askedBy: 'Owner of Shop',
        partnerName: 'Shop',
        now: {
          name: 'Shop',
          environment: 'test',
          scopes: ['civicBasic', 'Login', 'Anonymous_Login'],
          whitelist: ['shop.example.org'],
        },
      })
      assert.equal(await decide(appId, true), 204)
      const app = await appOf(appId)
      assert.deepEqual([app['environment'], app['scopes']], ['live', ['civicBasic', 'proofOfIdentity']])
      assert.equal((await owner.send('GET', `apps/${appId}/review`)).text, 'null')
      // Plain http is over, also where the name is allowed
      assert.equal(await ask(appId, 'https://shop.example.org', 'prod'), 200)
      assert.equal(await ask(appId, 'http://shop.example.org', 'prod'), 403)
    })

    it('only with domains of the internet', async () => {
      const { appId } = await owner.createApp()
      const review = () => owner.send('PUT', `apps/${appId}/review`, { live: true })
      assert.match((await review()).text, /"live: a live app needs an allowed domain/)
      await owner.send('PATCH', `apps/${appId}`, { whitelist: ['localhost'] })
      assert.match((await review()).text, /live: .*private network/)
      await owner.send('PATCH', `apps/${appId}`, { whitelist: ['http://shop.example.org'] })
      await prove(appId, 'shop.example.org')
      assert.match((await review()).text, /live: .*plain http/)
    })

    it('unless an operator refuses, with a reason', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
      await prove(appId, 'shop.example.org')
      await owner.send('PUT', `apps/${appId}/review`, { live: true })
      assert.equal(await decide(appId, false), 400)
      assert.equal(await decide(appId, false, 'Say who you are.'), 204)
      const { json } = await owner.send('GET', `apps/${appId}/review`)
      assert.equal(json['refusal'], 'Say who you are.')
      assert.equal((await appOf(appId))['environment'], 'test')
    })

    it('as the operator saw it, not as it was asked for a moment later', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
      await prove(appId, 'shop.example.org')
      await owner.send('PUT', `apps/${appId}/review`, { live: true })
      const seen = server.time
      server.time += 1
      await owner.send('PUT', `apps/${appId}/review`, { live: true, name: 'Bank' })
      const body = { approve: true, askedAt: seen }
      assert.equal((await operator.send('POST', `operator/reviews/${appId}`, body)).status, 409)
    })

    it('under the name that the operator saw, also where it is changed a moment later', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
      await prove(appId, 'shop.example.org')
      await owner.send('PUT', `apps/${appId}/review`, { live: true })
      await owner.send('PATCH', `apps/${appId}`, { name: 'Bank' })
      assert.equal(await decide(appId, true), 204)
      assert.equal((await appOf(appId))['name'], 'Shop')
    })

    it('only with the domains that are checked, also where one is added meanwhile', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
      await prove(appId, 'shop.example.org')
      await owner.send('PUT', `apps/${appId}/review`, { live: true })
      const whitelist = ['shop.example.org', 'http://localhost:3000']
      const { reviews } = server.partnerStores
      const take = reviews.take.bind(reviews)
      let adding: Promise<unknown> | undefined
      reviews.take = async (...args) => {
        // Until it is told, or waits for its turn
        adding = owner.send('PATCH', `apps/${appId}`, { whitelist })
        await Promise.race([adding, turnOf(`domains of ${appId}`)])
        return take(...args)
      }
      assert.equal(await decide(appId, true), 204)
      reviews.take = take
      await adding
      assert.deepEqual((await appOf(appId))['whitelist'], ['shop.example.org'])
    })

    it('and keep their name, domains on https and scope requests', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
      await prove(appId, 'shop.example.org')
      await owner.send('PUT', `apps/${appId}/review`, { live: true })
      await decide(appId, true)
      for (const [change, field] of [
        [{ name: 'Bank' }, 'name'],
        [{ whitelist: ['http://shop.example.org'] }, 'whitelist'],
        [{ whitelist: ['localhost'] }, 'whitelist'],
        [{ scopes: ['PROOF_OF_IDENTITY'] }, 'scopes'],
      ] as const) {
        const { status, text } = await owner.send('PATCH', `apps/${appId}`, change)
        assert.equal(status, 400)
        assert.match(text, new RegExp(`"message":"${field}: `))
      }
      await owner.send('PUT', `apps/${appId}/review`, { name: 'Corner shop' })
      assert.equal(await decide(appId, true), 204)
      assert.equal((await appOf(appId))['name'], 'Corner shop')
    })
  })

  describe('have a logo', () => {
    const png = (dots: string): string =>
      `data:image/png;base64,${Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(dots)]).toString('base64')}`
    /** What a wallet reads of it. */
    const shown = async (appId: string, stage: string): Promise<unknown> => {
      const api = `${server.sip.url}/sip/${stage}`
      const body = new URLSearchParams({ appId, verificationLevel: 'civicBasic', challenge: '0'.repeat(64) })
      const asked = await fetch(`${api}/1.0/scopeRequest/qrcode`, {
        method: 'POST',
        headers: { Origin: 'https://shop.example.org' },
        body,
      })
      const { uuid } = (await asked.json()) as { uuid: string }
      const { token } = (await (await fetch(`${api}/scopeRequest/${uuid}/callback`)).json()) as {
        token: string
      }
      const [, claims = ''] = token.split('.')
      return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { data: { logo?: string } }).data
        .logo
    }

    it('of 16 KiB at most, a PNG or JPEG by its bytes', async () => {
      const { appId } = await owner.createApp()
      const jpeg = png('dots').replace('png', 'jpeg')
      const gif = `data:image/gif;base64,${Buffer.from('GIF89a').toString('base64')}`
      const svg = 'data:image/svg+xml,<svg/>'
      for (const logo of [jpeg, gif, svg, 'https://shop.example.org/logo.png', png('x'.repeat(12_300)), 7]) {
        const { status, text } = await owner.send('PATCH', `apps/${appId}`, { logo })
        assert.equal(status, 400)
        assert.match(text, /"message":"logo: a PNG or JPEG as a data: URI of at most 16 KiB"/)
      }
      await owner.send('PATCH', `apps/${appId}`, { logo: png('x'.repeat(12_000)) })
      assert.equal((await appOf(appId))['logo'], png('x'.repeat(12_000)))
      await owner.send('PATCH', `apps/${appId}`, { logo: '' })
      assert.equal((await appOf(appId))['logo'], undefined)
    })

    it('that wallets get once an operator has seen it', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'], logo: png('one') })
      await prove(appId, 'shop.example.org')
      assert.equal(await shown(appId, 'test'), undefined)
      const review = (wish: object) => owner.send('PUT', `apps/${appId}/review`, wish)
      await review({ live: true })
      await owner.send('PATCH', `apps/${appId}`, { logo: png('changed meanwhile') })
      const waiting = (await operator.send('GET', 'operator/reviews')).json as Record<string, unknown>[]
      assert.equal(waiting.find((one) => one['appId'] === appId)?.['logo'], png('one'))
      assert.equal(await decide(appId, true), 204)
      assert.equal(await shown(appId, 'prod'), png('one'))

      const { text } = await owner.send('PATCH', `apps/${appId}`, { logo: '' })
      assert.match(text, /"message":"logo: ask for a review/)
      assert.match((await review({ logo: 'no image' })).text, /"message":"logo: a PNG or JPEG/)
      assert.equal((await review({ logo: png('one') })).status, 400)
      await review({ logo: png('two') })
      assert.equal(await decide(appId, true), 204)
      assert.equal(await shown(appId, 'prod'), png('two'))
      await review({ logo: '' })
      assert.equal(await decide(appId, true), 204)
      assert.equal(await shown(appId, 'prod'), undefined)
    })
  })

  describe('are suspended', () => {
    it('by an operator: they get no code any more, and exchange none', async () => {
      const { prvKey, pubKey } = newKeyPair()
      const { appId, keys } = await owner.createApp({ whitelist: ['localhost'], pubKey })
      const { appSecret } = keys[0] as unknown as { appSecret: string }
      const site = {
        ...{ appId, appSecret, prvKey, api: `${server.sip.url}/sip/`, env: 'test' as const },
        sipPublicKey: '',
      }
      const trade = async (): Promise<string> => {
        assert.equal((await postCode(site, 'no code')).status, 401)
        const [last] = (await owner.send('GET', 'requests')).json as { problem: string }[]
        return last!.problem
      }
      const suspend = (suspended: boolean) => operator.send('PATCH', `operator/apps/${appId}`, { suspended })
      assert.equal(await ask(appId, 'http://localhost:3000'), 200)
      assert.equal((await suspend(true)).status, 204)
      assert.equal(await ask(appId, 'http://localhost:3000'), 401)
      assert.equal((await appOf(appId))['isSuspended'], true)
      assert.match(await trade(), /is suspended/)
      await suspend(false)
      assert.doesNotMatch(await trade(), /is suspended/)
      assert.equal(await ask(appId, 'http://localhost:3000'), 200)
    })

    it('and say why to their partner alone: a caller gets a plain 401', async () => {
      const { appId, keys } = await owner.createApp({ whitelist: ['localhost'] })
      const other = await server.owner('Bakery')
      const { appSecret } = keys[0] as unknown as { appSecret: string }
      const site = { appId, appSecret, ...newKeyPair(), api: `${server.sip.url}/sip/`, env: 'test' as const }
      const plain = { statusCode: 401, message: 'Unauthorized' }
      const wrongKey = await postCode({ ...site, sipPublicKey: '' }, 'no code')
      assert.deepEqual([wrongKey.status, await wrongKey.json()], [401, plain])
      await operator.send('PATCH', `operator/apps/${appId}`, { suspended: true })
      const asked = await fetch(`${server.sip.url}/sip/test/1.0/scopeRequest/qrcode`, {
        method: 'POST',
        headers: { Origin: 'http://localhost:3000' },
        body: new URLSearchParams({ appId, verificationLevel: 'civicBasic', challenge: '0'.repeat(64) }),
      })
      assert.deepEqual([asked.status, await asked.json()], [401, plain])
      const problems = async (member: Somebody): Promise<string> =>
        (await member.send('GET', 'requests')).text
      const own = await problems(owner)
      assert.match(own, /is prvKey the right one/)
      assert.match(own, new RegExp(`app ${appId} is suspended`))
      assert.doesNotMatch(await problems(other), /prvKey|suspended/)
    })

    it('or go back to be test apps', async () => {
      const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
      await prove(appId, 'shop.example.org')
      await owner.send('PUT', `apps/${appId}/review`, { live: true })
      await decide(appId, true)
      await operator.send('PATCH', `operator/apps/${appId}`, { environment: 'test' })
      assert.equal(await ask(appId, 'https://shop.example.org', 'prod'), 401)
      assert.equal(await ask(appId, 'https://shop.example.org'), 200)
      const { status } = await operator.send('PATCH', `operator/apps/${appId}`, { environment: 'live' })
      assert.equal(status, 400)
    })
  })

  it('leave nothing when they are deleted', async () => {
    const { appId } = await owner.createApp({ whitelist: ['shop.example.org'] })
    await prove(appId, 'shop.example.org')
    assert.equal(await ask(appId, 'https://shop.example.org'), 200)
    const { length } = (await owner.send('GET', `requests?app=${appId}`)).json as unknown[]
    assert.equal(length, 1)
    await owner.send('PUT', `apps/${appId}/review`, { live: true })
    await owner.approve({ act: 'delete', appId })
    assert.equal((await owner.send('DELETE', `apps/${appId}`)).status, 204)
    assert.deepEqual(await server.partnerStores.proofs.list(appId), [])
    assert.equal(await server.partnerStores.reviews.find(appId), undefined)
    assert.deepEqual(await server.stores.activities.list(9, [appId]), [])
  })
})
