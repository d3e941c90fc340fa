import assert from 'node:assert/strict'
import type { CDPSession, Page } from 'playwright-core'
import { phone, useStage } from '../support/pages-stage.ts'
import { button, create, heading, PASSPHRASE, storageOf, unlock } from '../support/own-wallet.ts'

/** Gives the page's device a separate authenticator, whose owner always agrees. */
async function authenticator(page: Page, hasPrf: boolean): Promise<{ session: CDPSession; id: string }> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId: id } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf,
    },
  })
  return { session, id }
}

describe('the wallet’s page: a passkey', () => {
  const stage = useStage()

  async function open(hasPrf: boolean): Promise<{ page: Page; session: CDPSession; id: string }> {
    const page = await stage.visit(`${stage.sandbox.walletUrl}#create`, phone)
    const device = await authenticator(page, hasPrf)
    await create(page)
    await page.goto(`${stage.sandbox.walletUrl}#settings`)
    await heading(page, 'Settings').waitFor()
    return { page, ...device }
  }

  const region = (page: Page) => page.getByRole('region', { name: 'Passkey' })

  async function add(page: Page, passphrase = PASSPHRASE): Promise<void> {
    await region(page).getByLabel('Passphrase').fill(passphrase)
    await button(page, 'Add a passkey').click()
  }

  it('unlocks the wallet as well as the passphrase, for the person only, until it is removed', async () => {
    const { page, session, id } = await open(true)
    await add(page, 'not the passphrase')
    await page.getByText('This is not the passphrase of this wallet.').waitFor()
    await add(page)
    await region(page).getByText('A passkey of this device opens the wallet.').waitFor()
    const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId: id })
    assert.equal(credentials.length, 1, 'a wrong passphrase makes none')

    assert.match(await storageOf(page), /"kind":"passkey"/)

    await button(page, 'Lock now').click()
    await button(page, 'Unlock with your passkey').click()
    await heading(page, 'Settings').waitFor()
    // What the open wallet wrote opens with both
    await page.reload()
    await session.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false })
    await button(page, 'Unlock with your passkey').click()
    await page.getByText('The passkey was not used.').waitFor()
    await unlock(page)
    await heading(page, 'Settings').waitFor()

    await region(page).getByLabel('Passphrase').fill(PASSPHRASE)
    await button(page, 'Remove the passkey').click()
    await button(page, 'Add a passkey').waitFor()
    await page.reload()
    await button(page, 'Unlock').waitFor()
    assert.equal(await button(page, 'Unlock with your passkey').count(), 0)
  })

  it('is added beside what the wallet keeps while the device asks the person', async () => {
    const { page } = await open(true)
    let agree = (): void => undefined
    const asked = new Promise<void>((ask) => {
      void page.exposeFunction('askPerson', () => {
        ask()
        return new Promise<void>((agreed) => (agree = agreed))
      })
    })
    await page.evaluate(() => {
      const create = navigator.credentials.create.bind(navigator.credentials)
      navigator.credentials.create = async (options) => {
        await (window as unknown as { askPerson: () => Promise<void> }).askPerson()
        return create(options)
      }
    })
    await add(page)
    await asked
    await page.getByLabel('Language of dates').selectOption('de')
    agree()
    await region(page).getByText('A passkey of this device opens the wallet.').waitFor()
    await page.reload()
    await button(page, 'Unlock with your passkey').click()
    await heading(page, 'Settings').waitFor()
    assert.equal(await page.getByLabel('Language of dates').inputValue(), 'de')
  })

  it('is refused if the device has no PRF extension, and the passphrase stays', async () => {
    const { page } = await open(false)
    await add(page)
    await page.getByText('it lacks the PRF extension').waitFor()
    assert.doesNotMatch(await storageOf(page), /"kind":"passkey"/)
    await button(page, 'Lock now').click()
    await unlock(page)
    await heading(page, 'Settings').waitFor()
  })
})
