import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { Page } from '../support/page.ts'

describe('a page that cancels its request', () => {
  let sandbox: Sandbox
  let page: Page
  let uuid: string

  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())
  beforeEach(async () => {
    page = new Page(sandbox)
    uuid = await page.uuid()
  })

  async function cancel(verifier: string): Promise<void> {
    const response = await fetch(`${sandbox.url}/sip/prod/1.0/scopeRequest/${uuid}/cancel`, {
      method: 'POST',
      headers: { Origin: 'http://localhost:3000' },
      body: new URLSearchParams({ verifier }),
    })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('access-control-allow-origin'), 'http://localhost:3000')
  }

  it('ends it, so that no wallet can respond', async () => {
    await cancel(page.verifier)
    assert.equal((await page.poll(uuid)).statusCode, 410)
    await assert.rejects(sandbox.wallet().approve(uuid), { status: 410 })
  })

  it('ends it even after a wallet has read it', async () => {
    await sandbox.wallet().read(uuid)
    await cancel(page.verifier)
    assert.equal((await page.poll(uuid)).statusCode, 410)
  })

  it('cannot end a request that was approved', async () => {
    await sandbox.wallet().approve(uuid)
    await cancel(page.verifier)
    assert.equal((await page.poll(uuid)).action, 'data-received')
  })

  it('cannot end that of another browser', async () => {
    await cancel('0'.repeat(64))
    assert.equal((await page.poll(uuid)).statusCode, 202)
  })
})
