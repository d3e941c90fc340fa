import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { logPage } from './log-page.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

/** What sites written for Civic's own library rely on when it has closed its dialog. */
describe('the dialog, once a request has ended,', () => {
  const stage = useStage({ 'site.html': logPage() })
  let popup: Popup
  let page: Page

  beforeEach(async () => {
    popup = await stage.visit('site.html', { reducedMotion: 'reduce' })
    page = popup.page
    await page.evaluate(`seen = []
      ;['auth-code-received', 'user-cancelled'].forEach(function (name) {
        sip.on(name, function () {
          var count = function (selector) { return document.querySelectorAll(selector).length }
          seen.push({
            name: name,
            dialogs: count('div.civic-modal.civic-qrcode > div.civic-window > div.civic-content'),
            shown: count('.civic-show'),
            children: document.querySelector('.civic-content').childNodes.length,
            body: document.body.className,
            focused: document.activeElement.id,
          })
        })
      })`)
    await page.click('#login')
  })

  const closed = { dialogs: 1, shown: 0, children: 0, body: '', focused: 'login' }

  describe('is hidden and empty before the site gets the event:', () => {
    const ends: [string, string, () => Promise<void>][] = [
      ['approved', 'auth-code-received', async () => stage.approve(await popup.uuid())],
      ['declined', 'user-cancelled', async () => stage.deny(await popup.uuid())],
      ['closed', 'user-cancelled', () => page.keyboard.press('Escape')],
    ]
    for (const [how, name, end] of ends) {
      it(how, async () => {
        await end()
        await popup.gone()
        assert.deepEqual(await page.evaluate('seen'), [{ name, ...closed }])
      })
    }
  })

  it('tells the person how it ended for a while, in a status that takes no click', async () => {
    await stage.approve(await popup.uuid())
    await popup.toast('You approved this request.')
    await page.click('#login')
    assert.equal(await page.locator('.civic-toast').count(), 0, 'the next dialog takes its place')
    await page.keyboard.press('Escape')
    await popup.gone()
    assert.equal(await page.locator('.civic-toast').count(), 0, 'people know what they closed')
  })

  it('takes the status away', async () => {
    await popup.uuid()
    await page.clock.install()
    await stage.deny(await popup.uuid())
    await popup.toast('You declined this request.')
    await page.clock.fastForward('00:03')
    await page.locator('.civic-toast').waitFor({ state: 'detached' })
  })

  describe('is free for a question of the site', () => {
    beforeEach(async () => {
      await page.evaluate(`sip.on('auth-code-received', function () {
        document.body.classList.add('civic-hit-the-lights')
        document.querySelector('div.civic-modal.civic-qrcode').classList.add('civic-show')
        document.querySelector('.civic-content').innerHTML =
          '<h3>You are new here</h3><div style="height: 2000px"></div><button id="register">Register</button>'
        document.getElementById('register').onclick = function () { document.title = 'Registered' }
      })`)
      await stage.approve(await popup.uuid())
    })

    it('which it shows, whatever its length', async () => {
      await page.getByRole('dialog').getByRole('heading', { name: 'You are new here' }).waitFor()
      await page.getByRole('button', { name: 'Register' }).click()
      assert.equal(await page.title(), 'Registered')
      assert.deepEqual(await page.locator('.civic-window > *').count(), 1, 'no part of ours is in the way')
      assert.equal(await page.locator('.civic-toast').isVisible(), false)
    })

    it('and the next login starts with a new one', async () => {
      await page.getByRole('button', { name: 'Register' }).waitFor()
      await page.evaluate('login(sip)')
      await popup.uuid()
      assert.equal(await page.locator('.civic-content > *').count(), 1)
      assert.equal(await popup.dialog.count(), 1)
    })
  })

  it('cannot be reached with the keyboard', async () => {
    await page.keyboard.press('Escape')
    await popup.gone()
    await page.evaluate("document.querySelector('.civic-content').innerHTML = '<button>Hidden</button>'")
    assert.equal(await page.getByRole('button', { name: 'Hidden' }).count(), 0)
    await page.evaluate("document.querySelector('.civic-content button').focus()")
    assert.equal(await page.evaluate('document.activeElement.id'), 'login')
  })

  it('leaks nothing, however many requests there are', async () => {
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const inMemory = async (): Promise<Record<string, number>> => {
      await session.send('HeapProfiler.collectGarbage')
      const { metrics } = await session.send('Performance.getMetrics')
      const kept = metrics.filter(({ name }) => /^(Documents|Frames|Nodes|JSEventListeners)$/.test(name))
      return Object.fromEntries(kept.map(({ name, value }) => [name, value]))
    }
    const openAndClose = async (): Promise<void> => {
      await popup.uuid()
      await page.keyboard.press('Escape')
      await popup.gone()
      await page.click('#login')
    }
    for (let i = 0; i < 2; i++) await openAndClose()
    await popup.uuid()
    const few = await inMemory()
    for (let i = 0; i < 4; i++) await openAndClose()
    await popup.uuid()
    // What an emptied frame had is collected when the browser likes; what leaks never is
    let more: string[] = []
    for (let times = 0; times < 20; times++) {
      const many = Object.entries(await inMemory())
      more = many.filter(([name, count]) => count > few[name]!).map(([name, count]) => `${name}: ${count}`)
      if (more.length === 0) break
    }
    assert.deepEqual(more, [], JSON.stringify(few))
  })
})
