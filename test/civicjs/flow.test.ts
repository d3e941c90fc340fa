import assert from 'node:assert/strict'
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
    stage.civic.read(uuid)
    await popup.step('read')
    const token = stage.civic.approve(uuid)
    await popup.step('done')
    await popup.gone()
    assert.deepEqual(await popup.events(), [
      ['read', { event: 'scoperequest:read' }],
      ['auth-code-received', { event: 'scoperequest:data-received', type: 'code', response: token }],
    ])
  })

  it('tells the person and the site when the wallet has declined', async () => {
    stage.civic.deny(await popup.uuid())
    await popup.step('cancelled')
    assert.deepEqual(await popup.events(), [['user-cancelled', { event: 'scoperequest:user-cancelled' }]])
  })
})
