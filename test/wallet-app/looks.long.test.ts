import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { assertAccessible, useStage } from '../support/pages-stage.ts'
import { button, choosePassphrase, details, heading } from '../support/own-wallet.ts'

/** Texts that have less than three letters' room in a line. What is for screen readers alone is a pixel wide. */
function squeezed(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('p, p > *, .note > *, dd, li, h1, h2, button')]
      .filter((node) => {
        const { width } = node.getBoundingClientRect()
        return width > 1 && width < 40 && node.textContent.trim().length > 8
      })
      .map((node) => node.textContent),
  )
}

/** Words such as an email that go on in the next line, of those that have room in one. */
function broken(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    for (const node of document.querySelectorAll('main :is(p, dd, dt, li, h1, h2, h3, strong, a, button)')) {
      for (const text of node.childNodes) {
        if (!(text instanceof Text)) continue
        for (const { index, 0: word } of text.data.matchAll(/(?<!\S)\S{1,26}(?!\S)/g)) {
          const range = document.createRange()
          range.setStart(text, index)
          range.setEnd(text, index + word.length)
          if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1)
            found.push(word)
        }
      }
    }
    return found
  })
}

/** The first button that cannot be clicked where it is, once it is scrolled to: something lies over it. */
function hiddenButton(page: Page): Promise<string | undefined> {
  return page.evaluate(
    () =>
      [...document.querySelectorAll('main button:enabled')]
        .filter((node) => node.checkVisibility())
        .find((node) => {
          node.scrollIntoView({ block: 'center', behavior: 'instant' })
          const { left, top, width, height } = node.getBoundingClientRect()
          return !node.contains(document.elementFromPoint(left + width / 2, top + height / 2))
        })?.textContent,
  )
}

describe('the wallet’s page: axe-core finds nothing wrong, nothing is wider than the window, no text is squeezed, and no word is broken', () => {
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
    // 320 px is also a window of 640 px at 200 % zoom; the last one is a phone held sideways
    for (const [width, height] of [
      [320, 800],
      [375, 667],
      [414, 800],
      [667, 375],
    ] as const) {
      await page.setViewportSize({ width, height })
      assert.deepEqual([...(await squeezed(page)), ...(await broken(page))], [], `at ${width} px`)
      assert.equal(await hiddenButton(page), undefined, `at ${width} × ${height} px`)
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

  it('in a wallet that a person keeps, from the first screen to the settings', async () => {
    const page = await open(`${stage.sandbox.walletUrl}#own`)
    const look = async (): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await assertAccessible(page)
      }
      assert.deepEqual([...(await squeezed(page)), ...(await broken(page))], [])
    }
    const visit = async (place: string, title: string): Promise<void> => {
      await page.goto(`${stage.sandbox.walletUrl}#${place}`)
      await heading(page, title).waitFor()
      await look()
    }
    await page.setViewportSize({ width: 320, height: 800 })
    await visit('own', 'Your identity, in your pocket')
    await visit('restore', 'Restore a wallet')
    await visit('create', 'Write these words down')
    await button(page, 'I have written them down').click()
    await heading(page, 'Check your paper').waitFor()
    await look()
    await button(page, 'Do this later').click()
    await heading(page, 'Choose a passphrase').waitFor()
    await look()
    await choosePassphrase(page, 'Create the wallet')
    await details(page).waitFor()
    await look()
    await button(page, 'Verify: Email and phone number').click()
    await button(page, 'Continue').waitFor()
    await look()
    await visit('scan', 'Scan a code')
    await visit('settings', 'Settings')
    await button(page, 'Lock now').click()
    await heading(page, 'Unlock your wallet').waitFor()
    await look()
    const { link } = await stage.request('Anonymous_Login')
    await page.goto(link)
    await page.getByLabel('Passphrase').fill('four words that fit')
    await button(page, 'Unlock').click()
    await heading(page, /^Do you see this code/).waitFor()
    await look()
  })
})
