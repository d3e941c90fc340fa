import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { Page } from '../support/page.ts'
import { exchange } from '../support/partner.ts'

const PRIVATE = { verificationLevel: 'Anonymous_Login' }
const site = 'http://localhost:3000'

describe('an approval that the browser has to confirm', () => {
  let sandbox: Sandbox
  let page: Page
  let now: number
  before(async () => {
    now = Date.now()
    sandbox = await createSandbox({ confirm: true, clock: () => now })
  })
  after(() => sandbox.close())
  beforeEach(() => {
    page = new Page(sandbox, site)
  })
  const confirm = async (uuid: string, body: unknown, verifier = page.verifier) => {
    const response = await fetch(`${sandbox.url}/sip/prod/scopeRequest/${uuid}/confirm`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Civic-Verifier': verifier },
      body: JSON.stringify(body),
    })
    return { status: response.status, json: (await response.json()) as object }
  }
  const approved = async (channel: 'scan' | 'link') => {
    const uuid = await page.uuid({ ...PRIVATE, channel })
    const { state, confirm: code = '', redirectUri = '' } = await sandbox.wallet().approve(uuid)
    assert.equal(state, 'granted')
    return { uuid, code, redirectUri }
  }
  const responseCodeIn = (redirectUri: string): string =>
    /\?uuid=[0-9a-f-]{36}\.([\w-]{43})$/.exec(redirectUri)?.[1] ?? ''
  const wrong = (code: string): string => (code === '000000' ? '000001' : '000000')

  it('gives the code to the browser in which the person types the wallet’s digits', async () => {
    const { uuid, code } = await approved('scan')
    assert.match(code, /^\d{6}$/)
    assert.deepEqual(await page.poll(uuid), { statusCode: 202, status: 'confirm' })
    assert.deepEqual(await confirm(uuid, { code }), { status: 200, json: {} })
    const { authResponse } = await page.poll(uuid)
    assert.match((await exchange(sandbox.strategyOptions(), authResponse!)).userId, /^[0-9a-f]{64}$/)
  })

  it('gives it to the browser to which a wallet on the same device returns, by the response code', async () => {
    const { uuid, code, redirectUri } = await approved('link')
    assert.equal(code, '')
    assert.ok(redirectUri.startsWith(`${site}/?uuid=${uuid}.`))
    assert.equal((await page.poll(uuid)).status, 'confirm')
    const responseCode = responseCodeIn(redirectUri)
    assert.deepEqual(await confirm(uuid, { responseCode }), { status: 200, json: {} })
    assert.equal((await page.poll(uuid)).action, 'data-received')
  })

  it('accepts the same code again, as after a lost response', async () => {
    const { uuid, code } = await approved('scan')
    await confirm(uuid, { code })
    assert.equal((await confirm(uuid, { code })).status, 200)
    assert.equal((await page.poll(uuid)).action, 'data-received')
  })

  for (const channel of ['scan', 'link'] as const) {
    it(`is over after three wrong codes, for the right one too: ${channel}`, async () => {
      const { uuid, code, redirectUri } = await approved(channel)
      const right = channel === 'scan' ? { code } : { responseCode: responseCodeIn(redirectUri) }
      const bad = channel === 'scan' ? { code: wrong(code) } : { responseCode: 'x'.repeat(43) }
      for (let tries = 0; tries < 3; tries += 1) assert.equal((await confirm(uuid, bad)).status, 403)
      assert.equal((await confirm(uuid, right)).status, 410)
      assert.equal((await page.poll(uuid)).statusCode, 410)
    })

    it(`compares three of a hundred codes that come at once: ${channel}`, async () => {
      const { uuid, code } = await approved(channel)
      const guesses = Array.from({ length: 100 }, (_, index) => {
        const guess = String(index).padStart(6, '0')
        return channel === 'scan' ? { code: guess === code ? '999999' : guess } : { responseCode: guess }
      })
      const replies = await Promise.all(guesses.map((body) => confirm(uuid, body)))
      assert.equal(replies.filter(({ status }) => status === 403).length, 3)
      assert.ok(replies.every(({ status }) => status === 403 || status === 410))
    })

    it(`costs no try where there is no code, nor the one of the other kind: ${channel}`, async () => {
      const { uuid, code, redirectUri } = await approved(channel)
      const responseCode = responseCodeIn(redirectUri)
      const none = [{}, { code: '' }, { code: 7 }, { responseCode: null }]
      const other = channel === 'scan' ? { responseCode: 'x' } : { code: '000000' }
      for (const body of [...none, other, ...none]) assert.equal((await confirm(uuid, body)).status, 403)
      const right = channel === 'scan' ? { code } : { responseCode }
      assert.equal((await confirm(uuid, right)).status, 200)
    })

    it(`of a link that somebody sent cannot be finished by its sender, though he polls 200 times: ${channel}`, async () => {
      const { uuid } = await approved(channel)
      for (let times = 0; times < 200; times += 1) {
        const polled = await page.poll(uuid)
        assert.deepEqual(polled, { statusCode: 202, status: 'confirm' })
      }
      for (const code of ['000000', '111111', '222222', '333333']) {
        await confirm(uuid, { code, responseCode: code })
      }
      assert.equal((await page.poll(uuid)).authResponse, undefined)
    })
  }

  it('is only for the requesting browser: another one gets the error for an unknown uuid', async () => {
    const { uuid, code } = await approved('scan')
    for (const verifier of ['', page.challenge, new Page(sandbox).verifier]) {
      assert.equal((await confirm(uuid, { code }, verifier)).status, 404)
    }
    assert.equal((await confirm(uuid, { code })).status, 200)
  })

  it('waits for the wallet, and ends if the person declines', async () => {
    const uuid = await page.uuid(PRIVATE)
    assert.equal((await confirm(uuid, { code: '000000' })).status, 409)
    await sandbox.wallet().deny(uuid)
    assert.equal((await confirm(uuid, { code: '000000' })).status, 410)
  })

  it('waits two minutes for the code', async () => {
    const { uuid, code } = await approved('scan')
    now += 119_000
    assert.equal((await page.poll(uuid)).status, 'confirm')
    now += 1000
    assert.equal((await page.poll(uuid)).statusCode, 410)
    assert.equal((await confirm(uuid, { code })).status, 410)
  })

  it('is not needed for native apps', async () => {
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['org.example.shop'] })
    const response = await fetch(`${sandbox.url}/sip/prod/scopeRequest/appToApp/verifyPartner`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ appId, mobileId: 'org.example.shop', ...PRIVATE }),
    })
    const { uuid } = (await response.json()) as { uuid: string }
    assert.deepEqual(await sandbox.wallet().approve(uuid), { state: 'granted' })
    assert.equal((await page.poll(uuid, '')).action, 'data-received')
  })

  it('can be switched off for an app, and is done by a login without a browser', async () => {
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['localhost'], confirm: false })
    const uuid = await page.uuid({ ...PRIVATE, appId })
    assert.deepEqual(await sandbox.wallet().approve(uuid), { state: 'granted' })
    assert.equal((await page.poll(uuid)).action, 'data-received')
    assert.match(await sandbox.authCode(), /^[\w-]+\.[\w-]+\.[\w-]+$/)
  })
})
