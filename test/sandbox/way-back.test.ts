import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { Page } from '../support/page.ts'

const site = 'http://localhost:3000'

describe('sandbox: the return from the wallet to the page', () => {
  let sandbox: Sandbox
  let page: Page
  let clock: number
  before(async () => {
    clock = Date.now()
    sandbox = await createSandbox({ clock: () => clock })
    page = new Page(sandbox, site)
  })
  after(() => sandbox.close())

  const tell = (uuid: string, url: unknown, verifier = page.verifier, stage = 'prod/'): Promise<Response> =>
    fetch(`${sandbox.url}/sip/${stage}scopeRequest/${uuid}/return`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Civic-Verifier': verifier },
      body: JSON.stringify({ url }),
    })
  const linked = (): Promise<string> => page.uuid({ channel: 'link' })
  const back = async (uuid: string): Promise<string | undefined> =>
    (await sandbox.wallet().approve(uuid)).redirectUri

  const pages: [string, (uuid: string) => string][] = [
    ['/', (uuid) => `/?uuid=${uuid}`],
    ['/login', (uuid) => `/login?uuid=${uuid}`],
    ['/login?next=%2Fa%20b&x', (uuid) => `/login?next=%2Fa%20b&x&uuid=${uuid}`],
    ['/login?uuid=0&uuid&uuids=1', (uuid) => `/login?uuids=1&uuid=${uuid}`],
    ['/#/login', (uuid) => `/?uuid=${uuid}#/login`],
    ['//evil.example.org/', (uuid) => `//evil.example.org/?uuid=${uuid}`],
  ]
  for (const [path, expected] of pages) {
    it(`leads to ${path} with the uuid, where the page says so`, async () => {
      const uuid = await linked()
      assert.equal((await tell(uuid, site + path)).status, 200)
      assert.equal(await back(uuid), site + expected(uuid))
    })
  }

  it('leads to the site’s front page by default', async () => {
    const uuid = await linked()
    assert.equal(await back(uuid), `${site}/?uuid=${uuid}`)
  })

  const wrong = [
    'https://evil.example.org/',
    'http://localhost:3001/',
    'https://localhost:3000/',
    'http://localhost:3000.evil.example.org/',
    'http://localhost:3000@evil.example.org/',
    'http://user@localhost:3000/',
    'http://user:secret@localhost:3000/',
    'javascript:alert(1)',
    '//localhost:3000/',
    '/login',
    '',
    `${site}/${'a'.repeat(2000)}`,
    7,
    null,
    undefined,
    {},
  ]
  for (const url of wrong) {
    it(`does not lead to ${JSON.stringify(url ?? 'nothing').slice(0, 60)}`, async () => {
      const uuid = await linked()
      assert.equal((await tell(uuid, url)).status, 400)
      assert.equal(await back(uuid), `${site}/?uuid=${uuid}`)
    })
  }

  it('is absent for a scanned code, whose page waits on another screen', async () => {
    for (const fields of [{}, { channel: 'scan' }, { channel: 'app' }]) {
      const uuid = await page.uuid(fields)
      assert.equal((await tell(uuid, `${site}/login`)).status, 200)
      assert.equal(await back(uuid), undefined)
    }
  })

  it('is absent after a decline', async () => {
    assert.equal('redirectUri' in (await sandbox.wallet().deny(await linked())), false)
  })

  it('can be set only by the requesting browser', async () => {
    const uuid = await linked()
    for (const verifier of ['', 'x', page.challenge, new Page(sandbox).verifier]) {
      assert.equal((await tell(uuid, `${site}/evil`, verifier)).status, 404)
    }
    assert.equal((await tell(uuid, `${site}/evil`, page.verifier, 'test/')).status, 404)
    assert.equal((await tell(uuid, `${site}/login`, page.verifier, '')).status, 200)
    assert.equal(await back(uuid), `${site}/login?uuid=${uuid}`)
  })

  it('cannot be changed after a response, or when the request is over', async () => {
    const answered = await linked()
    await sandbox.wallet().approve(answered)
    const expired = await linked()
    clock += 120_000
    for (const uuid of [answered, expired]) assert.equal((await tell(uuid, `${site}/evil`)).status, 410)
  })

  it('is never to a native app', async () => {
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['localhost'] })
    const response = await fetch(`${sandbox.url}/sip/prod/scopeRequest/appToApp/verifyPartner`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        appId,
        mobileId: 'localhost',
        verificationLevel: 'civicBasic',
        channel: 'link',
      }),
    })
    const { uuid } = (await response.json()) as { uuid: string }
    assert.equal((await tell(uuid, `${site}/`)).status, 400)
    assert.equal(await back(uuid), undefined)
  })
})
