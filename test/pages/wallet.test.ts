import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { exchange } from '../support/partner.ts'
import { phone, useStage, verifyEmail } from './stage.ts'

function approve(page: Page) {
  return page.getByRole('button', { name: 'Approve' })
}

function heading(page: Page, name: string | RegExp) {
  return page.getByRole('heading', { level: 1, name })
}

describe('wallet page: a request', () => {
  const stage = useStage()

  it('shows who asks, from where and when, and asks to compare the domain', async () => {
    const { uuid } = await stage.request('Anonymous_Login')
    const page = await stage.wallet('Alice Archer', `#${uuid}`)
    await heading(page, 'Example site').waitFor()
    const compare = page.getByRole('region', { name: 'Compare with the address bar' })
    const text = await compare.innerText()
    assert.match(text, /http:\/\/localhost:3000\n/)
    assert.match(text, /If the address bar shows anything else, decline/)
    assert.match(text, /Asked\s+\d+:\d\d:\d\d.*, \d+ s ago/)
    assert.match(text, /From\s+Unknown browser on an unknown system, 127\.0\.0\.1/)
    assert.match(text, /Expires\s+in (?:2 min 0 s|1 min \d+ s)/)
  })

  it('takes what was verified, and shares exactly what it shows', async () => {
    const { asker, uuid } = await stage.request('proofOfResidence')
    const page = await stage.wallet('Bob Baker', `#${uuid}`)
    await page.getByText('To approve, verify the details above first.').waitFor()
    assert.ok(await approve(page).isDisabled())
    await page.getByRole('button', { name: 'Take the picture and verify' }).click()
    await page.getByRole('button', { name: 'Verify address' }).click()
    await verifyEmail(page, stage.sandbox)
    await page.getByText('not verified').waitFor({ state: 'detached' })
    const shown = await page.locator('.values > div').evaluateAll((rows) =>
      rows.map((row) => {
        const value = row.querySelector('dd')!
        const picture = value.querySelector('img')?.src.split(',')[1]
        return [row.querySelector('dt')!.textContent, picture ?? value.textContent] as [string, string]
      }),
    )
    await approve(page).click()
    await heading(page, 'Approved').waitFor()

    const { authResponse } = await asker.poll(uuid)
    const { data } = await exchange(stage.sandbox.strategyOptions(), authResponse!)
    const values = new Map(data.map(({ label, value }) => [label, value]))
    assert.equal(data.length, 16)
    assert.deepEqual(
      data.filter(({ isValid, isOwner }) => !isValid || !isOwner),
      [],
    )
    const said = (name: string) => shown.filter(([label]) => label === name).map(([, value]) => value)
    assert.deepEqual(said('Email'), [values.get('contact.personal.email')])
    assert.deepEqual(said('Name'), [values.get('documents.genericId.name')])
    assert.deepEqual(said('Picture'), [values.get('documents.genericId.image')])
    assert.deepEqual(said('Checksum'), [values.get('documents.genericId.image_md5')])
    assert.deepEqual(said('Street'), [values.get('documents.address.street')])
    assert.equal(shown.length, data.length)
  })

  it('denied tells the site, and shares nothing', async () => {
    const { asker, uuid } = await stage.request('civicBasic')
    const page = await stage.wallet('Alice Archer', `#${uuid}`)
    await page.getByRole('button', { name: 'Decline' }).click()
    await heading(page, 'You declined this request.').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'user-cancelled')
  })

  it('of a private login says that it shares no details, and needs nothing verified', async () => {
    const { asker, uuid } = await stage.request('Anonymous_Login')
    const page = await stage.wallet('Alice Archer', `#${uuid}`)
    await page.getByRole('heading', { name: 'None of your details are shared' }).waitFor()
    await approve(page).click()
    await heading(page, 'Approved').waitFor()
    const { authResponse } = await asker.poll(uuid)
    assert.deepEqual((await exchange(stage.sandbox.strategyOptions(), authResponse!)).data, [])
  })

  it('of a private login tells that a verified person stands behind it, once that is so', async () => {
    const identity = await stage.request('proofOfAge')
    const page = await stage.wallet('Alice Archer', `#${identity.uuid}`)
    await page.getByRole('button', { name: 'Take the picture and verify' }).click()
    await page.getByText('not verified').waitFor({ state: 'detached' })
    const { asker, uuid } = await stage.request('Anonymous_Login')
    await page.goto(`${stage.sandbox.url}/wallet#${uuid}`)
    await page.getByText('It also learns that your identity was verified.').waitFor()
    await approve(page).click()
    await heading(page, 'Approved').waitFor()
    const { authResponse } = await asker.poll(uuid)
    const { data } = await exchange(stage.sandbox.strategyOptions(), authResponse!)
    assert.deepEqual(
      data.map(({ value, isValid, isOwner }) => [value, isValid, isOwner]),
      [['CIVIC:IAL1', true, true]],
    )
  })

  it('opens by its pasted link as well', async () => {
    const { uuid } = await stage.request('Anonymous_Login')
    const page = await stage.wallet('Alice Archer')
    const field = page.getByLabel('Log in to a site')
    await field.fill('https://example.org/')
    await field.press('Enter')
    assert.equal(
      await page.locator('.failure:not(:empty)').innerText(),
      'this is not the QR code of a scope request',
    )
    await field.fill(`${stage.sandbox.url}/wallet#${uuid}`)
    await field.press('Enter')
    await heading(page, 'Example site').waitFor()
  })

  it('is for one wallet: the second is told to ask for a new code', async () => {
    const { uuid } = await stage.request('Anonymous_Login')
    await heading(await stage.wallet('Alice Archer', `#${uuid}`), 'Example site').waitFor()
    const second = await stage.wallet('Bob Baker', `#${uuid}`)
    await heading(second, 'That did not work').waitFor()
    assert.match(await second.innerText('main'), /Another wallet has this QR code already/)
  })

  it('is over after two minutes', async () => {
    const { uuid } = await stage.request('Anonymous_Login')
    const page = await stage.visit('/wallet', phone)
    await page.clock.install()
    await page.goto(`${stage.sandbox.url}/wallet#${uuid}`)
    await page.getByRole('button', { name: 'Alice Archer' }).click()
    await approve(page).waitFor()
    await page.clock.fastForward(121_000)
    await heading(page, 'This code has expired').waitFor()
  })

  it('asks who answers where the wallet has several people', async () => {
    const page = await stage.wallet('Alice Archer')
    await page.goto(`${stage.sandbox.url}/wallet#people`)
    await page.getByRole('button', { name: 'Bob Baker' }).click()
    await page.getByRole('heading', { name: 'Verified details' }).waitFor()
    const { uuid } = await stage.request('civicBasic')
    await page.goto(`${stage.sandbox.url}/wallet#${uuid}`)
    await heading(page, 'Who responds to this request?').waitFor()
    await page.getByRole('button', { name: /^Alice Archer/ }).click()
    await page.getByRole('heading', { name: 'It would get from Alice Archer' }).waitFor()
  })

  it('whose attestations do not hold is refused, with the reason on both sides', async () => {
    const { asker, uuid } = await stage.request('civicBasic')
    const page = await stage.wallet('Carol Cooper', `#${uuid}`)
    await verifyEmail(page, stage.sandbox)
    // The wallet would let go of what the ledger does not know
    await page.route(/\/ledger\/tx\//, (route) => route.fulfill({ json: { spent: false } }))
    await page.evaluate(() => {
      const kept = localStorage.getItem('civic-wallet')!
      const changed = kept.replaceAll('"tx":"02', '"tx":"01').replaceAll('Carol Cooper', 'Caroline Cooper')
      localStorage.setItem('civic-wallet', changed)
      dispatchEvent(new StorageEvent('storage'))
    })
    await page.getByRole('link', { name: 'Wallet of Caroline Cooper' }).waitFor()
    await approve(page).click()
    await heading(page, 'Could not be verified').waitFor()
    assert.match(await page.innerText('main'), /Nothing was shared\. .*ANCHOR_SIGNATURE/)
    const { action, message } = await asker.poll(uuid)
    assert.equal(action, 'verify-error')
    assert.match(message!, /ANCHOR_SIGNATURE/)
  })

  it('waits while the server does, and says why', async () => {
    const { uuid } = await stage.request('Anonymous_Login')
    const page = await stage.wallet('Alice Archer', `#${uuid}`)
    const waiting = 'The blockchain cannot be reached: the grant waits until it can.'
    let isReachable = false
    let answer = ''
    await page.route('**/answer', (route) => {
      answer = route.request().postData()!
      return route.fulfill({ status: 202, json: { state: 'read', waiting } })
    })
    await page.route('**/outcome', async (route) => {
      if (!isReachable) return route.fulfill({ json: { state: 'read', waiting } })
      const url = route.request().url().replace('outcome', 'answer')
      return route.fulfill({ response: await route.fetch({ url, postData: answer }) })
    })
    await approve(page).click()
    await heading(page, 'Waiting for the blockchain').waitFor()
    await page.getByText(waiting).waitFor()
    isReachable = true
    await heading(page, 'Approved').waitFor()
  })
})

describe('wallet page: people and what is attested to them', () => {
  const stage = useStage({ blockDelayMs: Infinity })
  const identity = (page: Page) => page.getByRole('region', { name: 'Identity document' })

  it('attestations are pending until a block holds them, and name their transaction', async () => {
    const page = await stage.wallet('Alice Archer')
    const card = identity(page)
    await card.getByText('not verified').waitFor()
    await card.getByRole('button', { name: 'Verify' }).click()
    await card.getByRole('button', { name: 'Take the picture and verify' }).click()
    await card.getByText('pending', { exact: true }).waitFor()
    const issued = (await (await fetch(`${stage.sandbox.url}/dashboard/api/attestations`)).json()) as {
      txid: string
      vout: number
    }[]
    const { txid, vout } = issued[0]!
    assert.match(await card.innerText(), new RegExp(`transaction ${txid}, output ${vout}`))
    stage.sandbox.mine()
    await card.getByText('verified', { exact: true }).waitFor()

    await stage.sandbox.revoke({ txid, vout })
    await page.reload()
    await card.getByText('revoked', { exact: true }).waitFor()
    await card.getByRole('button', { name: 'Verify again' }).waitFor()
  })

  it('what a sandbox that began anew does not know any more is let go of', async () => {
    const page = await stage.wallet('Bob Baker')
    await identity(page).getByRole('button', { name: 'Verify' }).click()
    await identity(page).getByRole('button', { name: 'Take the picture and verify' }).click()
    await identity(page).getByText('pending', { exact: true }).waitFor()
    const unknown = { status: 404, json: { message: 'unknown' } }
    await page.route(/\/attester\/attestations\/|\/ledger\/tx\/\w+$/, (route) => route.fulfill(unknown))
    await page.route(/\/ledger\/tx\/\w+\/status$/, (route) => route.fulfill({ json: { confirmed: false } }))
    await identity(page).getByText('not verified').waitFor()
  })

  it('a wrong code from the mailbox is refused', async () => {
    const page = await stage.wallet('Alice Archer')
    const contact = page.getByRole('region', { name: 'Email and phone number' })
    await contact.getByRole('button', { name: 'Verify' }).click()
    await contact.getByRole('button', { name: 'Send the code' }).click()
    await contact.getByLabel('Code from the email').fill('wrong!')
    await contact.getByRole('button', { name: 'Verify email' }).click()
    await contact.getByText(/The code is not the one that was sent/).waitFor()
  })

  it('makes a new person, whose key stays in the browser, through a reload', async () => {
    const page = await stage.visit('/wallet', phone)
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.url() + (request.postData() ?? '')))
    await page.getByRole('link', { name: 'Add a test user' }).click()
    await page.getByLabel('Name').fill('Dora & <b>Dale</b>')
    await page.getByLabel('Date of birth').fill('2001-02-03')
    await page.getByRole('button', { name: 'Add test user' }).click()
    await page.getByRole('img', { name: 'Identity card of Dora & <b>Dale</b>' }).waitFor()
    await page.reload()
    await identity(page).getByText('2001-02-03').waitFor()
    await identity(page).getByRole('button', { name: 'Verify' }).click()
    await identity(page).getByRole('button', { name: 'Take the picture and verify' }).click()
    await identity(page).getByText('pending', { exact: true }).waitFor()
    const kept = await page.evaluate(() => localStorage.getItem('civic-wallet')!)
    const { xprv, xpub } = (JSON.parse(kept) as { holders: { key: { xprv: string; xpub: string } }[] })
      .holders[0]!.key
    assert.match(xprv, /^xprv/)
    assert.ok(sent.some((text) => text.includes(xpub)))
    assert.ok(!sent.some((text) => text.includes(xprv)))
  })

  it('forgets a person', async () => {
    const page = await stage.wallet('Alice Archer')
    await page.goto(`${stage.sandbox.url}/wallet#people`)
    await page.getByRole('button', { name: 'Remove Alice Archer from this wallet' }).click()
    await heading(page, 'Whose wallet is this?').waitFor()
    assert.equal(await page.evaluate(() => localStorage.getItem('civic-wallet')), '{"holders":[]}')
  })
})
