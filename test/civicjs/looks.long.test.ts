import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Frame, Page } from 'playwright-core'
import { logPage } from './log-page.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

describe('axe-core finds nothing wrong', () => {
  const stage = useStage({ 'site.html': logPage(), 'identity.html': logPage('PROOF_OF_IDENTITY') })
  let source: string

  before(async () => {
    source = await readFile(axe, 'utf8')
  })

  async function check(target: Page | Frame): Promise<void> {
    await target.evaluate(source)
    // The page and its iframe page are looked at one by one
    const { violations } = await target.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      'axe.run({ iframes: false })',
    )
    assert.deepEqual(
      violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]),
      [],
    )
  }

  const frameOf = (popup: Popup): Frame => popup.page.frames()[1]!

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [375, 768, 1280]) {
      it(`${colorScheme}, ${width} px wide`, async () => {
        const options = { colorScheme, reducedMotion: 'reduce', viewport: { width, height: 720 } } as const
        const popup = await stage.visit('site.html', options)
        await check(popup.page)
        await popup.page.click('#login')
        const uuid = await popup.uuid()
        await check(popup.page)
        await check(frameOf(popup))
        await stage.read(uuid)
        await popup.step('read')
        await check(frameOf(popup))
        for (const step of ['expired', 'failed', 'done', 'cancelled', 'intro']) {
          await frameOf(popup).evaluate(`document.querySelectorAll('section').forEach((section) => {
            section.hidden = section.id !== '${step}'
          })`)
          await check(frameOf(popup))
        }
        await stage.deny(uuid)
        await popup.toast('You declined this request.')
        await check(popup.page)
      })
    }
  }
})
