import assert from 'node:assert/strict'
import { createDecipheriv, createPublicKey, verify as verifySignature } from 'node:crypto'
import { createSandbox } from 'civic-sip-sandbox'
import type { CreatedApp, Sandbox } from 'civic-sip-sandbox'
import { exchange, postCode } from '../support/partner.ts'
import type { Item } from '../support/partner.ts'
import { Page } from '../support/page.ts'

const mobileId = 'org.example.Shop'
/** What Civic's library for iOS sends with every request. */
const fromApp = { Origin: 'https://s3.amazonaws.com' }

describe('sandbox: a native app', () => {
  let sandbox: Sandbox
  let app: CreatedApp
  let page: Page
  before(async () => {
    sandbox = await createSandbox()
    app = sandbox.createApp({ name: 'Shop', whitelist: [mobileId] })
    page = new Page(sandbox)
  })
  after(() => sandbox.close())

  const post = (
    call: string,
    body: unknown,
    headers: Record<string, string> = fromApp,
    base = 'prod/scopeRequest',
  ): Promise<Response> =>
    fetch(`${sandbox.url}/sip/${base}/appToApp/${call}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const asked = (): Record<string, unknown> => ({
    appId: app.appId,
    mobileId,
    verificationLevel: 'civicBasic',
    civicConnect: { type: 'ios', version: '1.1' },
  })
  /** The authorization code token of a login by the app. */
  const login = async (user = 'bob'): Promise<string> => {
    const { uuid } = (await (await post('verifyPartner', asked())).json()) as { uuid: string }
    await sandbox.wallet(user).approve(uuid)
    return (await page.poll(uuid, '')).authResponse!
  }

  describe('asks by appToApp/verifyPartner', () => {
    for (const base of ['prod/scopeRequest', 'prod/1.0/scopeRequest', 'scopeRequest']) {
      it(`at ${base}, and polls without a verifier`, async () => {
        const response = await post('verifyPartner', asked(), fromApp, base)
        const { uuid, ...rest } = (await response.json()) as { uuid: string }
        const callback = `${sandbox.url}/sip/${base.replace('/1.0', '')}/${uuid}/callback`
        const scopeRequestString = `${sandbox.walletUrl}#${callback}`
        assert.deepEqual(rest, { scopeRequestString, isTest: false, timeout: 120, status: 0 })
        assert.equal((await page.poll(uuid, '')).statusCode, 202)
        assert.equal((await sandbox.wallet().read(scopeRequestString)).requester.origin, mobileId)
      })
    }

    it('for the mobile ids among the allowed domains', async () => {
      for (const wrong of ['org.example.Other', '', undefined, 7, { length: 3 }]) {
        assert.equal((await post('verifyPartner', { ...asked(), mobileId: wrong })).status, 403)
      }
      assert.equal((await post('verifyPartner', { ...asked(), verificationLevel: 'proofOfAge' })).status, 401)
      assert.equal((await post('verifyPartner', { ...asked(), appId: 7 })).status, 400)
      assert.equal((await post('verifyPartner', asked(), fromApp, 'test/scopeRequest')).status, 401)
    })

    it('with the verifier where it sent a challenge', async () => {
      const response = await post('verifyPartner', { ...asked(), challenge: page.challenge })
      const { uuid } = (await response.json()) as { uuid: string }
      assert.equal((await page.poll(uuid, '')).statusCode, 404)
      assert.equal((await page.poll(uuid)).statusCode, 202)
      assert.equal((await post('verifyPartner', { ...asked(), challenge: 'x' })).status, 400)
    })
  })

  describe('is not a web page:', () => {
    const pages: [string, Record<string, string>][] = [
      ['of any origin', { Origin: 'https://shop.example.org' }],
      ['of an opaque origin', { Origin: 'null' }],
      ['of a bucket’s own host', { Origin: 'https://bucket.s3.amazonaws.com' }],
      ['of that origin by http', { Origin: 'http://s3.amazonaws.com' }],
      ['at the very origin that apps name', { ...fromApp, 'Sec-Fetch-Site': 'cross-site' }],
      ['that names no origin', { 'Sec-Fetch-Site': 'same-origin' }],
    ]
    for (const [which, headers] of pages) {
      it(`one ${which} is refused`, async () => {
        for (const call of ['verifyPartner', 'connectXCtr']) {
          const response = await post(call, { ...asked(), jwtToken: 'x' }, headers)
          assert.equal(response.status, 403)
          assert.match(((await response.json()) as { message: string }).message, /for native apps/)
          assert.equal(response.headers.get('access-control-allow-origin'), null)
        }
      })
    }

    it('one at that origin in an old browser fails at the preflight, or sends no JSON', async () => {
      for (const call of ['verifyPartner', 'connectXCtr']) {
        const url = `${sandbox.url}/sip/prod/scopeRequest/appToApp/${call}`
        const preflight = await fetch(url, {
          method: 'OPTIONS',
          headers: { ...fromApp, 'Access-Control-Request-Headers': 'content-type' },
        })
        assert.equal(preflight.status, 405)
        assert.equal(preflight.headers.get('access-control-allow-origin'), null)
        const simple = { ...fromApp, 'Content-Type': 'text/plain' }
        assert.equal((await post(call, asked(), simple)).status, 415)
      }
    })
  })

  describe('gets the data by appToApp/connectXCtr', () => {
    interface Sealed {
      encryptedData: string
      iv: string
      publicKey: string
      signature: string
    }
    const open = ({ encryptedData, iv }: Sealed): { userId: string; data: Item[] } => {
      const decipher = createDecipheriv('aes-256-ctr', Buffer.from(app.appSecret), Buffer.from(iv, 'hex'))
      const text = Buffer.concat([decipher.update(encryptedData, 'hex'), decipher.final()]).toString()
      return JSON.parse(text) as { userId: string; data: Item[] }
    }

    it('encrypted with the text of the secret, signed, and with the same userId as in other logins', async () => {
      const token = await login()
      const response = await post('connectXCtr', { jwtToken: token })
      assert.equal(response.status, 200)
      const sealed = (await response.json()) as Sealed
      assert.deepEqual(Object.keys(sealed).sort(), ['encryptedData', 'iv', 'publicKey', 'signature'])
      const { userId, data } = open(sealed)
      const { email, phoneNumber } = sandbox.wallet('bob').person
      assert.deepEqual(
        data.map(({ value, isValid, isOwner }) => [value, isValid, isOwner]),
        [email, phoneNumber].map((value) => [value, true, true]),
      )
      assert.equal(userId, (await exchange(sandbox.strategyOptions(app.appId), await login())).userId)
      const key = createPublicKey(sealed.publicKey)
      const signature = Buffer.from(sealed.signature, 'hex')
      assert.ok(verifySignature('sha256', Buffer.from(sealed.encryptedData), key, signature))
    })

    it('once, here or by its server', async () => {
      const options = sandbox.strategyOptions(app.appId)
      const redeemed = await login()
      assert.equal((await post('connectXCtr', { jwtToken: redeemed })).status, 200)
      assert.equal((await post('connectXCtr', { jwtToken: redeemed })).status, 400)
      assert.equal((await postCode(options, redeemed)).status, 400)
      const traded = await login()
      assert.equal((await postCode(options, traded)).status, 200)
      assert.equal((await post('connectXCtr', { jwtToken: traded })).status, 400)
    })

    it('not for the code of a web page, which stays valid', async () => {
      const web = sandbox.strategyOptions()
      const token = await sandbox.authCode()
      const response = await post('connectXCtr', { jwtToken: token })
      assert.equal(response.status, 400)
      assert.match(((await response.json()) as { message: string }).message, /not a native app's/)
      assert.equal((await postCode(web, token)).status, 200)
    })

    it('not at another stage, and not for an invalid code', async () => {
      const token = await login()
      assert.equal((await post('connectXCtr', { jwtToken: token }, fromApp, 'test/scopeRequest')).status, 401)
      const [head, , signature] = token.split('.')
      const forged = [head, Buffer.from('{}').toString('base64url'), signature].join('.')
      for (const jwtToken of [undefined, null, 7, {}, '', 'x', forged, `${token}x`]) {
        assert.equal((await post('connectXCtr', { jwtToken })).status, 400)
      }
      assert.equal((await post('connectXCtr', { jwtToken: token })).status, 200)
    })
  })

  it('posts', async () => {
    for (const call of ['verifyPartner', 'connectXCtr']) {
      const response = await fetch(`${sandbox.url}/sip/prod/scopeRequest/appToApp/${call}`)
      assert.equal(response.status, 405)
      assert.equal(response.headers.get('allow'), 'POST')
    }
  })
})
