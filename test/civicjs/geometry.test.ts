import assert from 'node:assert/strict'
import type { BrowserContextOptions } from 'playwright-core'
import { logPage } from './log-page.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

const sizes = [
  { width: 320, height: 568 },
  { width: 375, height: 667 },
  { width: 667, height: 375 },
  { width: 1280, height: 800 },
]
/** A page that links no style sheet, with what else it has in its head. */
function plainPage(head = ''): string {
  return logPage().replace(/<link rel="stylesheet".*>/, head)
}

describe('the dialog on a page with no style sheet', () => {
  const refusing = `<meta http-equiv="Content-Security-Policy" content="style-src 'none'">`
  const stage = useStage({ 'site.html': plainPage(), 'strict.html': plainPage(refusing) })

  async function open(path: string, options: BrowserContextOptions): Promise<Popup> {
    const popup = await stage.visit(path, { ...options, reducedMotion: 'reduce' })
    await popup.page.click('#login')
    await popup.uuid()
    return popup
  }

  /** That the element is wholly inside what people see, without scrolling. */
  async function isInView({ page, frame }: Popup, selector: string): Promise<void> {
    const box = await frame.locator(selector).boundingBox()
    const dialog = await page.locator('.civic-window').boundingBox()
    const { width, height } = page.viewportSize()!
    assert.ok(box && dialog, `${selector} is shown`)
    const inner = [box.x, box.y, -box.x - box.width, -box.y - box.height]
    for (const outer of [dialog, { x: 0, y: 0, width, height }]) {
      const edges = [outer.x, outer.y, -outer.x - outer.width, -outer.y - outer.height]
      const cut = inner.filter((edge, i) => edge < edges[i]! - 0.5)
      assert.deepEqual(cut, [], `${selector} ${JSON.stringify(box)} in ${JSON.stringify(outer)}`)
    }
  }

  for (const viewport of sizes) {
    it(`shows the whole code, the countdown and the links at ${viewport.width} × ${viewport.height}`, async () => {
      const popup = await open('site.html', { viewport })
      await popup.frame.locator('html.fits').waitFor()
      for (const selector of ['#qr', '#instruction', '#countdown', '#wallet', '#test-wallet']) {
        await isInView(popup, selector)
      }
      const { width, height } = (await popup.page.locator('.civic-window').boundingBox())!
      assert.equal(width, { 320: 320, 375: 375, 667: 640, 1280: 440 }[viewport.width])
      const content = await popup.frame.locator('#app').boundingBox()
      assert.ok(Math.abs(height - content!.height) <= 1, 'as high as its content')
      assert.equal(await popup.page.locator('.civic-close').evaluate((node) => node.clientWidth), 40)
    })
  }

  it('is laid out even if the site’s policy blocks the style sheet, and disappears', async () => {
    const popup = await open('strict.html', { viewport: sizes[3]! })
    for (const selector of ['#qr', '#countdown', '#wallet']) await isInView(popup, selector)
    await popup.page.getByRole('button', { name: 'Close' }).click()
    await popup.gone()
    assert.equal(await popup.page.locator('.civic-lights-out').count(), 0)
  })

  it('says that it is opening before the iframe page loads', async () => {
    const popup = await stage.visit('site.html', { viewport: sizes[1]! })
    let go: (value?: unknown) => void = () => undefined
    const held = new Promise((resolve) => (go = resolve))
    await popup.page.route('**/scopeRequest/prod/index.html*', async (route) => {
      await held
      await route.fallback()
    })
    await popup.page.click('#login')
    const notice = popup.page.getByRole('status').filter({ hasText: 'Opening Civic…' })
    await notice.waitFor()
    const { y, height } = (await notice.boundingBox())!
    assert.ok(height > 200 && y + height <= 667.5)
    go()
    await popup.uuid()
    assert.equal(await notice.count(), 0)
  })

  it('ends the request when it is closed', async () => {
    const popup = await open('site.html', { viewport: sizes[3]! })
    const uuid = await popup.uuid()
    const told = popup.page.waitForResponse((response) => response.url().endsWith('/cancel'))
    await popup.page.keyboard.press('Escape')
    assert.equal((await told).status(), 200)
    await assert.rejects(stage.approve(uuid), /410/)
  })
})
