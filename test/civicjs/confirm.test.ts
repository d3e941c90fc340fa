import assert from 'node:assert/strict'
import { logPage } from './log-page.ts'
import { originalPage } from '../support/original-pages.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

describe('the iframe page of an app whose approvals are confirmed', () => {
  const stage = useStage({
    'site.html': logPage('ANONYMOUS_LOGIN'),
    '2018.html': originalPage({ requests: 'prod/1.0/' }),
    'phone.html': originalPage({ requests: 'prod/1.0/', isMobile: true }),
  })
  before(() => {
    const whitelist = [stage.site.origin]
    stage.appId = stage.sandbox.createApp({ name: 'A site', whitelist, confirm: true }).appId
  })
  const type = async (popup: Popup, digits: string): Promise<void> => {
    await popup.frame.locator('#digits').fill(digits)
    await popup.frame.locator('#digits').press('Enter')
  }
  const wrong = (code: string): string => (code === '000000' ? '111111' : '000000')
  const received = (popup: Popup): Promise<unknown> =>
    popup.page.waitForFunction(
      'heard.some(function (message) { return message.event === "scoperequest:data-received" && message.response })',
    )

  it('asks for the six digits that the wallet shows, again if they are wrong, and logs in', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    const { confirm = '' } = await stage.sandbox.wallet().approve(await popup.uuid())
    await popup.step('confirm')
    assert.deepEqual(await popup.outcome(), [])
    await type(popup, wrong(confirm))
    await popup.frame.getByText('These are not the digits').waitFor()
    await type(popup, `${confirm.slice(0, 3)} ${confirm.slice(3)}`)
    await popup.gone()
    assert.equal((await popup.outcome()).length, 1)
  })

  it('says that the code has expired after three wrong ones', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    const { confirm = '' } = await stage.sandbox.wallet().approve(await popup.uuid())
    await popup.step('confirm')
    for (let tries = 0; tries < 3; tries += 1) {
      await Promise.all([popup.page.waitForResponse(/\/confirm$/), type(popup, wrong(confirm))])
    }
    await popup.step('expired')
  })

  it('does so in a page with the original CivicJS', async () => {
    const popup = await stage.visit('2018.html')
    const { confirm = '' } = await stage.sandbox.wallet().approve(await popup.uuid())
    await popup.step('confirm')
    await type(popup, confirm)
    await received(popup)
  })

  it('sends the response code of a wallet on the same device, as the original CivicJS passes it on', async () => {
    const popup = await stage.visit('phone.html')
    const { confirm, redirectUri = '' } = await stage.sandbox.wallet().approve(await popup.uuid())
    assert.equal(confirm, undefined)
    await popup.step('elsewhere')
    const brought = new URL(redirectUri).searchParams.get('uuid')!
    await popup.page.goto('about:blank')
    await popup.page.goto(`${stage.site.origin}/phone.html#${brought}`)
    await received(popup)
  })
})
