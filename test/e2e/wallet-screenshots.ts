import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from 'civic-sip-sandbox'
import type { Page } from 'playwright-core'
import { startChromium } from '../support/browser.ts'
import { cameraOf, videoOf } from '../support/camera.ts'

/** Makes the pictures of a wallet that a person keeps: first run, details, scan. */
export async function shootWallet(
  { url, walletUrl }: Pick<Sandbox, 'url' | 'walletUrl'>,
  shoot: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wallet-camera-'))
  const video = join(folder, 'code.y4m')
  // A code that opens nothing, so that the camera goes on
  await writeFile(video, videoOf('https://shop.example/'))
  const browser = await startChromium(cameraOf(video))
  if (!browser) throw new Error('Chromium not found')
  try {
    const page = await browser.newPage({ permissions: ['camera'], colorScheme: 'light' })
    await page.goto(`${walletUrl}#own`)
    await page.getByRole('heading', { name: 'Your identity, in your pocket' }).waitFor()
    await shoot(page, 'wallet-welcome')

    await page.getByRole('link', { name: 'Create a wallet' }).click()
    const words = (await page.locator('.words li').allInnerTexts()).map((word) => word.trim())
    const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
    await press('I have written them down')
    for (const label of await page.locator('form label').allInnerTexts()) {
      await page.getByLabel(label, { exact: true }).fill(words[Number(label.replace('Word ', '')) - 1] ?? '')
    }
    await press('Continue')
    await page.getByLabel('Passphrase').fill('four words that fit')
    await page.getByLabel('Type it again').fill('four words that fit')
    await press('Create the wallet')
    await press('Verify: Email and phone number')
    await page.getByRole('textbox', { name: 'Email' }).fill('ada@example.org')
    await page.getByRole('textbox', { name: 'Phone' }).fill('+1 202 555 0143')
    await press('Continue')
    await press('Send the code')
    const code = page.getByLabel('Code from the email')
    await code.waitFor()
    const mails = (await (await fetch(`${url}/sandbox/api/mail`)).json()) as { text: string }[]
    await code.fill(/\d{6}/.exec(mails[0]?.text ?? '')?.[0] ?? '')
    await press('Verify email')
    await page.getByText('Verified', { exact: true }).waitFor()
    await press('Not now')
    await page.getByRole('button', { name: 'Not now' }).waitFor({ state: 'detached' })
    await shoot(page, 'wallet-details')

    await page.getByRole('link', { name: 'Scan', exact: true }).click()
    await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0)
    // What the wallet says of that code is for nobody who looks for the camera
    await page.evaluate(() => {
      for (const failure of document.querySelectorAll<HTMLElement>('.failure')) failure.hidden = true
    })
    await shoot(page, 'wallet-scan')
  } finally {
    await browser.close()
    await rm(folder, { recursive: true })
  }
}
