import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { phone, useStage } from '../support/pages-stage.ts'
import { heading } from '../support/own-wallet.ts'

interface Issued {
  readonly txid: string
  readonly vout: number
}

describe('the wallet’s page: a test user’s details', () => {
  const stage = useStage()
  const card = (page: Page, name: string) => page.getByRole('region', { name })

  async function newest(): Promise<Issued> {
    const response = await fetch(`${stage.sandbox.url}/dashboard/api/attestations`)
    return ((await response.json()) as Issued[])[0]!
  }

  it('shows where details are anchored, that they were revoked, and verifies them again', async () => {
    const page = await stage.wallet('Alice Archer')
    const contact = card(page, 'Email and phone number')
    await contact.getByText('Verified', { exact: true }).waitFor()
    await contact.getByText('Where this is anchored').click()
    const { txid, vout } = await newest()
    await heading(page, 'Where this is anchored: Email and phone number').waitFor()
    await page.getByText('Not revoked', { exact: true }).waitFor()
    const facts = await page.locator('.values dd').allInnerTexts()
    assert.deepEqual(facts.slice(0, 2), [txid, String(vout)])
    assert.ok(Number(facts[2]) > 0 && Number(facts[4]) > 0, 'a block and its confirmations')
    await stage.sandbox.revoke({ txid, vout })
    await page.reload()
    await page.getByText('Revoked', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Back to the wallet' }).click()
    await contact.getByText('Revoked', { exact: true }).waitFor()
    await contact.getByRole('button', { name: 'Verify: Email and phone number' }).click()
    await contact.getByRole('button', { name: 'Send the code' }).waitFor()
  })

  it('waits for a block, and continues after a reload', async () => {
    const page = await stage.visit(stage.sandbox.walletUrl, phone)
    await page.clock.install()
    await page.getByRole('button', { name: 'Carol Cooper' }).click()
    const document = card(page, 'Identity document')
    await document.getByRole('button', { name: 'Verify: Identity document' }).click()
    // The attester has the tree, and no block has it yet
    let isMined = false
    await page.route(/\/attester\/attestations\/\w+$/, async (route) => {
      const response = await route.fetch()
      const json = (await response.json()) as { state: string }
      const state = json.state === 'attested' && !isMined ? 'anchoring' : json.state
      await route.fulfill({ response, json: { ...json, state } })
    })
    await document.getByRole('button', { name: 'Take the picture and verify' }).click()
    const badge = document.getByText('Waiting for a block', { exact: true })
    while ((await badge.count()) === 0) await page.clock.runFor(500)
    await page.reload()
    await badge.waitFor()
    isMined = true
    while ((await document.getByText('Verified', { exact: true }).count()) < 2) await page.clock.runFor(2000)
  })

  it('adds a test user, whose wallet every browser has', async () => {
    const page = await stage.visit(stage.sandbox.walletUrl, phone)
    await page.getByRole('link', { name: 'Add a test user' }).click()
    await page.getByLabel('Name').fill('Dora & <b>Dale</b>')
    await page.getByLabel('Date of birth').fill('2001-02-03')
    await page.getByRole('button', { name: 'Add test user' }).click()
    await page.getByRole('img', { name: 'Identity card of Dora & <b>Dale</b>' }).waitFor()
    assert.match(await page.innerText('main'), /2001-02-03/)
    const { txid } = await newest()
    const other = await stage.wallet('Dora & <b>Dale</b>')
    await card(other, 'Email and phone number').getByText('Where this is anchored').click()
    await other.getByText(txid).waitFor()
    assert.equal((await newest()).txid, txid, 'nothing was issued anew')
  })
})
