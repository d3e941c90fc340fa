import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { assertAccessible, useStage } from '../support/pages-stage.ts'

/** Texts that have less than three letters' room in a line. What is for screen readers alone is a pixel wide. */
function squeezed(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('p, p > *, dd, li, h1, h2, button')]
      .filter((node) => {
        const { width } = node.getBoundingClientRect()
        return width > 1 && width < 40 && node.textContent.trim().length > 8
      })
      .map((node) => node.textContent),
  )
}

describe('the wallet’s page: axe-core finds nothing wrong, nothing is wider than the window, and no text is squeezed', () => {
  const stage = useStage()

  async function check(page: Page): Promise<void> {
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['light', 320],
      ['dark', 320],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 800 })
      await assertAccessible(page)
    }
    for (const width of [320, 375, 414]) {
      await page.setViewportSize({ width, height: 800 })
      assert.deepEqual(await squeezed(page), [], `at ${width} px`)
    }
  }
  const open = (path: string): Promise<Page> =>
    stage.visit(path, { bypassCSP: true, reducedMotion: 'reduce' })
  const choose = (page: Page, name: string): Promise<void> => page.getByRole('button', { name }).click()

  it('from the test users to their details and activity', async () => {
    const page = await open(stage.sandbox.walletUrl)
    await page.getByText('Add a test user').waitFor()
    await check(page)
    await choose(page, 'Alice Archer')
    await page.getByRole('heading', { name: 'Your details' }).waitFor()
    await check(page)
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByRole('heading', { name: 'Activity' }).waitFor()
    await check(page)
    await page.goto(`${stage.sandbox.walletUrl}#new`)
    await page.getByRole('heading', { name: 'Add a test user' }).waitFor()
    await check(page)
  })

  it('at a request, from what is asked to its end', async () => {
    const { link } = await stage.request('proofOfIdentity')
    const page = await open(link)
    await choose(page, 'Carol Cooper')
    const approve = page.getByRole('button', { name: 'Approve' })
    await approve.and(page.locator(':enabled')).waitFor()
    await check(page)
    await approve.click()
    await page.getByRole('button', { name: 'Send the code' }).waitFor()
    await check(page)
    await page.getByRole('button', { name: 'Decline' }).click()
    await page.getByRole('heading', { name: 'You declined this request.' }).waitFor()
    await check(page)
  })
})
