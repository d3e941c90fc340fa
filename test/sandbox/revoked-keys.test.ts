import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox, SandboxStrategyOptions } from 'civic-sip-sandbox'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { postCode } from '../support/partner.ts'

interface Keys {
  readonly keyId: string
  readonly pubKey: string
  readonly appSecret: string
  readonly endsAt?: number
  /** Of an error. */
  readonly message?: string
}

describe('sandbox: keys revoked with a grace period', () => {
  let sandbox: Sandbox
  let time = Date.now()
  let site: SandboxStrategyOptions
  let old: Keys
  let fresh: Keys
  before(async () => {
    sandbox = await createSandbox({ clock: () => time })
  })
  after(() => sandbox.close())

  async function call(method: string, path: string, body?: object): Promise<[number, Keys]> {
    const response = await fetch(`${sandbox.url}/dashboard/api/apps/${path}`, {
      method,
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return [response.status, (response.status === 204 ? {} : await response.json()) as Keys]
  }
  const end = (keys: Keys, validFor: unknown): Promise<[number, Keys]> =>
    call('PATCH', `${site.appId}/keys/${keys.keyId}`, { validFor })
  const rotate = (): Promise<[number, Keys]> =>
    call('POST', `${site.appId}/keys`, { pubKey: newKeyPair().pubKey })
  /** The status for a site that uses the old keys. */
  async function exchange(): Promise<number> {
    return (await postCode(site, await sandbox.authCode({ appId: site.appId }))).status
  }

  beforeEach(async () => {
    time = Date.now()
    const { appId, pubKey } = sandbox.createApp({ name: 'Shop' })
    site = sandbox.strategyOptions(appId)
    const apps = (await (await fetch(`${sandbox.url}/dashboard/api/apps`)).json()) as {
      appId: string
      keys: Keys[]
    }[]
    old = apps.find((app) => app.appId === appId)!.keys.find((keys) => keys.pubKey === pubKey)!
    const [status, made] = await rotate()
    assert.equal(status, 201)
    fresh = made
  })

  it('work until the grace period is over', async () => {
    const endsAt = time + 20_000
    assert.deepEqual(await end(old, 20), [200, { ...old, endsAt }])
    time = endsAt - 1
    assert.equal(await exchange(), 200)
    time = endsAt
    assert.equal(await exchange(), 401)
  })

  it('are listed with their end, and then no longer', async () => {
    const list = async (): Promise<Keys[]> => {
      const response = await fetch(`${sandbox.url}/dashboard/api/apps`)
      const apps = (await response.json()) as { appId: string; keys: Keys[] }[]
      return apps.find(({ appId }) => appId === site.appId)!.keys
    }
    await end(old, 20)
    assert.deepEqual(
      (await list()).map(({ endsAt }) => endsAt),
      [undefined, time + 20_000],
    )
    time += 20_000
    assert.deepEqual(
      (await list()).map(({ keyId }) => keyId),
      [fresh.keyId],
    )
    assert.equal((await call('POST', `${site.appId}/keys/${old.keyId}/reveal`))[0], 404)
  })

  it('block the next rotation until they have ended', async () => {
    await end(old, 20)
    const [status, { message }] = await rotate()
    assert.deepEqual(
      [status, message],
      [409, 'the previous keys still work: revoke them now, or rotate after they have ended'],
    )
    time += 20_000
    assert.equal((await rotate())[0], 201)
  })

  it('can still end earlier, but not later', async () => {
    const ends = []
    for (const validFor of [3600, 20, 60]) ends.push((await end(old, validFor))[1].endsAt! - time)
    assert.deepEqual(ends, [3_600_000, 20_000, 20_000])
    assert.equal((await call('DELETE', `${site.appId}/keys/${old.keyId}`))[0], 204)
    assert.equal(await exchange(), 401)
  })

  it('leave others that stay valid', async () => {
    await end(old, 20)
    assert.equal((await end(fresh, 20))[0], 409)
    assert.equal((await call('DELETE', `${site.appId}/keys/${fresh.keyId}`))[0], 409)
    time += 20_000
    assert.equal((await end(fresh, 20))[0], 409)
    assert.equal((await end(old, 20))[0], 404)
  })

  it('need a grace period of 1 s to 30 days', async () => {
    for (const wrong of [0, -1, 1.5, 30 * 24 * 3600 + 1, '60', null, undefined]) {
      const [status, error] = await end(old, wrong)
      assert.deepEqual([status, error.message], [400, 'validFor: whole seconds, 1 to 2,592,000 (30 days)'])
    }
    assert.equal(await exchange(), 200)
  })

  it('are not what the site’s options name', async () => {
    await end(old, 20)
    assert.equal(sandbox.strategyOptions(site.appId).appSecret, site.appSecret)
    time += 20_000
    assert.throws(() => sandbox.strategyOptions(site.appId), /were made in a browser/)
  })
})
