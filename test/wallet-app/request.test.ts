import assert from 'node:assert/strict'
import { Wallet } from 'civic-wallet'
import type { Page } from 'playwright-core'
import { useStage, verifyEmail } from '../support/pages-stage.ts'
import { exchange } from '../support/partner.ts'

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true })
}

function heading(page: Page, name: string | RegExp) {
  return page.getByRole('heading', { level: 1, name })
}

async function approve(page: Page): Promise<void> {
  await button(page, 'Approve').click()
  await heading(page, 'Approved').waitFor()
}

describe('the wallet’s page at a request of a SIP', () => {
  const stage = useStage()

  it('shows who asks, for what, when and from where, and declines as prominently as it approves', async () => {
    const { asker, uuid, link } = await stage.request('civicBasic')
    const page = await stage.wallet('Alice Archer', link)
    await heading(page, 'Example site wants your email and phone number').waitFor()
    const text = await page
      .getByRole('region', { name: 'Compare with the page that showed the code' })
      .innerText()
    assert.match(text, /^http:\/\/localhost:3000$/m)
    assert.ok(
      text.includes(
        `${new URL(stage.sandbox.url).host} asks for the site. The site calls itself Example site.`,
      ),
      text,
    )
    assert.match(text, /Asked\s+\d+ s ago, at \d+:\d\d:\d\d/)
    assert.match(text, /From\s+.*(?:127\.0\.0\.0\/24|[0:]+\/48)/)
    assert.match(text, /Expires\s+in 2 min/)
    const main = await page.innerText('main')
    assert.match(main, /alice\.archer@example\.org/)
    assert.match(main, /Verified/)
    assert.equal(await page.title(), 'A login request · Civic wallet')
    const [one, other] = [
      await button(page, 'Decline').boundingBox(),
      await button(page, 'Approve').boundingBox(),
    ]
    assert.deepEqual([one!.width, one!.height, one!.y], [other!.width, other!.height, other!.y])

    await button(page, 'Decline').click()
    await heading(page, 'You declined this request.').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'user-cancelled')
    await page.getByRole('link', { name: 'Back to the wallet' }).click()
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByText('You declined a request of Example site.').waitFor()
  })

  it('accepts no approval in the first second after it became visible', async () => {
    const { link } = await stage.request('Anonymous_Login')
    const page = await stage.wallet('Alice Archer')
    await page.clock.install()
    // It would go on by itself, on a slow machine too far
    await page.clock.pauseAt(Date.now() + 30_000)
    await page.goto(link)
    while ((await button(page, 'Approve').count()) === 0) await page.clock.runFor(20)
    assert.ok(await button(page, 'Approve').isDisabled())
    await page.clock.runFor(900)
    assert.ok(await button(page, 'Approve').isDisabled())
    await page.clock.runFor(200)
    assert.ok(await button(page, 'Approve').isEnabled())
    // Another window was in front
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    assert.ok(await button(page, 'Approve').isDisabled())
  })

  it('verifies what is missing one step at a time, and then shares exactly what it shows', async () => {
    const { asker, uuid, link } = await stage.request('proofOfResidence')
    const page = await stage.wallet('Carol Cooper', link)
    await page.getByText('Some details are not verified yet.').waitFor()
    await page.getByText('Added when you verify: Verified, Picture, Checksum').waitFor()
    await button(page, 'Approve').click()
    await heading(page, 'Verify: Email and phone number').waitFor()
    await button(page, 'Send the code').click()
    await page.getByLabel('Code from the email').fill('wrong!')
    await button(page, 'Verify email').click()
    await page.getByText('The code is wrong.').waitFor()
    await button(page, 'Send a new code').waitFor()
    await page.reload()
    await button(page, 'Approve').click()
    await verifyEmail(page, stage.sandbox)
    await heading(page, 'Verify: Identity document').waitFor()
    assert.equal(await page.locator('.button.primary').count(), 1)
    await button(page, 'Take the picture and verify').click()
    await button(page, 'Verify address').click()
    await heading(page, 'Approved').waitFor()

    const { authResponse } = await asker.poll(uuid)
    const { data } = await exchange(stage.sandbox.strategyOptions(), authResponse!)
    assert.equal(data.length, 16)
    assert.ok(data.every(({ isValid, isOwner }) => isValid && isOwner))
    await page.goto(stage.sandbox.walletUrl)
    await page.getByRole('heading', { name: 'Your details' }).waitFor()
    const shown = await page
      .locator('.values dd')
      .evaluateAll((values) =>
        values.map((value) => value.querySelector('img')?.src.split(',')[1] ?? value.textContent),
      )
    const shared = data.map(({ value }) => (value === 'CIVIC:IAL1' ? 'Yes' : value))
    assert.deepEqual([...shown].sort(), [...shared].sort())
  })

  it('of a private login shares a verified person only if the person leaves that ticked', async () => {
    const shared = async (isTicked: boolean): Promise<string[]> => {
      const { asker, uuid, link } = await stage.request('Anonymous_Login')
      await page.goto('about:blank')
      await page.goto(link)
      await heading(page, 'Example site wants to log you in').waitFor()
      await page.getByRole('heading', { name: 'None of your details are shared' }).waitFor()
      const box = page.getByRole('checkbox', { name: 'Verified' })
      assert.ok(await box.isChecked())
      if (!isTicked) await box.uncheck()
      await approve(page)
      const { data } = await exchange(stage.sandbox.strategyOptions(), (await asker.poll(uuid)).authResponse!)
      return data.map(({ value }) => value)
    }
    const page = await stage.wallet('Bob Baker')
    const document = page.getByRole('region', { name: 'Identity document' })
    await document.getByRole('button', { name: 'Verify: Identity document' }).click()
    await button(page, 'Take the picture and verify').click()
    await document.getByText('Verified', { exact: true }).first().waitFor()
    await document.getByText('Where this is anchored').waitFor()
    assert.deepEqual(await shared(true), ['CIVIC:IAL1'])
    assert.deepEqual(await shared(false), [])
  })

  it('keeps the request while another person is chosen, and returns on the same device', async () => {
    const { asker, uuid, link } = await stage.request('civicBasic', { channel: 'link' })
    const page = await stage.wallet('Alice Archer', link)
    await button(page, 'Respond as somebody else').click()
    await heading(page, 'Who responds to this request?').waitFor()
    await page.getByRole('button', { name: 'Bob Baker' }).click()
    await heading(page, /^Example site wants/).waitFor()
    assert.match(await page.innerText('main'), /bob\.baker@example\.org/)
    await approve(page)
    const back = await page.getByRole('link', { name: 'Back to localhost:3000' }).getAttribute('href')
    assert.equal(back, `http://localhost:3000/?uuid=${uuid}`)
    const { data } = await exchange(stage.sandbox.strategyOptions(), (await asker.poll(uuid)).authResponse!)
    assert.equal(data[0]!.value, 'bob.baker@example.org')
  })

  it('opens by a pasted link, says what is wrong with another, and when it is over', async () => {
    const { asker, uuid, link } = await stage.request('Anonymous_Login')
    const page = await stage.wallet('Alice Archer')
    const field = page.getByLabel('Log in to a site')
    await field.fill('https://example.org/')
    await field.press('Enter')
    await page.getByText('This is not the link of a login request.').waitFor()
    await field.fill(link)
    await field.press('Enter')
    await heading(page, /^Example site wants/).waitFor()
    const seed = 'ab'.repeat(16)
    const other = new Wallet({ seed, trustedSips: [stage.sandbox.url], allowPrivate: true })
    await other.approve(await other.read(link))
    await button(page, 'Approve').click()
    await heading(page, 'This request already has a response').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'data-received')

    await page.goto(link.replace(uuid, '00000000-0000-4000-8000-000000000000'))
    await heading(page, 'This request has expired').waitFor()
  })

  it('is refused if the requesting page is another’s, with nothing sent there', async () => {
    const { link } = await stage.request('Anonymous_Login')
    const page = await stage.wallet('Alice Archer')
    const posts: string[] = []
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()))
    await page.goto(link.replace('#http://localhost', '#http://127.0.0.1'))
    await heading(page, 'This request cannot be trusted').waitFor()
    assert.deepEqual(posts, [])
  })

  it('sends the same response again while the site cannot decide', async () => {
    const { link } = await stage.request('Anonymous_Login')
    const page = await stage.wallet('Alice Archer', link)
    const sent: (string | null)[] = []
    await page.route('**/callback', (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      sent.push(route.request().postData())
      if (sent.length > 1) return route.continue()
      const headers = {
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Expose-Headers': 'Retry-After',
        'Retry-After': '0',
      }
      return route.fulfill({
        status: 503,
        headers,
        json: { statusCode: 503, code: 'LEDGER', message: 'later' },
      })
    })
    await approve(page)
    assert.equal(sent.length, 2)
    assert.equal(sent[0], sent[1])
  })
})
