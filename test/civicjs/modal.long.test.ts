import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { logPage } from './log-page.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

const cancelled = ['user-cancelled', { event: 'scoperequest:user-cancelled', clientVersion: 'v3' }]

describe('the popup', () => {
  const stage = useStage({ 'site.html': logPage() })
  let popup: Popup
  let page: Page

  async function open(viewport = { width: 1280, height: 800 }): Promise<void> {
    popup = await stage.visit('site.html', { viewport, reducedMotion: 'reduce' })
    page = popup.page
    await page.click('#login')
    await popup.uuid()
  }

  describe('its document', () => {
    beforeEach(() => open())

    it('has the class names that sites’ own style sheets know', async () => {
      const path =
        'div.civic-modal.civic-qrcode.civic-show > div.civic-window > div.civic-content#civic-iframe-zone'
      assert.equal(await page.locator(`body > ${path} > iframe#civic-sr-frame`).count(), 1)
      assert.equal(
        await page.locator('body.civic-hit-the-lights.civic-no-scroll > .civic-lights-out').count(),
        1,
      )
    })

    it('leaves its hidden elements behind, and nothing else', async () => {
      await page.keyboard.press('Escape')
      await popup.gone()
      const left = 'div.civic-lights-out, div.civic-modal.civic-qrcode, div.civic-window, div.civic-content'
      assert.equal(await page.locator(left).count(), 4)
      assert.equal(await page.locator('[class*=civic-]:not(.civic-button-a)').count(), 4)
      assert.equal(await page.evaluate('document.body.className'), '')
    })

    it('is a dialog with a name', async () => {
      const dialog = page.getByRole('dialog', { name: 'Civic' })
      assert.equal(await dialog.getAttribute('aria-modal'), 'true')
    })
  })

  describe('its looks', () => {
    const measure = `(() => {
      const { width, bottom } = document.querySelector('.civic-window').getBoundingClientRect()
      const style = (selector) => getComputedStyle(document.querySelector(selector))
      return [width, bottom === innerHeight, style('.civic-window').borderRadius, style('.civic-lights-out').opacity]
    })()`

    it('is 440 pixels wide, with corners of 12, on a page at 50 % black', async () => {
      await open()
      assert.deepEqual(await page.evaluate(measure), [440, false, '12px', '0.5'])
    })

    it('is a sheet at the bottom of a phone’s screen', async () => {
      await open({ width: 400, height: 600 })
      assert.deepEqual(await page.evaluate(measure), [400, true, '16px 16px 0px 0px', '0.5'])
    })

    it('fades in a quarter of a second, unless the person wants less motion', async () => {
      await open()
      const duration = "getComputedStyle(document.querySelector('.civic-modal')).transitionDuration"
      assert.equal(await page.evaluate(duration), '0s')
      await page.emulateMedia({ reducedMotion: 'no-preference' })
      assert.equal(await page.evaluate(duration), '0.25s')
    })
  })

  describe('closes, and says so once,', () => {
    beforeEach(() => open())
    afterEach(async () => {
      await popup.gone()
      assert.deepEqual(await popup.events(), [cancelled])
    })

    it('by Escape', () => page.keyboard.press('Escape'))

    it('by Escape inside the iframe page', () => popup.frame.locator('#wallet').press('Escape'))

    it('by a click beside it', () => page.mouse.click(20, 20))

    it('by its button', () => page.getByRole('button', { name: 'Close' }).click())
  })

  describe('the focus', () => {
    beforeEach(() => open())

    const focused = (): Promise<unknown> =>
      page.evaluate(`(() => {
        const { activeElement } = document
        return activeElement.id || activeElement.className
      })()`)

    it('goes into the dialog, and back to the button at its end', async () => {
      assert.equal(await focused(), 'civic-window')
      await page.keyboard.press('Escape')
      await popup.gone()
      assert.equal(await focused(), 'login')
    })

    it('stays in the dialog, forwards', async () => {
      const seen: unknown[] = []
      for (let i = 0; i < 8; i++) {
        await page.keyboard.press('Tab')
        seen.push(await focused())
      }
      assert.deepEqual([...new Set(seen)].sort(), ['civic-close', 'civic-sr-frame'])
    })

    it('stays in the dialog, backwards', async () => {
      const seen: unknown[] = []
      for (let i = 0; i < 8; i++) {
        await page.keyboard.press('Shift+Tab')
        seen.push(await focused())
      }
      assert.deepEqual([...new Set(seen)].sort(), ['civic-close', 'civic-sr-frame'])
    })

    it('comes back if the page takes it', async () => {
      await page.evaluate("document.getElementById('login').focus()")
      assert.equal(await focused(), 'civic-window')
    })
  })

  describe('opened more than once', () => {
    beforeEach(() => open())

    it('with the same button, it is the same popup', async () => {
      const uuid = await popup.uuid()
      await page.evaluate('login(sip); login(sip)')
      assert.equal(await popup.dialog.count(), 1)
      assert.equal(await popup.uuid(), uuid)
    })

    it('by another instance, it belongs to that one, which alone gets the events', async () => {
      const uuid = await popup.uuid()
      await page.evaluate(
        'events = []; other = instance(); first = sip; first.on("user-cancelled", () => events.push("no"))',
      )
      await page.evaluate('login(other)')
      assert.equal(await popup.dialog.count(), 1)
      await popup.frame.locator(`#wallet:not([href$="${uuid}"])`).waitFor()
      await stage.approve(await popup.uuid())
      await popup.gone()
      const heard = [
        'auth-code-received',
        {
          event: 'scoperequest:data-received',
          type: 'code',
          response: popup.token,
          clientVersion: 'v3',
        },
      ]
      assert.deepEqual(await popup.outcome(), [heard])
    })

    it('after it was closed, with a new code', async () => {
      const uuid = await popup.uuid()
      await page.keyboard.press('Escape')
      await popup.gone()
      await page.click('#login')
      assert.notEqual(await popup.uuid(), uuid)
    })

    it('while it still fades', async () => {
      await page.keyboard.press('Escape')
      await page.evaluate('login(sip)')
      await popup.uuid()
      assert.equal(await popup.dialog.count(), 1)
      assert.equal(await page.locator('.civic-show').count(), 1)
      assert.equal(await page.evaluate('document.body.className'), 'civic-hit-the-lights civic-no-scroll')
    })
  })
})
