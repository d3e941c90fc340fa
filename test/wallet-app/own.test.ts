import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { mailedCode, phone, useStage } from '../support/pages-stage.ts'
import { exchange } from '../support/partner.ts'

const PASSPHRASE = 'four words that fit'

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true })
}

function heading(page: Page, name: string | RegExp) {
  return page.getByRole('heading', { level: 1, name })
}

/** All that a browser keeps of the wallet's origin, as text. */
async function storageOf(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('civic-wallet')
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(new Error('no database'))
    })
    const values = await new Promise<unknown>((resolve) => {
      const all = database.transaction('vault').objectStore('vault').getAll()
      all.onsuccess = () => resolve(all.result)
    })
    database.close()
    const texts = JSON.stringify(values, (_key, value: unknown) =>
      value instanceof Uint8Array ? String.fromCharCode(...value) : value,
    )
    return texts + JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])
  })
}

async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByLabel('Passphrase').fill(passphrase)
  await button(page, 'Unlock').click()
}

describe('the wallet’s page: a wallet that a person keeps', () => {
  const stage = useStage()

  async function create(page: Page): Promise<string> {
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
    await choosePassphrase(page, 'Create the wallet')
    return words.join(' ')
  }

  async function choosePassphrase(page: Page, done: string): Promise<void> {
    await page.getByLabel('Passphrase').fill('short')
    await page.getByLabel('The same again').fill('short')
    await button(page, done).click()
    await page
      .getByRole('alert')
      .getByText(/at least 10 characters/)
      .waitFor()
    await page.getByLabel('Passphrase').fill(PASSPHRASE)
    await page.getByLabel('The same again').fill(PASSPHRASE)
    await button(page, done).click()
    await page.getByRole('heading', { name: 'Your details' }).waitFor()
  }

  /** Logs in privately, and returns who the person is to the site. */
  async function userIdOf(page: Page, isLocked = false): Promise<string> {
    const { asker, uuid, link } = await stage.request('Anonymous_Login')
    await page.goto('about:blank')
    await page.goto(link)
    if (isLocked) {
      await heading(page, 'Unlock to answer the request').waitFor()
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
    const words = await create(page)

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

    const secrets = [words, words.split(' ').slice(0, 2).join(' '), PASSPHRASE, 'ada@example.org']
    const kept = (await storageOf(page)) + file
    for (const secret of secrets) assert.ok(!kept.includes(secret), 'nothing readable is kept')
    for (const secret of secrets.slice(0, 3))
      assert.ok(!sent.some((one) => one.includes(secret)), 'nothing leaves')

    const byWords = await stage.visit(`${stage.sandbox.walletUrl}#restore`, phone)
    await byWords.getByLabel('The words of your wallet').fill('these are not words of any wallet at all')
    await button(byWords, 'Continue').click()
    await byWords.getByText('These are not the words of a wallet.').waitFor()
    await byWords.getByLabel('The words of your wallet').fill(` ${words.toUpperCase()}\n`)
    await button(byWords, 'Continue').click()
    await choosePassphrase(byWords, 'Restore the wallet')
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
    await page.goto(`${stage.sandbox.walletUrl}#own`)
    await create(page)
    await page.clock.runFor(4 * 60_000)
    await page.mouse.click(5, 300)
    await page.clock.runFor(4 * 60_000)
    await page.getByRole('heading', { name: 'Your details' }).waitFor()
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
    const page = await stage.visit(`${stage.sandbox.walletUrl}#own`, phone)
    await create(page)
    const { asker, uuid, link } = await stage.request('Anonymous_Login')
    await page.goto(link)
    await button(page, 'No, decline').click()
    await heading(page, 'You declined this request.').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'user-cancelled')
  })
})
