import assert from 'node:assert/strict'
import jsqr from 'jsqr'
import { PNG } from 'pngjs'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { checkMove, TRANSITIONS } from '../../sip/lib/scope-requests/scope-request.ts'
import type { Call, State } from '../../sip/lib/scope-requests/scope-request.ts'
import { Page } from '../support/page.ts'
import { exchange } from '../support/partner.ts'
import { rawRequest } from './support/request.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe('sandbox: the states of a scope request', () => {
  const states: State[] = ['created', 'read', 'approved', 'granted', 'denied', 'expired', 'exchanged']
  const calls: Call[] = [
    'read',
    'approve',
    'grant',
    'deny',
    'end',
    'confirm',
    'end tries',
    'exchange',
    'expire',
  ]
  const ofWaiting = (state: State): Record<string, State> => ({
    [`${state} read`]: 'read',
    [`${state} approve`]: 'approved',
    [`${state} grant`]: 'granted',
    [`${state} deny`]: 'denied',
    [`${state} end`]: 'expired',
    [`${state} expire`]: 'expired',
  })
  const allowed: Record<string, State> = {
    ...ofWaiting('created'),
    ...ofWaiting('read'),
    'approved confirm': 'granted',
    'approved end tries': 'expired',
    'approved expire': 'expired',
    'granted exchange': 'exchanged',
    'granted expire': 'expired',
  }

  it('has no other states and calls', () => {
    assert.deepEqual(Object.keys(TRANSITIONS), states)
    assert.deepEqual(new Set(Object.values(TRANSITIONS).flatMap((row) => Object.keys(row))), new Set(calls))
  })

  for (const state of states) {
    for (const call of calls) {
      const next = allowed[`${state} ${call}`]
      it(`${call} moves ${state} ${next === undefined ? 'nowhere' : `to ${next}`}`, () => {
        if (next === undefined) {
          assert.throws(() => checkMove({ state }, call), {
            name: 'HttpError',
            status: state === 'expired' ? 410 : 409,
          })
        } else {
          assert.equal(checkMove({ state }, call), next)
        }
      })
    }
  }
})

describe('sandbox: the QR code', () => {
  let sandbox: Sandbox
  let page: Page
  let clock: number
  beforeEach(async () => {
    clock = Date.now()
    sandbox = await createSandbox({ clock: () => clock })
    page = new Page(sandbox)
  })
  afterEach(() => sandbox.close())

  const refusal = async (response: Response): Promise<[number, string]> => [
    response.status,
    ((await response.json()) as { message: string }).message,
  ]

  it('encodes the link to the wallet, and can be read by the requesting page', async () => {
    const response = await page.ask()
    assert.equal(response.headers.get('access-control-allow-origin'), 'http://localhost:3000')
    assert.match(response.headers.get('vary')!, /Origin/)
    const { imageUri, uuid, ...rest } = (await response.json()) as Record<string, string>
    assert.match(uuid!, UUID)
    const callback = `${sandbox.url}/sip/prod/scopeRequest/${uuid}/callback`
    const scopeRequestString = `${sandbox.walletUrl}#${callback}`
    assert.deepEqual(rest, { isTest: false, timeout: 120, scopeRequestString, testWallet: true })
    const [head, base64] = imageUri!.split(',')
    assert.equal(head, 'data:image/png;base64')
    const { data, width, height } = PNG.sync.read(Buffer.from(base64!, 'base64'))
    assert.equal(jsqr.default(new Uint8ClampedArray(data), width, height)?.data, scopeRequestString)
  })

  it('sends a phone to the host name that the browser used', async () => {
    const open = await createSandbox({ allowHosts: ['phone.example.test'] })
    const { port } = new URL(open.url)
    const { appId } = open.strategyOptions()
    const body = new URLSearchParams({
      appId,
      verificationLevel: 'Login',
      challenge: page.challenge,
    }).toString()
    const headers = {
      Host: `phone.example.test:${port}`,
      Origin: 'http://localhost:3000',
      'Content-Type': 'application/x-www-form-urlencoded',
    }
    const answer = await rawRequest(`${open.url}/sip/prod/1.0/scopeRequest/qrcode`, {
      method: 'POST',
      headers,
      body,
    })
    await open.close()
    const { scopeRequestString } = JSON.parse(answer.text) as { scopeRequestString: string }
    const origin = `http://phone.example.test:${port}`
    const wallet = `http://phone.example.test:${new URL(open.walletUrl).port}`
    assert.ok(scopeRequestString.startsWith(`${wallet}#${origin}/sip/prod/scopeRequest/`))
  })

  it('is only for pages on allowed domains', async () => {
    for (const origin of ['http://evil.example.org', 'null', '']) {
      const response = await new Page(sandbox, origin).ask()
      assert.equal(response.headers.get('access-control-allow-origin'), null)
      const [status, message] = await refusal(response)
      assert.equal(status, 403)
      assert.match(message, /not an allowed domain/)
    }
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['https://shop.example.org'] })
    assert.equal((await page.ask({ appId })).status, 403)
    assert.equal((await new Page(sandbox, 'https://shop.example.org').ask({ appId })).status, 200)
  })

  it('is refused with the reason', async () => {
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['localhost'] })
    const test = sandbox.createApp({ name: 'Shop', whitelist: ['localhost'], environment: 'test' })
    const wrong: [Record<string, string | undefined>, number, RegExp][] = [
      [{ appId: 'nobody' }, 400, /appId: there is no such app/],
      [{ appId: undefined }, 400, /appId: there is no such app/],
      [{ appId: test.appId }, 401, /is a test app: its stage is test, not prod/],
      [{ appId, verificationLevel: 'proofOfIdentity' }, 401, /not approved for .* proofOfIdentity/],
      [{ verificationLevel: 'everything' }, 400, /"everything" is not a scope request: use one of/],
      [{ verificationLevel: undefined }, 400, /not a scope request/],
      [{ verificationLevel: undefined, 'attributes[0]': 'contact.work.email' }, 400, /attributes: /],
      [{ challenge: undefined }, 400, /challenge: /],
      [{ challenge: 'A'.repeat(64) }, 400, /challenge: /],
    ]
    for (const [fields, status, message] of wrong) {
      const response = await page.ask(fields)
      assert.equal(response.headers.get('access-control-allow-origin'), 'http://localhost:3000')
      const refused = await refusal(response)
      assert.equal(refused[0], status)
      assert.match(refused[1], message)
    }
  })

  it('accepts labels instead of a name, as CivicJS sends a basic sign-up', async () => {
    const uuid = await page.uuid({
      verificationLevel: undefined,
      'attributes[0]': 'contact.personal.email',
      'attributes[1]': 'contact.personal.phoneNumber',
    })
    const { level, labels } = await sandbox.wallet().read(uuid)
    assert.equal(level, 'civicBasic')
    assert.deepEqual(labels, ['contact.personal.email', 'contact.personal.phoneNumber'])
    const one = await page.uuid({ verificationLevel: undefined, 'attributes[0]': 'contact.personal.email' })
    assert.deepEqual((await sandbox.wallet().read(one)).labels, ['contact.personal.email'])
  })

  it('says that it is a test for a test app', async () => {
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['localhost'], environment: 'test' })
    for (const stage of ['test', 'dev']) {
      const response = await fetch(`${sandbox.url}/sip/${stage}/1.0/scopeRequest/qrcode`, {
        method: 'POST',
        headers: { Origin: 'http://localhost:3000' },
        body: new URLSearchParams({ appId, verificationLevel: 'Login', challenge: page.challenge }),
      })
      const { isTest, uuid } = (await response.json()) as { isTest: boolean; uuid: string }
      assert.equal(isTest, true)
      assert.equal((await page.poll(uuid, page.verifier, stage)).statusCode, 202)
    }
  })

  describe('polled', () => {
    it('goes from waiting to read to the token, which it repeats until the code is used', async () => {
      const uuid = await page.uuid()
      assert.deepEqual(await page.poll(uuid), { statusCode: 202, status: 'created' })
      const wallet = sandbox.wallet('bob')
      await wallet.read(uuid)
      assert.deepEqual(await page.poll(uuid), { statusCode: 202, status: 'read' })
      await wallet.approve(uuid)
      const answer = await page.poll(uuid)
      assert.equal(answer.statusCode, 200)
      assert.equal(answer.action, 'data-received')
      assert.deepEqual(await page.poll(uuid), answer)
      const { data } = await exchange(sandbox.strategyOptions(), answer.authResponse!)
      assert.equal(data[0]!.value, 'bob.baker@example.org')
      assert.equal((await page.poll(uuid)).statusCode, 410)
    })

    it('reports a decline', async () => {
      const uuid = await page.uuid()
      await sandbox.wallet().deny(uuid)
      assert.deepEqual(await page.poll(uuid), { statusCode: 200, action: 'user-cancelled', type: 'code' })
    })

    it('reveals nothing to a person who only saw the code', async () => {
      const uuid = await page.uuid()
      await sandbox.wallet().approve(uuid)
      const nothing = await page.poll(await page.uuid(), 'x')
      for (const verifier of ['', 'x', page.challenge, new Page(sandbox).verifier]) {
        assert.deepEqual(await page.poll(uuid, verifier), nothing)
      }
      assert.equal(nothing.statusCode, 404)
      assert.equal((await page.poll(uuid, page.verifier, 'test')).statusCode, 404)
      assert.equal((await page.poll(uuid)).action, 'data-received')
    })

    it('ends after two minutes without a response', async () => {
      const uuid = await page.uuid()
      clock += 119_999
      assert.equal((await page.poll(uuid)).statusCode, 202)
      clock += 1
      assert.equal((await page.poll(uuid)).statusCode, 410)
      await assert.rejects(sandbox.wallet().read(uuid), { name: 'WalletError', status: 410 })
      clock += 60_000
      assert.equal((await page.poll(uuid)).statusCode, 410)
    })
  })

  it('responds with 405 to other methods', async () => {
    assert.equal((await fetch(`${sandbox.url}/sip/prod/1.0/scopeRequest/qrcode`)).status, 405)
    const uuid = await page.uuid()
    assert.equal(
      (await fetch(`${sandbox.url}/sip/prod/scopeRequest/${uuid}`, { method: 'DELETE' })).status,
      405,
    )
  })
})
