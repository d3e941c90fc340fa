import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { publicKey, verifyToken } from 'passport-civic-sip/crypto'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox, SandboxStrategyOptions } from 'civic-sip-sandbox'
import { authorization, exchange, open, postCode } from '../support/partner.ts'
import type { Deviation } from '../support/partner.ts'
import { rawRequest } from './support/request.ts'

const DATA = { method: 'POST', path: 'scopeRequest/authCode' }

async function message(response: Response): Promise<string> {
  return ((await response.json()) as { message: string }).message
}

describe('sandbox: the exchange of a code', () => {
  let sandbox: Sandbox
  let partner: SandboxStrategyOptions
  let ahead = 0

  before(async () => {
    sandbox = await createSandbox({ clock: () => Date.now() + ahead })
    partner = sandbox.strategyOptions()
  })
  beforeEach(() => {
    ahead = 0
  })
  after(() => sandbox.close())

  it('responds with the data of the person, sealed, in a new token', async () => {
    const response = await postCode(partner, await sandbox.authCode())
    const answer = (await response.json()) as Record<string, string>
    assert.equal(response.status, 200)
    assert.deepEqual(Object.keys(answer).sort(), ['alg', 'data', 'encrypted', 'userId'])
    assert.equal(answer['encrypted'], true)
    assert.equal(answer['alg'], 'aes')
    assert.match(answer['userId']!, /^[0-9a-f]{64}$/)
    const claims = verifyToken(answer['data']!, [publicKey(partner.sipPublicKey)])
    assert.equal(claims['iss'], 'civic-sip-hosted-service')
    assert.equal(claims['aud'], partner.api)
    assert.equal(claims['sub'], partner.appId)
    assert.equal(Math.round(((claims['exp'] as number) - (claims['iat'] as number)) * 1000), 1_800_000)
    assert.match(claims['data'] as string, /^[0-9a-f]{32}[A-Za-z0-9+/]+=*$/)
    assert.deepEqual(open(partner, answer['data']!), [
      { label: 'contact.personal.email', value: 'alice.archer@example.org', isValid: true, isOwner: true },
      { label: 'contact.personal.phoneNumber', value: '+1 202 555 0173', isValid: true, isOwner: true },
    ])
  })

  it('exchanges a code once', async () => {
    const token = await sandbox.authCode()
    await exchange(partner, token)
    const again = await postCode(partner, token)
    assert.equal(again.status, 400)
    assert.match(await message(again), /used already/)
  })

  it('exchanges a code once, even for 50 simultaneous requests', async () => {
    const token = await sandbox.authCode()
    const answers = await Promise.all(Array.from({ length: 50 }, () => postCode(partner, token)))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [200, ...Array.from({ length: 49 }, () => 400)])
  })

  it('refuses a code after 30 minutes', async () => {
    const token = await sandbox.authCode()
    ahead = 1_800_000
    const now = (Date.now() + ahead) / 1000
    const late = await postCode(partner, token, { claims: { iat: now, exp: now + 180 } })
    assert.equal(late.status, 400)
    assert.match(await message(late), /expired/)
  })

  it("refuses another app's code, which stays valid for that app", async () => {
    const { appId } = sandbox.createApp({ name: 'Other', whitelist: [] })
    const token = await sandbox.authCode({ appId })
    const stolen = await postCode(partner, token)
    assert.equal(stolen.status, 400)
    assert.match(await message(stolen), /another app's/)
    await exchange(sandbox.strategyOptions(appId), token)
  })

  it('refuses a code that it never issued, in a token that it never signed', async () => {
    const token = await sandbox.authCode()
    const [head, body] = token.split('.', 2)
    for (const forged of [`${head}.${body}.${'A'.repeat(86)}`, 'nonsense', '']) {
      const response = await postCode(partner, forged)
      assert.equal(response.status, 400)
      assert.match(await message(response), /not a token that this SIP signed/)
    }
  })

  it('refuses the data token of an earlier exchange instead of a code', async () => {
    const answer = (await (await postCode(partner, await sandbox.authCode())).json()) as { data: string }
    const response = await postCode(partner, answer.data)
    assert.equal(response.status, 400)
    assert.match(await message(response), /unknown or expired/)
  })

  const now = Date.now() / 1000
  /** Said when the test runs, however long after it was read. */
  const atOnce = (time = Date.now() / 1000) => ({ iat: time, exp: time })
  describe('accepts the requests of published clients', () => {
    const clients: [string, (api: string) => Deviation][] = [
      ['an audience without its last slash', (api) => ({ claims: { aud: api.replace(/\/$/, '') } })],
      [
        'JSON labelled as a form',
        () => ({ headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
      ],
      ['JSON labelled as text', () => ({ headers: { 'Content-Type': 'text/plain;charset=UTF-8' } })],
      ['JSON in a label that nobody knows', () => ({ headers: { 'Content-Type': 'x' } })],
      ['data in an array of one', () => ({ claims: { data: [DATA] } })],
      ['an expiry equal to the issue', () => ({ claims: atOnce() })],
      ['a not-before that lies ahead', () => ({ claims: { nbf: now + 3600 } })],
    ]
    for (const [what, deviation] of clients) {
      it(what, async () => {
        const response = await postCode(partner, await sandbox.authCode(), deviation(partner.api))
        assert.equal(response.status, 200, what)
      })
    }

    it('JSON without a label', async () => {
      const body = { authToken: await sandbox.authCode() }
      const response = await rawRequest(`${partner.api}prod/scopeRequest/authCode`, {
        method: 'POST',
        headers: { Authorization: authorization(partner, body) },
        body: JSON.stringify(body),
      })
      assert.equal(response.status, 200)
    })
  })

  const unauthorized: [string, Deviation | ((api: string) => Deviation), RegExp][] = [
    ['no Authorization header', { headers: { Authorization: '' } }, /form Civic/],
    ['another scheme', { headers: { Authorization: 'Bearer a.b.c.d' } }, /form Civic/],
    ['an unknown app', { claims: { iss: 'nobody' } }, /iss/],
    ['another subject', { claims: { sub: 'nobody' } }, /sub/],
    ['another audience', { claims: { aud: 'https://api.civic.com/sip/' } }, /aud/],
    ['an expired request token', { claims: { iat: now - 400, exp: now - 200 } }, /expired/],
    ['a request token from the future', { claims: { iat: now + 300, exp: now + 480 } }, /future/],
    ['an expiry before the issue', { claims: { iat: now + 10, exp: now + 5 } }, /iat and exp/],
    [
      'another method',
      { claims: { data: { method: 'GET', path: 'scopeRequest/authCode' } } },
      /data\.method/,
    ],
    ['another path', { claims: { data: { method: 'POST', path: '/scopeRequest/authCode' } } }, /data\.path/],
    ['no data', { claims: { data: undefined } }, /data\.method/],
    ['an array without data', { claims: { data: [] } }, /data\.method/],
    ['an array of two', { claims: { data: [DATA, DATA] } }, /data\.method/],
    ['an array in an array', { claims: { data: [[DATA]] } }, /data\.method/],
    ['an audience with two slashes', (api) => ({ claims: { aud: `${api}/` } }), /aud/],
    ['a list of audiences', (api) => ({ claims: { aud: [api] } }), /aud/],
    ['a list of audiences without a slash', (api) => ({ claims: { aud: [api.slice(0, -1)] } }), /aud/],
    ['an expiry equal to the issue that is over', { claims: { iat: now - 61, exp: now - 61 } }, /expired/],
  ]
  for (const [what, deviation, reason] of unauthorized) {
    it(`answers 401 to ${what}, and the code stays good`, async () => {
      const token = await sandbox.authCode()
      const changed = typeof deviation === 'function' ? deviation(partner.api) : deviation
      const response = await postCode(partner, token, changed)
      assert.equal(response.status, 401)
      assert.match(await message(response), reason)
      await exchange(partner, token)
    })
  }

  it('responds with 401 if prvKey is not the app’s', async () => {
    const { prvKey } = sandbox.createApp({ name: 'Other' })
    const response = await postCode({ ...partner, prvKey }, await sandbox.authCode())
    assert.equal(response.status, 401)
    assert.match(await message(response), /prvKey/)
  })

  it('responds with 401 if appSecret differs, even in the case of a digit', async () => {
    const wrong = [randomBytes(16).toString('hex'), partner.appSecret.toUpperCase()]
    for (const appSecret of wrong) {
      const response = await postCode({ ...partner, appSecret }, await sandbox.authCode())
      assert.equal(response.status, 401)
      assert.match(await message(response), /HMAC extension does not match: is appSecret the right one\?/)
    }
  })

  it('checks the extension over the canonical body, not over its bytes', async () => {
    const token = await sandbox.authCode()
    const response = await postCode(partner, token, { body: { z: 1, a: { y: 2, b: 3 } } })
    assert.equal(response.status, 200)
    const tampered = await postCode(partner, await sandbox.authCode(), {
      headers: { Authorization: authorization(partner, { authToken: 'another' }) },
    })
    assert.equal(tampered.status, 401)
  })

  it('responds with 400 to a body that is not one JSON object of bounded depth, in UTF-8', async () => {
    const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
    const bodies = [
      '{',
      '[]',
      'null',
      '7',
      '"text"',
      nested(40),
      nested(30_000),
      Uint8Array.of(0x22, 0xff, 0x22),
    ]
    for (const body of bodies) {
      const response = await fetch(`${partner.api}prod/scopeRequest/authCode`, { method: 'POST', body })
      assert.equal(response.status, 400)
      assert.match(await message(response), /^the body is not one JSON object/)
    }
  })

  it('responds with 405 to other methods, 404 to other stages', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await postCode(partner, '', { method })
      assert.equal(response.status, 405)
      assert.equal(response.headers.get('allow'), 'POST')
      assert.match(await message(response), /not allowed/)
    }
    const response = await postCode(partner, await sandbox.authCode(), { path: 'qa/scopeRequest/authCode' })
    assert.equal(response.status, 404)
  })

  it('accepts a URL without a stage, with one slash or, as from the official client, two', async () => {
    for (const path of ['scopeRequest/authCode', '/scopeRequest/authCode']) {
      assert.equal((await postCode(partner, await sandbox.authCode(), { path })).status, 200)
    }
  })

  it('separates test and live', async () => {
    const { appId } = sandbox.createApp({ name: 'Test', environment: 'test' })
    const test = sandbox.strategyOptions(appId)
    assert.equal(test.env, 'test')
    const response = await postCode(test, await sandbox.authCode({ appId }), {
      path: 'prod/scopeRequest/authCode',
    })
    assert.equal(response.status, 401)
    await exchange(test, await sandbox.authCode({ appId }))
  })

  describe('of a large payload', () => {
    const scopeRequest = 'PROOF_OF_IDENTITY'

    for (const flag of ['allowS3UploadedPayload', 'processPayload']) {
      it(`takes ${flag} for a client that can follow a URL`, async () => {
        const response = await postCode(partner, await sandbox.authCode({ scopeRequest }), {
          body: { [flag]: true },
        })
        assert.equal(((await response.json()) as { processed?: boolean }).processed, true)
      })
    }

    it('returns a URL if the client can follow it', async () => {
      const response = await postCode(partner, await sandbox.authCode({ scopeRequest }), {
        body: { allowS3UploadedPayload: true },
      })
      const answer = (await response.json()) as Record<string, string>
      assert.equal(answer['processed'], true)
      assert.equal(new URL(answer['data']!).origin, sandbox.url)
      const payload = await fetch(answer['data']!)
      assert.match(payload.headers.get('content-type')!, /^application\/json/)
      const token = await payload.text()
      assert.ok(token.length > 100_000)
      assert.ok(open(partner, token).some(({ label }) => label === 'documents.genericId.image'))
      ahead = 60_000
      assert.equal((await fetch(answer['data']!)).status, 404)
    })

    it('responds in one piece if the client cannot', async () => {
      const response = await postCode(partner, await sandbox.authCode({ scopeRequest }))
      const answer = (await response.json()) as Record<string, string>
      assert.equal(answer['processed'], undefined)
      assert.equal(open(partner, answer['data']!).length, 12)
    })
  })
})
