import assert from 'node:assert/strict'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

const page = `<!doctype html><html lang="en"><title>Site</title>
<link rel="stylesheet" href="https://hosted-sip.civic.com/css/civic-modal.min.css">
<button id="login" class="civic-button-a medium" type="button"><span>Log in with Civic</span></button>
<script src="https://hosted-sip.civic.com/js/civic.sip.min.js"></script>
<script>
  var sip = new civic.sip({ appId: 'YOUR_APP_ID' })
  var events = []
  ;['auth-code-received', 'user-cancelled', 'read', 'civic-sip-error'].forEach(function (name) {
    sip.on(name, function (event) { events.push([name, event]) })
  })
  document.getElementById('login').onclick = function () {
    sip.signup({ style: 'popup', scopeRequest: sip.ScopeRequests.BASIC_SIGNUP })
  }
</script>`

describe('CivicJS: a login', () => {
  const stage = useStage({ 'site.html': page })
  let popup: Popup

  beforeEach(async () => {
    popup = await stage.visit('site.html')
    await popup.page.click('#login')
  })

  const events = (): Promise<unknown[]> => popup.page.evaluate('events')

  it('hands the token to the site once the wallet has approved, and closes', async () => {
    const uuid = await popup.uuid()
    stage.civic.read(uuid)
    await popup.step('read')
    const token = stage.civic.approve(uuid)
    await popup.step('done')
    await popup.gone()
    assert.deepEqual(await events(), [
      ['read', { event: 'scoperequest:read' }],
      ['auth-code-received', { event: 'scoperequest:data-received', type: 'code', response: token }],
    ])
  })

  it('tells the person and the site when the wallet has declined', async () => {
    stage.civic.deny(await popup.uuid())
    await popup.step('cancelled')
    assert.deepEqual(await events(), [['user-cancelled', { event: 'scoperequest:user-cancelled' }]])
  })
})
