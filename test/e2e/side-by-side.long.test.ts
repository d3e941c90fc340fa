import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/browser.ts'
import { openHouse } from './house.ts'
import type { House } from './house.ts'
import { Person } from './people.ts'

describe('end to end, Hosted and Direct in one site', () => {
  const closing: (() => Promise<void>)[] = []
  let browser: Browser
  let house: House

  before(async function () {
    browser = await launchChromium(this)
    closing.push(() => browser.close())
    house = await openHouse()
    closing.push(() => house.close())
  })
  after(async () => {
    for (const close of closing.reverse()) await close()
  })

  it('log two people in at once', async () => {
    const [alice, bob] = [new Person(browser, house, 'Alice Archer'), new Person(browser, house, 'Bob Baker')]
    closing.push(
      () => alice.close(),
      () => bob.close(),
    )
    await Promise.all([alice.open(), bob.open()])
    const bySip = await alice.scan('Sign up with Civic')
    const bySite = await bob.scan('Log in directly')
    assert.ok(bySip.includes(`#${house.sandbox.url}/sip/`), bySip)
    assert.ok(bySite.includes(`#${house.siteUrl}/civic/`), bySite)
    await Promise.all([alice.follow(bySip), bob.follow(bySite)])
    await Promise.all([alice.approve(), bob.approve()])

    const digits = (await bob.phone.locator('.digits').innerText()).replaceAll(/\D/g, '')
    const dialog = bob.site.frameLocator('#civic-sr-frame')
    await dialog.getByLabel('Six digits').fill(digits)
    await dialog.getByRole('button', { name: 'Log in' }).click()

    await Promise.all([alice, bob].map(({ site }) => site.waitForURL('**/account?done=signup')))
    const [hers, his] = await Promise.all([alice, bob].map(({ site }) => site.innerText('main')))
    assert.match(hers ?? '', /alice\.archer@example\.org\s+Verified[^]*Civic user/)
    assert.match(his ?? '', /bob\.baker@example\.org\s+Verified[^]*Wallet key/)
  })
})
