import assert from 'node:assert/strict'
import { confirm, loggedIn, PHONE, scan, useDirectStage, walletLink } from './direct-stage.ts'
import type { Popup } from './popup.ts'

describe('CivicJS with a site that asks the wallet itself', () => {
  const stage = useDirectStage()

  async function approve(link: string): Promise<{ confirm?: string; redirectUri?: string }> {
    return stage.wallet.approve(await stage.wallet.read(link))
  }

  it('logs in with the code on the screen and the six digits, and contacts only the site', async () => {
    const popup = await stage.start()
    const link = await scan(popup.page)
    assert.equal(link, await walletLink(popup))
    const request = await stage.wallet.read(link)
    assert.equal(request.channel, 'scan')
    await popup.step('read')
    const { confirm: digits } = await stage.wallet.approve(request)
    await confirm(popup, `${digits!.slice(0, 3)} ${digits!.slice(3)}`)
    assert.match(await loggedIn(popup.page), /^[0-9a-f]{64}$/)
    await popup.toast('You approved this request.')
    const uuid = request.uuid
    assert.deepEqual(await popup.events(), [
      ['read', { event: 'scoperequest:read', clientVersion: 'v3' }],
      [
        'auth-code-received',
        {
          event: 'scoperequest:data-dispatched',
          type: 'code',
          response: JSON.stringify({ uuid, confirm: digits }),
          clientVersion: 'v3',
        },
      ],
    ])
    assert.deepEqual([...stage.asked], [stage.site.origin])
  })

  it('asks for digits that are missing, beside the field', async () => {
    const popup = await stage.start()
    await approve(await walletLink(popup))
    await confirm(popup, '12345')
    await popup.frame.getByRole('alert').getByText('Type all six digits.').waitFor()
    assert.equal(await popup.frame.locator('#digits').getAttribute('aria-invalid'), 'true')
  })

  it('asks again after wrong digits, and offers a new code after the third', async () => {
    const popup = await stage.start()
    const { confirm: digits } = await approve(await walletLink(popup))
    const wrong = digits === '000000' ? '000001' : '000000'
    await confirm(popup, wrong)
    for (let more = 2; more > 0; more--) {
      await popup.frame.getByText('The site did not accept those digits. Type them again.').waitFor()
      await confirm(popup, wrong)
    }
    await popup.step('expired')
    await popup.press('Get a new code')
    const again = await approve(await walletLink(popup))
    await confirm(popup, again.confirm)
    await loggedIn(popup.page)
  })

  it('logs in with the right digits after wrong ones', async () => {
    const popup = await stage.start()
    const { confirm: digits } = await approve(await walletLink(popup))
    await confirm(popup, digits === '000000' ? '000001' : '000000')
    await popup.frame.getByText('The site did not accept those digits. Type them again.').waitFor()
    await confirm(popup, digits)
    await loggedIn(popup.page)
  })

  it('offers a new code after somebody declined, and reports nothing until the person leaves', async () => {
    const popup = await stage.start()
    await stage.wallet.decline(await stage.wallet.read(await walletLink(popup)))
    await popup.step('cancelled')
    assert.deepEqual(await popup.outcome(), [])
    await popup.press('Try again')
    const { confirm: digits } = await approve(await walletLink(popup))
    await confirm(popup, digits)
    await loggedIn(popup.page)
  })

  it('reports that the person left after a decline', async () => {
    const popup = await stage.start()
    await stage.wallet.decline(await stage.wallet.read(await walletLink(popup)))
    await popup.step('cancelled')
    await popup.page.getByRole('button', { name: 'Close' }).click()
    await popup.gone()
    const event = { event: 'scoperequest:user-cancelled', clientVersion: 'v3' }
    assert.deepEqual(await popup.outcome(), [['user-cancelled', event]])
  })

  it('ends the request when the person closes the dialog', async () => {
    const popup = await stage.start()
    const link = await walletLink(popup)
    const told = popup.page.waitForResponse((response) => response.url().endsWith('/cancel'))
    await popup.page.keyboard.press('Escape')
    assert.equal((await told).status(), 200)
    await assert.rejects(stage.wallet.read(link))
  })

  it('works in two tabs of one browser at once', async () => {
    const context = await stage.person()
    const tabs: Popup[] = []
    const digits: (string | undefined)[] = []
    while (tabs.length < 2) {
      const popup = await stage.visit(context)
      await popup.page.click('#login')
      digits.push((await approve(await walletLink(popup))).confirm)
      tabs.push(popup)
    }
    for (const [i, popup] of tabs.entries()) {
      await confirm(popup, digits[i])
      await loggedIn(popup.page)
    }
  })

  describe('on the wallet’s device', () => {
    it('shows a link and no code, and logs in when the wallet returns', async () => {
      const context = await stage.person(PHONE)
      const popup = await stage.visit(context)
      await popup.page.click('#login')
      const request = await stage.wallet.read(await walletLink(popup))
      assert.equal(request.channel, 'link')
      assert.equal(await popup.frame.locator('#paper').isVisible(), false)
      const { redirectUri } = await stage.wallet.approve(request)
      const back = await context.newPage()
      // As from the wallet's page: the browser sends no SameSite=Strict cookie with the navigation
      await back.goto('data:text/html,wallet')
      await Promise.all([
        back.waitForURL(`${stage.site.origin}/`),
        back.evaluate(`location.href = ${JSON.stringify(redirectUri)}`).catch(() => undefined),
      ])
      await loggedIn(back)
      // Neither the page's own scripts nor the history see them
      assert.equal(await back.evaluate('address'), `${stage.site.origin}/`)
      const [uuid, responseCode] = redirectUri!.split('#uuid=')[1]!.split('&response_code=')
      assert.deepEqual(await back.evaluate('events'), [
        [
          'auth-code-received',
          {
            event: 'scoperequest:data-dispatched',
            type: 'code',
            response: JSON.stringify({ uuid, responseCode }),
            clientVersion: 'v3',
          },
        ],
      ])
      await popup.step('elsewhere')
      await popup.press('Close')
      await popup.gone()
      assert.deepEqual(await popup.outcome(), [])
    })

    it('shows the code for a wallet on another device if the person says so', async () => {
      const popup = await stage.start(PHONE)
      await popup.press('My wallet is on another device')
      await popup.step('code')
      const { confirm: digits } = await approve(await scan(popup.page))
      await confirm(popup, digits === '000000' ? '000001' : '000000')
      await popup.frame.getByText('The site did not accept those digits. Type them again.').waitFor()
      await confirm(popup, digits)
      await loggedIn(popup.page)
    })

    it('logs nobody in through another person’s return link', async () => {
      const mine = await stage.start(PHONE)
      const { redirectUri } = await approve(await walletLink(mine))
      const other = await stage.visit(await stage.person(), redirectUri!.slice(stage.site.origin.length))
      // The site refuses, and the page offers a request of this browser
      await other.step('code')
      assert.equal(await other.page.locator('#user').textContent(), '')
    })
  })
})
