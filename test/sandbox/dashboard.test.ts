import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox, SandboxStrategyOptions } from 'civic-sip-sandbox'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { listen } from './support/events.ts'
import { Page } from '../support/page.ts'
import { exchange, postCode } from '../support/partner.ts'

interface Keys {
  readonly keyId: string
  readonly pubKey: string
  readonly appSecret?: string
}

interface App {
  readonly appId: string
  readonly name: string
  readonly environment: string
  readonly stage: string
  readonly whitelist: string[]
  readonly scopes: string[]
  readonly keys: Keys[]
}

describe('sandbox: the partner dashboard', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers = {},
  ): Promise<[number, unknown]> => {
    const response = await fetch(`${sandbox.url}/dashboard/api/${path}`, {
      method,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return [response.status, response.status === 204 ? undefined : JSON.parse(text)]
  }
  /** By public key: what a partner keeps. */
  const prvKeys = new Map<string, string>()
  const newPublicKey = (): string => {
    const { prvKey, pubKey } = newKeyPair()
    prvKeys.set(pubKey, prvKey)
    return pubKey
  }
  const make = async (options: object): Promise<App> => {
    const [status, app] = await call('POST', 'apps', { ...options, pubKey: newPublicKey() })
    assert.equal(status, 201)
    return app as App
  }
  const partnerOf = ({ appId, stage }: App, { appSecret, pubKey }: Keys): SandboxStrategyOptions => ({
    ...sandbox.strategyOptions(),
    appId,
    env: stage,
    appSecret: appSecret!,
    prvKey: prvKeys.get(pubKey)!,
  })

  it('makes apps with public keys, and shows their secrets on demand', async () => {
    const made = await make({ name: 'Shop', whitelist: ['localhost'] })
    const [keys] = made.keys
    await exchange(partnerOf(made, keys!), await sandbox.authCode({ appId: made.appId }))
    const [, apps] = await call('GET', 'apps')
    const listed = (apps as App[]).find(({ appId }) => appId === made.appId)!
    assert.deepEqual(Object.keys(listed.keys[0]!).sort(), ['createdAt', 'keyId', 'pubKey'])
    assert.deepEqual(Object.keys(keys!).sort(), ['appSecret', 'createdAt', 'keyId', 'pubKey'])
    assert.ok(!JSON.stringify(apps).includes(keys!.appSecret!))
    assert.deepEqual(await call('POST', `apps/${made.appId}/keys/${keys!.keyId}/reveal`), [200, keys])
  })

  it('keeps test and live apps, each with its own ids and keys', async () => {
    const live = await make({ name: 'Shop' })
    const test = await make({ name: 'Shop', environment: 'test' })
    assert.deepEqual(
      [live.environment, live.stage, test.environment, test.stage],
      ['live', 'prod', 'test', 'test'],
    )
    assert.notEqual(live.appId, test.appId)
    assert.notEqual(live.keys[0]!.appSecret, test.keys[0]!.appSecret)
  })

  it('renames apps, and changes their white list and scope requests', async () => {
    const { appId, scopes } = await make({ name: 'Shop' })
    assert.deepEqual(scopes, ['civicBasic', 'Login', 'Anonymous_Login'])
    const change = { name: 'Store', whitelist: ['HTTPS://Store.example.org/'], scopes: ['PROOF_OF_AGE'] }
    const [status, app] = await call('PATCH', `apps/${appId}`, change)
    assert.equal(status, 200)
    const { name, whitelist, scopes: changed } = app as App
    assert.deepEqual([name, whitelist, changed], ['Store', ['https://store.example.org'], ['proofOfAge']])
  })

  it('says what is wrong, and changes nothing', async () => {
    const { appId } = await make({ name: 'Shop', whitelist: ['localhost'] })
    const wrong: [object, RegExp][] = [
      [{ name: '' }, /^name: /],
      [{ name: 'x', whitelist: ['localhost:3000'] }, /^whitelist: /],
      [{ name: 'x', whitelist: 'localhost' }, /^whitelist: /],
      [{ name: 'x', scopes: ['ALL'] }, /"ALL" is not a scope request/],
    ]
    for (const [options, message] of wrong) {
      for (const [method, path] of [
        ['POST', 'apps'],
        ['PATCH', `apps/${appId}`],
      ] as const) {
        const [status, error] = await call(method, path, options)
        assert.equal(status, 400)
        assert.match((error as { message: string }).message, message)
      }
    }
    const [, apps] = await call('GET', 'apps')
    const { name, whitelist } = (apps as App[]).find((app) => app.appId === appId)!
    assert.deepEqual([name, whitelist], ['Shop', ['localhost']])
    assert.equal((await call('PATCH', 'apps/nobody', {}))[0], 404)
    assert.equal((await call('DELETE', 'apps/nobody'))[0], 404)
  })

  it('rotates the keys of one app: old and new work until the old are revoked', async () => {
    const app = await make({ name: 'Shop' })
    const other = sandbox.strategyOptions()
    const [old] = app.keys
    const [status, fresh] = (await call('POST', `apps/${app.appId}/keys`, {
      pubKey: newPublicKey(),
    })) as [number, Keys]
    assert.equal(status, 201)
    const code = (): Promise<string> => sandbox.authCode({ appId: app.appId })
    const before = await code()
    for (const keys of [old!, fresh]) await exchange(partnerOf(app, keys), await code())
    assert.equal((await call('POST', `apps/${app.appId}/keys`, { pubKey: newPublicKey() }))[0], 409)
    assert.equal((await call('DELETE', `apps/${app.appId}/keys/${old!.keyId}`))[0], 204)
    assert.equal((await postCode(partnerOf(app, old!), await code())).status, 401)
    await exchange(partnerOf(app, fresh), before)
    assert.equal((await call('DELETE', `apps/${app.appId}/keys/${fresh.keyId}`))[0], 409)
    assert.equal((await call('DELETE', `apps/${app.appId}/keys/nothing`))[0], 404)
    assert.deepEqual(sandbox.strategyOptions(), other)
    await exchange(other, await sandbox.authCode())
  })

  it('accepts no app and no keys without a public key, and no private key', async () => {
    const { appId } = await make({ name: 'Shop' })
    const { prvKey, pubKey } = newKeyPair()
    for (const wrong of [{}, { pubKey: prvKey }, { pubKey: 5 }, { pubKey: `${pubKey}00` }]) {
      for (const [path, body] of [
        ['apps', { name: 'Shop', ...wrong }],
        [`apps/${appId}/keys`, wrong],
      ] as const) {
        const [status, error] = await call('POST', path, body)
        assert.equal(status, 400)
        assert.match((error as { message: string }).message, /^pubKey: /)
      }
    }
    assert.throws(() => sandbox.strategyOptions(appId), /were made in a browser/)
  })

  it('deletes apps', async () => {
    const { appId } = await make({ name: 'Shop' })
    assert.equal((await call('DELETE', `apps/${appId}`))[0], 204)
    assert.throws(() => sandbox.strategyOptions(appId), /there is no app/)
  })

  it('shows what happens to scope requests as it happens', async () => {
    const events = await listen(sandbox)
    const page = new Page(sandbox)
    const uuid = await page.uuid()
    const isThis = ({ id }: { id: string }): boolean => id === uuid
    assert.equal((await events.next(isThis)).state, 'created')
    await sandbox.wallet().approve(uuid)
    assert.equal((await events.next(isThis)).state, 'read')
    while ((await events.next(isThis)).state !== 'granted');
    const { authResponse } = await page.poll(uuid)
    const partner = sandbox.strategyOptions()
    await postCode({ ...partner, appSecret: '0'.repeat(32) }, authResponse!)
    const failed = await events.next(isThis)
    assert.equal(failed.state, 'granted')
    assert.match(failed.problem!, /the HMAC extension does not match: is appSecret the right one\?/)
    await exchange(partner, authResponse!)
    const done = await events.next(isThis)
    assert.equal(done.state, 'exchanged')
    assert.equal(done.problem, undefined)
    await events.close()
    const [, list] = await call('GET', 'requests')
    assert.deepEqual(
      (list as unknown[]).find((entry) => (entry as { id: string }).id === uuid),
      done,
    )
  })

  it('shows why a page got no QR code, and why an exchange without a request failed', async () => {
    const events = await listen(sandbox)
    await new Page(sandbox, 'http://evil.example.org').ask()
    const refused = await events.next(({ state }) => state === 'failed')
    assert.equal(refused.origin, 'http://evil.example.org')
    assert.equal(refused.appName, 'Example site')
    assert.match(refused.problem!, /not an allowed domain/)
    await postCode(sandbox.strategyOptions(), 'nonsense')
    assert.match(
      (await events.next(({ state }) => state === 'failed')).problem!,
      /not a token that this SIP signed/,
    )
    await events.close()
  })

  it('lists issued attestations, and revokes them', async () => {
    await sandbox.authCode({ user: { name: 'Eve Elm' } })
    const [{ txid, vout } = { txid: '', vout: 0 }] = sandbox.wallet({ name: 'Eve Elm' }).attestations()
    const [, list] = await call('GET', 'attestations')
    const [newest] = list as Record<string, unknown>[]
    assert.deepEqual([newest!['txid'], newest!['vout'], newest!['revoked']], [txid, vout, false])
    assert.ok(!JSON.stringify(list).includes('eve.elm@example.org'))
    assert.equal((await call('POST', 'attestations/revoke', { txid, vout }))[0], 204)
    assert.equal((await call('POST', 'attestations/revoke', { txid, vout }))[0], 409)
    assert.equal((await call('POST', 'attestations/revoke', {}))[0], 404)
    const [, after] = await call('GET', 'attestations')
    assert.equal((after as { revoked: boolean }[])[0]!.revoked, true)
  })

  it('returns the sandbox’s addresses', async () => {
    const [, settings] = await call('GET', 'settings')
    const { url, api, sipPublicKey, ledger, scopeRequests } = settings as Record<string, unknown>
    assert.deepEqual(
      [url, api, sipPublicKey],
      [sandbox.url, `${sandbox.url}/sip/`, sandbox.strategyOptions().sipPublicKey],
    )
    assert.deepEqual(ledger, { url: sandbox.ledgerUrl, network: 'tbch', isEmbedded: true })
    assert.equal((scopeRequests as unknown[]).length, 11)
    assert.equal((await call('POST', 'mine'))[0], 204)
  })

  it('cannot be read or changed by other sites', async () => {
    for (const headers of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'null' },
    ]) {
      for (const path of ['apps', 'requests', 'requests/events', 'mail']) {
        assert.equal((await call('GET', path, undefined, headers))[0], 403)
      }
      assert.equal((await call('POST', 'apps', { name: 'Shop' }, headers))[0], 403)
    }
    const own = { 'Sec-Fetch-Site': 'same-origin', Origin: sandbox.url }
    assert.equal((await call('GET', 'apps', undefined, own))[0], 200)
    assert.equal((await call('POST', 'apps', undefined, own))[0], 415)
  })
})
