import assert from 'node:assert/strict'
import { phone, useStage } from '../support/pages-stage.ts'
import { exchange } from '../support/partner.ts'
import { button, heading } from '../support/own-wallet.ts'

describe('the wallet’s page on a phone, without encryption', () => {
  // Of this machine, and none of its names: it stands for the address in the local network
  const stage = useStage({ phone: '127.0.0.2' })

  it('is for test users, who verify what is missing and approve there', async () => {
    const { sandbox } = stage
    const page = await stage.visit(sandbox.walletUrl, phone)
    // What browsers take from a page of another machine on plain http; this address is their own
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, 'isSecureContext', { value: false })
      for (const name of ['subtle', 'randomUUID']) Reflect.deleteProperty(Crypto.prototype, name)
      for (const name of ['clipboard', 'credentials', 'locks', 'mediaDevices', 'serviceWorker', 'storage']) {
        Reflect.deleteProperty(Navigator.prototype, name)
      }
    })
    const { asker, uuid, link } = await stage.request('proofOfIdentity')
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByText('This page was loaded without encryption. Use it with test users only.').waitFor()
    await page.getByRole('button', { name: 'Alice Archer' }).click()
    await button(page, 'Yes').click()
    await button(page, 'Approve').click()
    await button(page, 'Take the picture and verify').click()
    await heading(page, 'Approved').waitFor()
    const { data } = await exchange(sandbox.strategyOptions(), (await asker.poll(uuid)).authResponse!)
    assert.ok(data.every(({ isValid, isOwner }) => isValid && isOwner))

    await page.goto(`${sandbox.walletUrl}#people`)
    await heading(page, 'Whose wallet is this?').waitFor()
    assert.equal(await page.getByText('wallet of your own').count(), 0)
    await page.goto(`${sandbox.walletUrl}#scan`)
    await page.getByText('This page cannot use the camera.').waitFor()
  })
})
