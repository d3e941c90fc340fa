import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { useStage } from '../support/pages-stage.ts'
import { Shop } from '../support/shop.ts'
import type { Started } from '../support/shop.ts'

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true })
}

describe('the wallet’s page at a request of a site that asks directly', () => {
  const stage = useStage()
  let shop: Shop
  before(async () => {
    const scopeRequests = ['BASIC_SIGNUP', 'ANONYMOUS_LOGIN'] as const
    shop = await Shop.start({
      ...stage.sandbox.directOptions(),
      scopeRequests,
      name: 'Fernhill',
      returnTo: '/in',
    })
  })
  after(() => shop.stop())

  async function open(started: Started): Promise<Page> {
    const page = await stage.wallet('Alice Archer', started.link)
    await page.getByRole('heading', { level: 1, name: /^Fernhill wants/ }).waitFor()
    return page
  }

  it('names only the site, and shows the code to type there', async () => {
    const started = await shop.begin()
    const page = await open(started)
    const { host } = new URL(shop.origin)
    const text = await page
      .getByRole('region', { name: 'Compare with the page that showed the code' })
      .innerText()
    assert.match(text, /The site asks directly\. The site calls itself Fernhill\./)
    assert.ok(text.includes(`http://${host}`))
    await button(page, 'Approve').click()
    await page.getByText(`Type it only at ${shop.origin}`).waitFor()
    const digits = (await page.locator('.digits').innerText()).replaceAll(/\D/g, '')
    assert.match(digits, /^\d{6}$/)
    const size = await page.locator('.digits').evaluate((node) => parseFloat(getComputedStyle(node).fontSize))
    assert.ok(size >= 40, `${size} px`)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await button(page, 'Copy the code').click()
    await button(page, 'Copied').waitFor()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), digits)
    assert.deepEqual((await shop.poll(started)).json, { statusCode: 200, action: 'data-dispatched' })

    await page.goto(`${stage.sandbox.walletUrl}#activity`)
    await page.getByText('You shared with Fernhill: Email, Phone.').waitFor()
  })

  it('returns only to the site on the same device', async () => {
    const started = await shop.begin({ channel: 'link' })
    const page = await open(started)
    await page.getByRole('region', { name: 'Compare with the page that you came from' }).waitFor()
    await button(page, 'Approve').click()
    const back = page.getByRole('link', { name: `Back to ${new URL(shop.origin).host}` })
    const href = (await back.getAttribute('href')) ?? ''
    assert.ok(href.startsWith(`${shop.origin}/in#uuid=${started.uuid}&response_code=`), href)
  })

  it('shares nothing at a private login, and keeps the site’s data and no key in the browser', async () => {
    const page = await open(await shop.begin({ channel: 'scan', scopeRequest: 'ANONYMOUS_LOGIN' }))
    await page.getByRole('heading', { name: 'None of your details are shared' }).waitFor()
    assert.equal(await page.getByRole('checkbox').count(), 0)
    await button(page, 'Approve').click()
    await page.getByRole('heading', { level: 1, name: 'Approved' }).waitFor()
    const kept = await page.evaluate(() =>
      JSON.stringify(
        Object.fromEntries([...Object.entries(localStorage), ...Object.entries(sessionStorage)]),
      ),
    )
    assert.equal(kept, '{"civic-wallet-test-user":"alice"}')
  })
})
