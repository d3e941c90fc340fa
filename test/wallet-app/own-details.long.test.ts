import assert from 'node:assert/strict'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Page, Request } from 'playwright-core'
import { phone, Stage, verifyEmail } from '../support/pages-stage.ts'
import { button, create, details, heading, unlock } from '../support/own-wallet.ts'

describe('the wallet’s page: a person’s own details', () => {
  const stage = new Stage({})
  let page: Page
  const at = (place: string): string => `${stage.sandbox.walletUrl}#${place}`
  const contact = () => page.getByRole('region', { name: 'Email and phone number' })

  before(async function () {
    await stage.open(this)
    page = await stage.visit(at('create'), phone)
    await create(page)
    await page.goto(at('settings'))
    const words = page.getByRole('region', { name: 'Your words' })
    await words.getByLabel('Passphrase').fill('four words that fit')
    await button(page, 'Show the words').click()
    await button(page, 'I have them on paper').click()
    await button(page, 'I have them on paper').waitFor({ state: 'detached' })
  })
  after(async () => {
    await stage.leave()
    await stage.close()
  })

  /** Approves a request, and verifies what it needs. */
  async function approveAndVerify(link: string): Promise<void> {
    await page.goto(link)
    await button(page, 'Yes').click()
    await button(page, 'Approve').click()
    await page.getByRole('textbox', { name: 'Email' }).fill('ada@example.org')
    await page.getByRole('textbox', { name: 'Phone' }).fill('+1 202 555 0143')
    await button(page, 'Continue').click()
    await verifyEmail(page, stage.sandbox)
  }

  it('are verified when a request needs them, and the wallet then sends the approval', async () => {
    const { asker, uuid, link } = await stage.request('civicBasic')
    await approveAndVerify(link)
    await heading(page, 'Approved').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'data-received')
  })

  it('are offered to be exported once they have changed, and not again', async () => {
    await page.goto(at(''))
    const offer = page.getByText('Your verified details have changed.')
    await offer.waitFor()
    assert.ok((await offer.boundingBox())!.width > 250, 'its buttons squeeze it')
    const saved = page.waitForEvent('download')
    await button(page, 'Export them').click()
    assert.match(await text(await (await saved).createReadStream()), /^\{"format":"civic-wallet"/)
    await button(page, 'Export them').waitFor({ state: 'detached' })
    await page.reload()
    await unlock(page)
    await details(page).waitFor()
    assert.equal(await button(page, 'Export them').count(), 0)
  })

  it('are removed when the person is sure, and come back by Undo', async () => {
    await button(page, 'Remove: Email and phone number').click()
    await button(page, 'Cancel').click()
    await contact().getByText('Verified', { exact: true }).waitFor()
    await button(page, 'Remove: Email and phone number').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await contact().getByText('Not verified', { exact: true }).waitFor()
    assert.doesNotMatch(await page.innerText('main'), /ada@example/)
    await button(page, 'Undo').click()
    await contact().getByText('Verified', { exact: true }).waitFor()
    assert.match(await contact().innerText(), /ada@example\.org/)
    assert.equal(await page.getByRole('dialog').count(), 0)
  })

  it('say so if the attester takes longer than the request lasts, and are sent if it is quicker', async () => {
    await button(page, 'Remove: Email and phone number').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await button(page, 'Undo').waitFor()
    let isAnchored = false
    await page.route(/\/attester\/attestations\/\w+$/, async (route) => {
      const response = await route.fetch()
      const { attestations, ...json } = (await response.json()) as { state: string; attestations?: object[] }
      const isHeld = json.state === 'sign' || json.state === 'refused' || isAnchored
      const waiting = { ...json, state: 'anchoring', reason: 'the block is slow' }
      await route.fulfill({ response, json: isHeld ? { ...json, attestations } : waiting })
    })
    const { asker, uuid, link } = await stage.request('civicBasic')
    await approveAndVerify(link)
    await page
      .getByText(
        'Your email and phone number will be verified in about 10 minutes. Then start again at localhost:3000.',
      )
      .waitFor()
    isAnchored = true
    await heading(page, 'Approved').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'data-received')
  })

  describe('at an attester', () => {
    interface Document {
      readonly labels: Record<string, { set: string; check: string }>
    }
    const set = 'attCivicResidence'
    const address = () => page.getByRole('region', { name: 'Address' })

    /** Opens the wallet anew, with what the attester says of an address changed. */
    async function openWith(change: (labels: Document['labels']) => Document['labels']): Promise<void> {
      await page.unrouteAll()
      await page.route(`${stage.sandbox.url}/attester`, async (route) => {
        const response = await route.fetch()
        const { labels, ...document } = (await response.json()) as Document
        await route.fulfill({ response, json: { ...document, labels: change(labels) } })
      })
      await page.goto(at(''))
      await page.reload()
      await unlock(page)
      await details(page).waitFor()
    }

    it('that does not verify them, are not asked for', async () => {
      await openWith((labels) =>
        Object.fromEntries(
          Object.entries(labels).filter(
            ([name, label]) => label.set !== set && name !== 'documents.genericId.image',
          ),
        ),
      )
      await button(page, 'Verify: Address').click()
      await address().getByText('The attester of this wallet does not verify this: Address.').waitFor()
      assert.equal(await address().getByRole('textbox').count(), 0)
      await button(page, 'Cancel: Address').click()
      await button(page, 'Verify: Address').waitFor()
      const { link } = await stage.request('proofOfIdentity')
      await page.goto(link)
      await button(page, 'Yes').click()
      await button(page, 'Approve').click()
      await page.getByText('The attester of this wallet does not verify this: Picture.').waitFor()
      assert.equal(await page.locator('main').getByRole('textbox').count(), 0)
      await button(page, 'Decline').click()
      await heading(page, 'You declined this request.').waitFor()
    })

    it('that has somebody look at an address, go there with a photo', async () => {
      await openWith((labels) =>
        Object.fromEntries(
          Object.entries(labels).map(([name, label]) => [
            name,
            label.set === set ? { ...label, check: 'review' } : label,
          ]),
        ),
      )
      const asked: string[] = []
      const note = (request: Request): void => void asked.push(`${request.method()} ${request.url()}`)
      page.on('request', note)
      let sent: { label?: string; claims?: Record<string, string>; picture?: string } = {}
      await page.route(/\/attester\/attestations(\/\w+)?$/, async (route) => {
        if (route.request().method() === 'POST') sent = route.request().postDataJSON() as typeof sent
        await route.fulfill({ status: 202, json: { id: 'letter', state: 'review' } })
      })
      await button(page, 'Verify: Address').click()
      await address().getByLabel('Street').fill('Canal Street 14')
      await address().getByLabel('City').fill('Amaurrot')
      await address().getByLabel('Postal code').fill('10001')
      await address().getByLabel('Country').fill('Utopia')
      await button(page, 'Continue').click()
      // A slip of the pen can be mended
      await button(page, 'Change what you typed').click()
      assert.equal(await address().getByLabel('Street').inputValue(), 'Canal Street 14')
      await address().getByLabel('City').fill('Amaurot')
      await button(page, 'Continue').click()
      await address()
        .getByLabel('A photo of a letter or bill with your name and this address')
        .setInputFiles(join(import.meta.dirname, '../../wallet/app/icon-192.png'))
      await button(page, 'Send it to the attester').click()
      await address().getByText('In review', { exact: true }).waitFor()
      assert.equal(sent.label, set)
      assert.equal(sent.claims?.['documents.address.city'], 'Amaurot')
      assert.match(sent.picture ?? '', /^\/9j\//, 'no JPEG')
      page.off('request', note)
      assert.equal(asked.filter((request) => request === `GET ${stage.sandbox.url}/attester`).length, 1)
      await page.unrouteAll()
    })
  })

  it('stay locked while a test user responds, and the request waits until the owner unlocks', async () => {
    const { link } = await stage.request('Anonymous_Login')
    await page.goto(link)
    await button(page, 'Yes').click()
    await button(page, 'Respond as somebody else').click()
    await page.getByRole('button', { name: 'Bob Baker' }).click()
    await heading(page, 'Example site wants to log you in').waitFor()
    await button(page, 'Respond as somebody else').click()
    await button(page, 'Unlock your own wallet').click()
    await heading(page, 'Unlock to respond to the request').waitFor()
    await unlock(page)
    await button(page, 'Approve').click()
    await heading(page, 'Approved').waitFor()
  })

  it('have their dates written in the language that the person chooses', async () => {
    await page.goto(at('settings'))
    await page.getByLabel('Language of dates').selectOption({ label: 'Deutsch' })
    const dates = page.getByRole('region', { name: 'Dates' })
    await dates.getByText(/It is now \d\d?\.\d\d?\.\d{4}, \d\d:\d\d\./).waitFor()
    await page.goto(at('activity'))
    await page
      .getByText(/^\d\d?\.\d\d?\.\d{4}, \d\d:\d\d$/)
      .first()
      .waitFor()
  })
})
