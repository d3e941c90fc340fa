import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { HDKey } from '@scure/bip32'
import { mnemonicToSeedSync } from '@scure/bip39'
import type { Page } from 'playwright-core'
import { mailedCode, phone, useStage } from '../support/pages-stage.ts'
import { exchange } from '../support/partner.ts'
import {
  button,
  choosePassphrase,
  create,
  details,
  heading,
  PASSPHRASE,
  restore,
  storageOf,
  unlock,
} from '../support/own-wallet.ts'

describe('the wallet’s page: a wallet that a person keeps', () => {
  const stage = useStage()

  /** Makes a wallet the careful way, from its first screen on. */
  async function createChecked(page: Page): Promise<string> {
    await page.getByRole('link', { name: 'Create a wallet' }).click()
    await heading(page, 'Write these words down').waitFor()
    const words = await page.locator('.words li').allInnerTexts()
    await button(page, 'I have written them down').click()
    const labels = await page.locator('form label').allInnerTexts()
    assert.equal(labels.length, 3)
    await page.getByLabel(labels[0]!, { exact: true }).fill('wrong')
    await button(page, 'Continue').click()
    await page.getByText(/look at your paper again/).waitFor()
    for (const label of labels) {
      await page.getByLabel(label, { exact: true }).fill(words[Number(label.replace('Word ', '')) - 1]!)
    }
    await button(page, 'Continue').click()
    await choosePassphrase(page, 'Create the wallet', 'short')
    await page
      .getByRole('alert')
      .getByText(/at least 10 characters/)
      .waitFor()
    await choosePassphrase(page, 'Create the wallet')
    await details(page).waitFor()
    return words.join(' ')
  }

  /** Logs in privately, and returns who the person is to the site. */
  async function userIdOf(page: Page, isLocked = false): Promise<string> {
    const { asker, uuid, link } = await stage.request('Anonymous_Login')
    await page.goto('about:blank')
    await page.goto(link)
    if (isLocked) {
      await heading(page, 'Unlock to respond to the request').waitFor()
      await unlock(page)
    }
    await heading(page, 'Do you see this code at http://localhost:3000, on another screen?').waitFor()
    await button(page, 'Yes').click()
    await button(page, 'Approve').click()
    await heading(page, 'Approved').waitFor()
    const { authResponse } = await asker.poll(uuid)
    return (await exchange(stage.sandbox.strategyOptions(), authResponse!)).userId
  }

  it('is made by twelve words, locks, and comes back on another device by words or by a file', async () => {
    const page = await stage.visit(`${stage.sandbox.walletUrl}#own`, phone)
    const sent: string[] = []
    page.context().on('request', (request) => sent.push(request.url() + (request.postData() ?? '')))
    const words = await createChecked(page)

    await button(page, 'Verify: Email and phone number').click()
    await page.getByRole('textbox', { name: 'Email' }).fill('ada@example.org')
    await page.getByRole('textbox', { name: 'Phone' }).fill('+1 202 555 0143')
    await button(page, 'Continue').click()
    await button(page, 'Send the code').click()
    const code = page.getByLabel('Code from the email')
    await code.waitFor()
    await code.fill(await mailedCode(stage.sandbox))
    await button(page, 'Verify email').click()
    await page.getByText('Verified', { exact: true }).waitFor()
    const userId = await userIdOf(page, true)

    await page.goto(`${stage.sandbox.walletUrl}#settings`)
    const saved = page.waitForEvent('download')
    await button(page, 'Save the file').click()
    const file = await text(await (await saved).createReadStream())
    await button(page, 'Lock now').click()
    await heading(page, 'Unlock your wallet').waitFor()
    await unlock(page, 'not the passphrase')
    await page.getByText('This is not the passphrase of this wallet.').waitFor()

    const seed = mnemonicToSeedSync(words)
    const { privateExtendedKey } = HDKey.fromMasterSeed(seed)
    const keys = [
      ...['hex', 'base64', 'latin1'].map((form) => Buffer.from(seed).toString(form as 'hex')),
      privateExtendedKey,
    ]
    const secrets = [words, words.split(' ').slice(0, 2).join(' '), PASSPHRASE, ...keys]
    const kept = (await storageOf(page)) + file
    for (const secret of [...secrets, 'ada@example.org'])
      assert.ok(!kept.includes(secret), 'nothing readable is kept')
    assert.ok(
      sent.some((one) => one.includes('ada@example.org')),
      'the attester gets the email',
    )
    for (const secret of secrets) assert.ok(!sent.some((one) => one.includes(secret)), 'nothing leaves')

    const byWords = await stage.visit(`${stage.sandbox.walletUrl}#restore`, phone)
    await byWords.getByLabel('The words of your wallet').fill('these are not words of any wallet at all')
    await button(byWords, 'Continue').click()
    await byWords.getByText('These are not the words of a wallet.').waitFor()
    await restore(byWords, ` ${words.toUpperCase()}\n`)
    assert.equal(await byWords.getByText('Verified', { exact: true }).count(), 0)
    assert.equal(await userIdOf(byWords, true), userId)

    const byFile = await stage.visit(`${stage.sandbox.walletUrl}#restore`, phone)
    await byFile
      .getByLabel('Or a file that your wallet exported')
      .setInputFiles({ name: 'civic-wallet.json', mimeType: 'application/json', buffer: Buffer.from(file) })
    await byFile.getByLabel('Passphrase of the wallet that exported it').fill(PASSPHRASE)
    await button(byFile, 'Restore the wallet').click()
    await byFile.getByText('Verified', { exact: true }).waitFor()
    assert.match(await byFile.innerText('main'), /ada@example\.org/)
  }).timeout(120_000)

  it('locks after five minutes without the person, and is deleted only when they are sure', async () => {
    const page = await stage.visit(stage.sandbox.walletUrl, phone)
    await page.clock.install()
    await page.goto(`${stage.sandbox.walletUrl}#create`)
    await create(page)
    await page.clock.runFor(4 * 60_000)
    await page.mouse.click(5, 300)
    await page.clock.runFor(4 * 60_000)
    await details(page).waitFor()
    await page.clock.runFor(61_000)
    await heading(page, 'Unlock your wallet').waitFor()
    await unlock(page)
    await page.getByRole('link', { name: 'Settings' }).click()
    await button(page, 'Delete the wallet').click()
    await button(page, 'Keep it').click()
    await button(page, 'Delete the wallet').click()
    await button(page, 'Yes, delete this wallet').click()
    await heading(page, 'Whose wallet is this?').waitFor()
    assert.match(await storageOf(page), /^\[\]/)
  })

  it('declines what was not its own login', async () => {
    const page = await stage.visit(`${stage.sandbox.walletUrl}#create`, phone)
    await create(page)
    const { asker, uuid, link } = await stage.request('Anonymous_Login')
    const reminder = page.getByText('Write down the words of your wallet')
    await reminder.waitFor()
    await page.goto(link)
    await button(page, 'No, decline').waitFor()
    assert.equal(await reminder.count(), 0)
    await button(page, 'No, decline').click()
    await heading(page, 'You declined this request.').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'user-cancelled')
  })
})
