import assert from 'node:assert/strict'
import { exchange, postCode } from '../support/partner.ts'
import { codeFor } from '../support/sandbox-attester.ts'
import { walletKey } from '../support/attesting.ts'
import { useStage } from '../support/pages-stage.ts'

describe('the sandbox’s pages', () => {
  const stage = useStage()

  it('are linked from the dashboard, and link back', async () => {
    const page = await stage.visit('/')
    await page.getByRole('link', { name: 'Sandbox' }).click()
    await page.getByRole('heading', { name: 'Test mailbox' }).waitFor()
    assert.equal(await page.title(), 'Test mailbox · Civic sandbox')
    await page.getByRole('link', { name: 'Dashboard' }).click()
    await page.getByRole('heading', { name: 'Apps' }).waitFor()
  })

  it('show each code large, to be copied, and the older ones of an address greyed', async () => {
    const page = await stage.visit('/sandbox', { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByText('No mail yet').waitFor()
    const key = walletKey(Buffer.alloc(32, 1))
    await codeFor(stage.sandbox, key, 'alice.archer@example.org')
    const code = await codeFor(stage.sandbox, key, 'alice.archer@example.org')
    const newest = page.locator('.mail').first()
    await newest.getByText(code, { exact: true }).waitFor()
    await newest.getByRole('button', { name: 'Copy code for alice.archer@example.org' }).click()
    await newest.getByText('Copied').waitFor()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code)
    const sizes = await page
      .locator('.mail .code')
      .evaluateAll((all) => all.map((one) => parseInt(getComputedStyle(one).fontSize)))
    assert.ok(sizes[0]! >= 24 && sizes[1]! < sizes[0]!, sizes.join())
    assert.equal(await page.locator('.mail.old').count(), 1)
    await page.getByText('Nothing is actually sent.').waitFor()
  })

  it('make, edit and revoke test users', async () => {
    const page = await stage.visit('/sandbox#people')
    await page.getByRole('link', { name: 'New test user' }).click()
    await page.getByLabel('Name').fill('Dora Dale')
    await page.getByRole('button', { name: 'Make test user' }).click()
    await page.getByRole('heading', { name: 'Dora Dale' }).waitFor()
    await stage.sandbox.authCode({ user: 'Dora Dale' })
    await page.reload()
    await page.getByRole('link', { name: 'Email and phone number' }).waitFor()

    await page.getByLabel('Email').fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('A text that is not empty.').waitFor()
    const email = page.getByLabel('Email')
    assert.ok(await email.evaluate((node) => node === document.activeElement))
    assert.equal(await email.getAttribute('aria-invalid'), 'true')
    await email.fill('dora@example.org')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText(/^Saved\./).waitFor()
    assert.equal(stage.sandbox.wallet('Dora Dale').person.email, 'dora@example.org')

    await page.getByRole('button', { name: 'Revoke all of Dora Dale' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke all' }).click()
    await page.getByText('1 attestation revoked.').waitFor()
    await page.getByText('Nothing at the moment').waitFor()
  })

  it('make SIP fail, and show how long', async () => {
    const page = await stage.visit('/sandbox#faults')
    await page.getByText('Exchanges work.').waitFor()
    await page.getByLabel('Status').selectOption('503')
    await page.getByLabel('How often').fill('2')
    await page.getByRole('button', { name: 'Make SIP fail' }).click()
    await page.getByText('The next 2 exchanges: SIP responds 503.').waitFor()
    const partner = stage.sandbox.strategyOptions()
    assert.equal((await postCode(partner, '')).status, 503)
    await page.getByText('The next exchange: SIP responds 503.').waitFor()
    await page.getByRole('button', { name: 'End the fault' }).click()
    await page.getByText('Exchanges work.').waitFor()
    await page.getByLabel('How often').fill('often')
    await page.getByRole('button', { name: 'Make SIP fail' }).click()
    await page.locator('#times-error').waitFor()
  })

  it('get a token, with the command that posts it', async () => {
    const page = await stage.visit('/sandbox#token')
    await page.getByLabel('Test user').selectOption('Bob Baker')
    await page.getByRole('button', { name: 'Get a token' }).click()
    const figure = (name: string) =>
      page.getByRole('figure', { name, exact: true }).locator('code').innerText()
    const token = await figure('Authorization code token')
    assert.equal(
      await figure('Post it'),
      `curl -i --data-urlencode authToken=${token} 'http://localhost:3000/auth/civic'`,
    )
    assert.match(await figure('Get one by command'), /"user":"bob".*\/dev\/authCode$/)
    assert.equal(await page.evaluate(() => (document.activeElement as HTMLElement).innerText), 'Token')
    await exchange(stage.sandbox.strategyOptions(), token)
  })

  it('say that the sandbox has stopped', async () => {
    const page = await stage.visit('/sandbox#people')
    await page.getByText('Alice Archer').waitFor()
    await page.context().setOffline(true)
    await page.getByText(/^The sandbox has stopped\. Showing what was there at /).waitFor()
    await page.getByText('Alice Archer').waitFor()
  })
})
