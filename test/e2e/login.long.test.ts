import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/browser.ts'
import { openHouse } from './house.ts'
import type { House } from './house.ts'
import { Person, readQrCode } from './people.ts'

describe('end to end, from the site’s button over a phone to the account page', () => {
  const closing: (() => Promise<void>)[] = []
  let browser: Browser
  let house: House
  let people: Person[] = []

  before(async function () {
    browser = await launchChromium(this)
    closing.push(() => browser.close())
    house = await openHouse()
    closing.push(() => house.close())
  })
  afterEach(async () => {
    await Promise.all(people.map((person) => person.close()))
    people = []
  })
  after(() => Promise.all(closing.map((close) => close())))

  async function someone(name: string, url?: string): Promise<Person> {
    const person = new Person(browser, house, name)
    people.push(person)
    await person.open(url)
    return person
  }

  const hasSession = async ({ site }: Person): Promise<boolean> => {
    const response = await site.request.get(`${house.siteUrl}/account`, {
      headers: { Accept: 'application/json' },
    })
    return response.status() === 200
  }

  it('signs up with what the wallet shows, and verifies an identity', async () => {
    const alice = await someone('Alice Archer')
    const link = await alice.scan('Sign up with Civic')
    const { url, walletUrl } = house.sandbox
    assert.match(link, new RegExp(`^${walletUrl}#${url}/sip/prod/scopeRequest/[0-9a-f-]{36}/callback$`))
    await alice.follow(link)
    const asked = await alice.phone.innerText('main')
    assert.ok(asked.includes(house.siteUrl), 'the wallet names the site that the browser shows')
    assert.match(asked, /Fernhill/)
    assert.match(asked, /alice\.archer@example\.org/)
    assert.match(asked, /From\s+Chrome on Linux, (?:127\.0\.0\.0\/24|[0:]+\/48)/)
    assert.equal(await hasSession(alice), false)
    await alice.approve()

    await alice.site.waitForURL('**/account?done=signup')
    const account = await alice.site.innerText('main')
    assert.match(account, /alice\.archer@example\.org\s+Verified/)
    assert.match(account, /\+1 202 555 01\d\d\s+Verified/)
    assert.equal(await hasSession(alice), true)

    await alice.enter('Verify your identity', 'proof')
    await alice.site.getByText('Identity verified').waitFor()
  })

  it('declined shows a notice and gives no session', async () => {
    const bob = await someone('Bob Baker')
    await bob.follow(await bob.scan('Sign up with Civic'))
    await bob.deny()
    await bob.site.getByText('You declined this request. Nothing was shared.').waitFor()
    assert.equal(await hasSession(bob), false)
    assert.deepEqual(await bob.site.context().cookies(house.siteUrl), [])
  })

  it('a page on a domain that is not an allowed domain gets no QR code', async () => {
    const bob = await someone('Bob Baker', house.strangeUrl)
    await bob.site.getByRole('button', { name: 'Sign up with Civic' }).click()
    await bob.site.locator('.civic-modal').getByRole('alert').waitFor()
    assert.equal(await readQrCode(bob.site), undefined)
  })

  it('two people at once never see each other’s data', async () => {
    const [bob, carol] = [await someone('Bob Baker'), await someone('Carol Cooper')]
    const links = [await bob.scan('Sign up with Civic'), await carol.scan('Sign up with Civic')]
    await Promise.all([bob.follow(links[0]!), carol.follow(links[1]!)])
    await Promise.all([bob.approve(), carol.approve()])
    const pages = await Promise.all(
      [bob, carol].map(async ({ site }) => {
        await site.waitForURL('**/account?done=signup')
        return site.content()
      }),
    )
    assert.match(pages[0]!, /bob\.baker@example\.org/)
    assert.doesNotMatch(pages[0]!, /carol/i)
    assert.match(pages[1]!, /carol\.cooper@example\.org/)
    assert.doesNotMatch(pages[1]!, /bob/i)
  })

  it('a click on Revoke in the dashboard shows on the account page at the next login', async () => {
    house.sandbox.wallet('Dave Dyer') // Makes him up
    const dave = await someone('Dave Dyer')
    await dave.enter('Sign up with Civic', 'signup')
    await dave.site.getByRole('button', { name: 'Log out' }).click()
    await dave.site.waitForURL(`${house.siteUrl}/`)

    const dashboard = await dave.phone.context().newPage()
    await dashboard.goto(`${house.sandbox.url}/#attestations`)
    // The newest
    const entry = dashboard.locator('main li').first()
    await entry.getByRole('button', { name: 'Revoke' }).click()
    await dashboard.getByRole('dialog').getByRole('button', { name: 'Revoke attestation' }).click()
    await entry.getByText('revoked').waitFor()

    await dave.follow(await dave.scan('Log in with Civic'))
    await dave.phone.getByText('Revoked', { exact: true }).waitFor()
    await dave.approve()
    await dave.site.waitForURL('**/account?done=login')
    assert.match(await dave.site.innerText('main'), /dave\.dyer@example\.org\s+Revoked/)
  })
})
