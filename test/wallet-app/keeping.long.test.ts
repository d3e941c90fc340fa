import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { BrowserContext, Page } from 'playwright-core'
import { phone, Stage } from '../support/pages-stage.ts'
import { Page as Asker } from '../support/page.ts'
import { button, create, details, heading, restore, unlock } from '../support/own-wallet.ts'

describe('the wallet’s page: a wallet over the years', () => {
  const stage = new Stage({})
  let page: Page
  let context: BrowserContext
  let words: string
  const at = (place: string): string => `${stage.sandbox.walletUrl}#${place}`

  before(async function () {
    await stage.open(this)
    page = await stage.visit(at('create'), phone)
    context = page.context()
    words = await create(page)
  })
  after(async () => {
    await stage.leave()
    await stage.close()
  })

  it('is open in one tab at a time', async () => {
    const other = await context.newPage()
    await other.goto(at(''))
    await unlock(other, 'not the passphrase')
    await other.getByText('This is not the passphrase of this wallet.').waitFor()
    await unlock(other)
    await details(other).waitFor()
    await page.getByText('Your wallet is open in another tab.').waitFor()
    await unlock(page)
    await details(page).waitFor()
    await heading(other, 'Unlock your wallet').waitFor()
    await other.close()
  })

  it('warns if the browser has not promised to keep it', async () => {
    await page.goto(at('settings'))
    await page.getByText('Your browser has not promised to keep this wallet').waitFor()
  })

  it('accepts a new passphrase, and the previous one no longer opens it', async () => {
    await page.goto(at('settings'))
    const region = page.getByRole('region', { name: 'Passphrase' })
    await region.getByLabel('Current passphrase').fill('four words that fit')
    await button(page, 'Change it').click()
    await region.getByLabel('Passphrase', { exact: true }).fill('four other words here')
    await region.getByLabel('Type it again').fill('four other words here')
    await button(page, 'Change the passphrase').click()
    await page.getByText('The passphrase is changed.').waitFor()
    await unlock(page)
    await page.getByText('This is not the passphrase of this wallet.').waitFor()
    await unlock(page, 'four other words here')
    await heading(page, 'Settings').waitFor()
  })

  it('trusts another server only after a warning', async () => {
    const another = await createSandbox()
    try {
      const uuid = await new Asker(another).uuid({ verificationLevel: 'Anonymous_Login' })
      const request = at(`${another.url}/sip/prod/scopeRequest/${uuid}/callback`)
      await page.goto(request)
      await page.getByText('It asks on behalf of another site, and this wallet does not know').waitFor()
      await page.goto(at('settings'))
      const region = page.getByRole('region', { name: 'Servers that ask on behalf of sites' })
      await region.getByLabel('Add a server').fill('the other one')
      await button(page, 'Add').click()
      await region.getByText('Type an address such as').waitFor()
      await region.getByLabel('Add a server').fill(`${another.url}/`)
      await button(page, 'Add').click()
      await region.getByText('can then show you requests in the name of any site').waitFor()
      await button(page, `Trust ${new URL(another.url).host}`).click()
      await button(page, `Remove ${another.url}`).waitFor()
      await page.goto(request)
      await heading(page, /^Do you see this code/).waitFor()
      await page.goto(at('settings'))
      await button(page, `Remove ${another.url}`).click()
      await button(page, `Remove ${another.url}`).waitFor({ state: 'detached' })
    } finally {
      await another.close()
    }
  })

  it('approves nothing by the second click of a double click', async () => {
    const { asker, uuid, link } = await stage.request('Anonymous_Login')
    await page.goto(link)
    const [yes, place] = [button(page, 'Yes'), await button(page, 'Yes').boundingBox()]
    await yes.dblclick()
    const approve = button(page, 'Approve')
    await approve.waitFor()
    const now = await approve.boundingBox()
    assert.deepEqual([now!.x, now!.y], [place!.x, place!.y], 'the second click hit it')
    await approve.and(page.locator(':enabled')).waitFor()
    assert.notEqual((await asker.poll(uuid)).action, 'data-received')
    await approve.click()
    await heading(page, 'Approved').waitFor()
  })

  it('comes back by its words after the browser deleted its data, at once or later', async () => {
    await page.goto(at(''))
    await details(page).waitFor()
    await page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.deleteDatabase('civic-wallet')
          request.onsuccess = () => resolve()
          request.onerror = () => reject(new Error('not deleted'))
          request.onblocked = () => reject(new Error('the wallet holds on to it'))
        }),
    )
    // The open wallet writes it again
    await page.goto(at('settings'))
    await page.getByRole('region', { name: 'Your words' }).waitFor()
    await page.reload()
    await page.goto(at('restore'))
    await restore(page, words)
  })
})
