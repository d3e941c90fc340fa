import assert from 'node:assert/strict'
import { CivicClient } from 'passport-civic-sip'
import { logPage } from './log-page.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

describe('CivicJS: a login', () => {
  const stage = useStage({ 'site.html': logPage() })
  let popup: Popup

  beforeEach(async () => {
    popup = await stage.visit('site.html')
    await popup.page.click('#login')
  })

  it('hands the token to the site once the wallet has approved, and closes', async () => {
    const uuid = await popup.uuid()
    await stage.read(uuid)
    await popup.step('read')
    await stage.approve(uuid)
    await popup.step('done')
    await popup.gone()
    assert.deepEqual(await popup.events(), [
      ['read', { event: 'scoperequest:read' }],
      ['auth-code-received', { event: 'scoperequest:data-received', type: 'code', response: popup.token }],
    ])
  })

  it('gives the site’s server a token that it can exchange', async () => {
    await stage.approve(await popup.uuid())
    await popup.gone()
    const client = new CivicClient(stage.sandbox.strategyOptions(stage.appId))
    const { data } = await client.exchangeCode(popup.token)
    assert.equal(data.value('contact.personal.email'), stage.sandbox.wallet().person.email)
  })

  it('tells the person and the site when the wallet has declined', async () => {
    await stage.deny(await popup.uuid())
    await popup.step('cancelled')
    assert.deepEqual(await popup.outcome(), [['user-cancelled', { event: 'scoperequest:user-cancelled' }]])
  })
})
