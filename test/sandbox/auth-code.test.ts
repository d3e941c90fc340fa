import assert from 'node:assert/strict'
import { publicKey, verifyToken } from 'passport-civic-sip/crypto'
import { ScopeRequests, scopeLabels } from 'passport-civic-sip/user-data'
import { createSandbox } from 'civic-sip-sandbox'
import type { AuthCodeOptions, Sandbox, SandboxStrategyOptions } from 'civic-sip-sandbox'
import { exchange } from '../support/partner.ts'

const LEVEL = 'verifications.levels.CIVIC:IAL1'

describe('sandbox: authCode()', () => {
  let sandbox: Sandbox
  let partner: SandboxStrategyOptions
  const login = async (
    options: AuthCodeOptions = {},
  ): Promise<{ userId: string; data: { label: string; value: string }[] }> =>
    exchange(sandbox.strategyOptions(options.appId), await sandbox.authCode(options))

  before(async () => {
    sandbox = await createSandbox()
    partner = sandbox.strategyOptions()
  })
  after(() => sandbox.close())

  it('returns the token that a browser would get', async () => {
    const claims = verifyToken(await sandbox.authCode(), [publicKey(partner.sipPublicKey)])
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
    assert.match(claims['jti'] as string, uuid)
    assert.match((claims['data'] as { codeToken: string }).codeToken, uuid)
    assert.equal(claims['iss'], 'civic-sip-hosted-service')
    assert.equal(claims['aud'], partner.api)
    assert.equal(claims['sub'], partner.appId)
  })

  for (const name of Object.keys(ScopeRequests)) {
    it(`returns the labels of ${name}, by its name and by its wire value`, async () => {
      for (const scopeRequest of [name, ScopeRequests[name as keyof typeof ScopeRequests]]) {
        const { data } = await login({ scopeRequest })
        assert.deepEqual(data.map(({ label }) => label).sort(), [...scopeLabels(name)!].sort())
        assert.ok(data.every(({ value }) => value.length > 0))
      }
    })
  }

  it('knows a person again at the same app, by id, by name and by the same description', async () => {
    const same: AuthCodeOptions['user'][][] = [
      [undefined, 'alice', 'Alice Archer'],
      ['bob', 'BOB BAKER'],
      [
        { name: 'Dora Diaz', email: 'dora@example.org' },
        { email: 'dora@example.org', name: 'Dora Diaz' },
        'Dora Diaz',
      ],
      ['eve@example.org', { email: 'eve@example.org' }],
    ]
    const seen = new Set<string>()
    for (const users of same) {
      const ids = await Promise.all(users.map(async (user) => (await login(user ? { user } : {})).userId))
      assert.equal(new Set(ids).size, 1)
      seen.add(ids[0]!)
    }
    assert.equal(seen.size, same.length)
  })

  it('gives the same person another userId at another app', async () => {
    const { appId } = sandbox.createApp({ name: 'Other' })
    assert.notEqual((await login({ appId })).userId, (await login()).userId)
    assert.deepEqual((await login({ appId })).data, (await login()).data)
  })

  it('shares the same for everybody in a private login: a verified person', async () => {
    for (const user of ['alice', 'bob', { email: 'zoe@example.org' }]) {
      const { data } = await login({ user, scopeRequest: 'ANONYMOUS_LOGIN' })
      assert.deepEqual(data, [{ label: LEVEL, value: 'CIVIC:IAL1', isValid: true, isOwner: true }])
    }
  })

  it('shares the details in a description', async () => {
    const user = {
      email: 'zoe@example.org',
      phoneNumber: '+1 303 555 0142',
      dateOfBirth: '2001-02-03',
      document: { type: 'Passport', country: 'NZL' },
    }
    const { data } = await login({ user, scopeRequest: 'PROOF_OF_IDENTITY' })
    const value = (label: string): unknown => data.find((item) => item.label === label)?.value
    assert.equal(value('contact.personal.email'), 'zoe@example.org')
    assert.equal(value('contact.personal.phoneNumber'), '+1 303 555 0142')
    assert.equal(value('documents.genericId.dateOfBirth'), '2001-02-03')
    assert.equal(value('documents.genericId.type'), 'Passport')
    assert.equal(value('documents.genericId.country'), 'NZL')
  })

  it('says which option is wrong', async () => {
    const wrong: [unknown, RegExp][] = [
      [{ appId: 'nobody' }, /no app "nobody"/],
      [{ scopeRequest: 'BASIC' }, /"BASIC" is not a scope request: use one of BASIC_SIGNUP/],
      [{ user: { phone: '1' } }, /user: there is no property "phone"; use id, name/],
      [{ user: { email: 1 } }, /user\.email: a text/],
      [{ user: { document: 'x' } }, /user\.document: .* an object/],
      [{ user: 7 }, /user: .* an object/],
      [{ user: null }, /user: .* an object/],
      [{ appId: 5 }, /appId: a text/],
      [{ appId: {} }, /appId: a text/],
      [{ appId: true }, /appId: a text/],
      [{ appId: null }, /appId: a text/],
      [{ scopeRequest: null }, /not a scope request/],
    ]
    for (const [options, error] of wrong) {
      await assert.rejects(sandbox.authCode(options as AuthCodeOptions), error)
    }
    const { appId } = sandbox.createApp({ name: 'Modest' })
    await assert.rejects(
      sandbox.authCode({ appId, scopeRequest: 'PROOF_OF_AGE' }),
      /not approved .* proofOfAge/,
    )
  })

  it('asks from the given origin, or from the app’s first allowed domain', async () => {
    const { appId } = sandbox.createApp({
      name: 'Shop',
      whitelist: ['https://shop.example.org', 'localhost'],
    })
    assert.ok(await sandbox.authCode({ appId }))
    assert.ok(await sandbox.authCode({ appId, origin: 'http://localhost:3000' }))
    const requests = (await (await fetch(`${sandbox.url}/dashboard/api/requests`)).json()) as object[]
    assert.deepEqual(
      requests.slice(0, 2).map((entry) => (entry as { origin: string }).origin),
      ['http://localhost:3000', 'https://shop.example.org'],
    )
    await assert.rejects(sandbox.authCode({ appId, origin: 'https://evil.example.org' }), {
      status: 403,
      message: /evil\.example\.org, is not an allowed domain of app/,
    })
  })

  it('needs no fetch, which test environments replace or lack', async () => {
    const { fetch } = globalThis
    try {
      globalThis.fetch = () => Promise.reject(new Error('no fetch here'))
      assert.ok(await sandbox.authCode())
    } finally {
      globalThis.fetch = fetch
    }
  })

  describe('over HTTP, POST /dev/authCode', () => {
    const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${sandbox.url}/dev/authCode`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body,
      })

    it('does the same for curl', async () => {
      const response = await post('{"user":"bob","scopeRequest":"ANONYMOUS_LOGIN"}')
      const { authToken } = (await response.json()) as { authToken: string }
      assert.deepEqual((await exchange(partner, authToken)).data, [
        { label: LEVEL, value: 'CIVIC:IAL1', isValid: true, isOwner: true },
      ])
      assert.equal((await post('{"appId":"nobody"}')).status, 404)
      for (const wrong of [
        '{"user":7}',
        '{"appId":5}',
        '{"appId":{}}',
        '{"appId":true}',
        '[]',
        '5',
        'null',
      ]) {
        assert.equal((await post(wrong)).status, 400, wrong)
      }
    })

    it("refuses other sites' pages, forms and unknown Hosts", async () => {
      const refused: [Record<string, string>, number][] = [
        [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
        [{ 'Sec-Fetch-Site': 'same-site' }, 403],
        [{ Origin: 'http://evil.example.org' }, 403],
        [{ Origin: 'null' }, 403],
        [{ 'Content-Type': 'text/plain' }, 415],
        [{ 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
      ]
      for (const [headers, status] of refused) assert.equal((await post('{}', headers)).status, status)
    })
  })
})
