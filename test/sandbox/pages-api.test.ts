import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { EMAIL, PHONE, attesterOf, codeFor } from '../support/sandbox-attester.ts'
import { postCode } from '../support/partner.ts'
import { attest, walletKey } from '../support/attesting.ts'

interface User {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly document: { readonly number: string }
  readonly attested: readonly { readonly set: string }[]
}

describe('sandbox: the calls of its pages', () => {
  let sandbox: Sandbox
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'civic-sip-sandbox-'))
    sandbox = await createSandbox({ state: join(folder, 'state.json') })
  })
  after(async () => {
    await sandbox.close()
    await rm(folder, { recursive: true })
  })

  const call = async <T>(what: string, body?: object, headers = {}): Promise<[number, T]> => {
    const [method = '', path = ''] = what.split(' ')
    const response = await fetch(`${sandbox.url}/sandbox/api/${path}`, {
      method,
      headers: { ...(body && { 'Content-Type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
    return [response.status, (await response.json()) as T]
  }

  it('serve the pages with no inline script and no frame around them', async () => {
    const page = await fetch(`${sandbox.url}/sandbox`)
    assert.equal(page.status, 200)
    const policy = page.headers.get('content-security-policy') ?? ''
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"])
      assert.ok(policy.includes(rule), rule)
    assert.equal(page.headers.get('cross-origin-opener-policy'), 'same-origin')
    assert.equal((await fetch(`${sandbox.url}/sandbox/sandbox.js`)).status, 200)
  })

  it('list the mail, with the code in it, and which of an address are older', async () => {
    const key = walletKey(Buffer.alloc(32, 1))
    const codes = [await codeFor(sandbox, key, 'a@example.org'), await codeFor(sandbox, key, 'a@example.org')]
    const [, mails] = await call<{ code: string; isOld: boolean }[]>('GET mail')
    assert.deepEqual(
      mails.map(({ code, isOld }) => [code, isOld]),
      [
        [codes[1], false],
        [codes[0], true],
      ],
    )
  })

  it('make test users, and change them: id and wallet stay, details are attested again', async () => {
    const [status, made] = await call<User>('POST people', { name: 'Eve Elm' })
    assert.deepEqual([status, made.email], [201, 'eve.elm@example.org'])
    await sandbox.authCode({ user: 'Eve Elm' })
    const [, changed] = await call<User>(`PATCH people/${made.id}`, { email: 'eve@example.org' })
    assert.deepEqual([changed.id, changed.name, changed.email], [made.id, 'Eve Elm', 'eve@example.org'])
    const [, again] = await call<User>(`PATCH people/${made.id}`, { document: { number: 'X1' } })
    assert.deepEqual([again.email, again.document.number], ['eve@example.org', 'X1'])
    assert.deepEqual(sandbox.wallet('Eve Elm').attestations(), [])
    await sandbox.authCode({ user: 'Eve Elm' })
    const wallet = sandbox.wallet('Eve Elm')
    assert.equal(
      wallet.attestations().find(({ label }) => label === EMAIL)?.attestation.data.value,
      'eve@example.org',
    )
    const [, seen] = await call<User>(`GET people/${made.id}`)
    assert.deepEqual(
      seen.attested.map(({ set }) => set),
      ['attCivicBasic'],
      'one of the two is revoked',
    )
  })

  it('keep a change over a restart', async () => {
    await call('PATCH people/bob', { phoneNumber: '+1 202 555 0100' })
    await sandbox.close()
    sandbox = await createSandbox({ state: join(folder, 'state.json') })
    assert.equal(sandbox.wallet('bob').person.phoneNumber, '+1 202 555 0100')
  })

  it('say what is wrong with a test user, and change nothing', async () => {
    const wrong: [object, RegExp][] = [
      [{ email: '' }, /^user\.email: a text that is not empty$/],
      [{ nane: 'x' }, /^user: there is no property "nane"; use id, name/],
      [{ document: { nr: 'x' } }, /^user\.document: there is no property "nr"; use type/],
      [{ address: 'x' }, /^user\.address: a name, or an object/],
    ]
    for (const [body, message] of wrong) {
      for (const what of ['POST people', 'PATCH people/alice']) {
        const [status, error] = await call<{ message: string }>(what, body)
        assert.equal(status, 400)
        assert.match(error.message, message)
      }
    }
    assert.equal((await call('PATCH people/nobody', {}))[0], 404)
    assert.equal((await call('GET people/nobody'))[0], 404)
  })

  it('revoke all attestations of a test user, even for the key of a wallet in a browser', async () => {
    await sandbox.authCode({ user: 'carol', scopeRequest: 'PROOF_OF_RESIDENCE' })
    const key = walletKey(Buffer.alloc(32, 2))
    const { email, phoneNumber } = sandbox.wallet('carol').person
    const codes = { [EMAIL]: await codeFor(sandbox, key, email) }
    const claims = { [EMAIL]: email, [PHONE]: phoneNumber }
    await attest(attesterOf(sandbox), { set: 'attCivicBasic', claims, codes }, key)
    const sets = async (): Promise<string[]> =>
      (await call<User>('GET people/carol'))[1].attested.map(({ set }) => set).sort()
    const before = await sets()
    assert.ok(before.filter((set) => set === 'attCivicBasic').length >= 1, before.join())
    assert.ok(before.includes('attCivicResidence'))
    assert.deepEqual(await call('POST people/carol/revoke'), [200, { count: before.length }])
    assert.deepEqual(await sets(), [])
    assert.deepEqual(await call('POST people/carol/revoke'), [200, { count: 0 }])
  })

  it('let the dashboard name the test user who logged in', async () => {
    await sandbox.authCode({ user: 'bob', scopeRequest: 'BASIC_LOGIN' })
    const response = await fetch(`${sandbox.url}/dashboard/api/requests`)
    const [newest] = (await response.json()) as {
      id: string
      person?: string
      timeline: { state: string }[]
    }[]
    assert.equal(newest!.person, 'Bob Baker')
    assert.deepEqual(
      newest!.timeline.map(({ state }) => state),
      ['created', 'read', 'granted'],
    )
    const one = await fetch(`${sandbox.url}/dashboard/api/requests/${newest!.id}`)
    assert.deepEqual(await one.json(), newest)
    assert.equal((await fetch(`${sandbox.url}/dashboard/api/requests/nothing`)).status, 404)
  })

  it('make exchanges fail, and show for how many more', async () => {
    const fault = { status: 503, delayMs: 0, cut: false, times: 2 }
    assert.deepEqual(await call('PUT fault', fault), [200, fault])
    assert.equal((await postCode(sandbox.strategyOptions(), '')).status, 503)
    assert.deepEqual(await call('GET fault'), [200, { ...fault, times: 1 }])
    assert.deepEqual(await call('PUT fault', { status: 500, times: 'always' }), [
      200,
      { status: 500, times: 'always' },
    ])
    await call('PUT fault', { times: 0 })
    for (const wrong of [{}, { times: 'ever' }, { times: 1, status: 'x' }, { times: 1, status: 42 }])
      assert.equal((await call('PUT fault', wrong))[0], 400, JSON.stringify(wrong))
  })

  it('list the apps at which test users can log in', async () => {
    const { appId } = sandbox.strategyOptions()
    const [, apps] = await call<{ appId: string; name: string; origin?: string }[]>('GET apps')
    const { name, origin } = apps.find((app) => app.appId === appId)!
    assert.deepEqual([name, origin], ['Example site', 'http://localhost'])
  })

  it('cannot be called by other sites', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site' }
    for (const what of ['GET mail', 'GET people', 'GET fault', 'GET apps', 'POST people/alice/revoke'])
      assert.equal((await call(what, undefined, headers))[0], 403)
  })
})
