import assert from 'node:assert/strict'
import { CivicClient } from 'passport-civic-sip'
import { logPage } from './log-page.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

/** What a site hears of a login. */
function heard(response: string): [string, object][] {
  return [
    ['read', { event: 'scoperequest:read', clientVersion: 'v3' }],
    [
      'auth-code-received',
      { event: 'scoperequest:data-received', type: 'code', response, clientVersion: 'v3' },
    ],
  ]
}

describe('CivicJS: a login', () => {
  const stage = useStage({ 'site.html': logPage() })
  let popup: Popup

  beforeEach(async () => {
    popup = await stage.visit('site.html')
    await popup.page.click('#login')
  })

  it('gives the site the token when the wallet has approved, and closes', async () => {
    const uuid = await popup.uuid()
    await stage.read(uuid)
    await popup.step('read')
    await stage.approve(uuid)
    await popup.toast('You approved this request.')
    await popup.gone()
    assert.deepEqual(await popup.events(), heard(popup.token))
  })

  it('reports the read event before the token, even if one poll brings both', async () => {
    const uuid = await popup.uuid()
    await popup.page.evaluate(`sip.once('read', function () {
      sip.once('auth-code-received', function () { events.push('heard') })
    })`)
    await popup.page.route(
      '**/sip/prod/scopeRequest/*',
      async (route) => {
        await stage.approve(uuid)
        await route.fallback()
      },
      { times: 1 },
    )
    await popup.gone()
    assert.deepEqual(await popup.events(), [...heard(popup.token), 'heard'])
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
    await popup.toast('You declined this request.')
    await popup.gone()
    assert.deepEqual(await popup.outcome(), [
      ['user-cancelled', { event: 'scoperequest:user-cancelled', clientVersion: 'v3' }],
    ])
  })

  it('makes a new request after the wallet has declined', async () => {
    const uuid = await popup.uuid()
    await stage.deny(uuid)
    await popup.gone()
    await popup.page.click('#login')
    assert.notEqual(await popup.uuid(), uuid)
    assert.equal(await popup.dialog.count(), 1)
  })
})
