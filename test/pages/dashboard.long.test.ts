import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { Page as Asker } from '../support/page.ts'
import { exchange, postCode } from '../support/partner.ts'
import { useStage, verifyEmail } from '../support/pages-stage.ts'

interface Secrets {
  appId: string
  appSecret: string
  prvKey: string
  pubKey: string
  env: string
}

describe('dashboard page', () => {
  const stage = useStage()

  async function makeApp(page: Page, name: string, environment: 'Live' | 'Test' = 'Live'): Promise<Secrets> {
    await page.getByRole('link', { name: 'New app' }).click()
    await page.getByLabel('Name', { exact: true }).fill(name)
    await page.getByLabel(environment).check()
    await page.getByLabel('Allowed domains').fill('http://localhost:3000\nshop.example.org')
    await page.getByRole('button', { name: 'Create app' }).click()
    await page.getByText('Copy the secrets into your server').waitFor()
    return secretsOf(page)
  }

  const copied = (page: Page, name: string) =>
    page.locator('.copied', { has: page.locator(`dt:text-is("${name}")`) }).locator('code')

  async function secretsOf(page: Page): Promise<Secrets> {
    const read = (name: string) => copied(page, name).first().innerText()
    return {
      appId: await read('appId'),
      appSecret: await read('appSecret'),
      prvKey: await read('prvKey'),
      pubKey: await read('pubKey'),
      env: await read('env'),
    }
  }

  /** Waits until the focus is at this text: it moves after the page has changed. */
  const focused = (page: Page, text: string) => page.locator(`:focus:text-is("${text}")`).waitFor()

  /** Logs somebody in at the app, with these secrets. */
  async function login(secrets: Secrets): Promise<number> {
    const token = await stage.sandbox.authCode({ appId: secrets.appId })
    return (await postCode({ ...stage.sandbox.strategyOptions(), ...secrets }, token)).status
  }

  it('makes apps whose secrets work: the private key shows once, the other hides behind a click', async () => {
    const page = await stage.visit('/', { permissions: ['clipboard-read', 'clipboard-write'] })
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.postData() ?? ''))
    const secrets = await makeApp(page, 'Harbour Books', 'Test')
    assert.match(secrets.appSecret, /^[0-9a-f]{32}$/)
    assert.match(secrets.prvKey, /^[0-9a-f]{64}$/)
    const { api, sipPublicKey } = stage.sandbox.strategyOptions()
    const env = [
      `CIVIC_APP_ID=${secrets.appId}`,
      `CIVIC_APP_SECRET=${secrets.appSecret}`,
      `CIVIC_PRIVATE_KEY=${secrets.prvKey}`,
      `CIVIC_API=${api}`,
      'CIVIC_ENV=test',
      `CIVIC_SIP_PUBLIC_KEY=${sipPublicKey}`,
      `CIVIC_SCRIPT=${stage.sandbox.url}/js/civic.sip.min.js`,
    ]
    const figure = page.getByRole('figure', { name: '.env with secrets' })
    assert.deepEqual((await figure.locator('code').innerText()).split('\n'), env)
    await figure.getByRole('button', { name: 'Copy .env with secrets' }).click()
    await figure.getByText('Copied').waitFor()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), env.join('\n'))
    assert.equal(await page.title(), 'Harbour Books · Civic partners')
    assert.ok(sent.length > 0 && !sent.join().includes(secrets.prvKey), 'the private key stays here')
    assert.equal(await login(secrets), 200)
    await page.getByRole('heading', { name: 'Harbour Books test' }).waitFor()
    assert.equal(await copied(page, 'env').innerText(), 'test')

    await page.reload()
    await page.getByRole('button', { name: 'Show secrets of keys' }).waitFor()
    assert.ok(!(await page.content()).includes(secrets.appSecret))
    await page.getByRole('button', { name: 'Show secrets of keys' }).click()
    assert.equal(await copied(page, 'appSecret').innerText(), secrets.appSecret)
    assert.ok(!(await page.content()).includes(secrets.prvKey))
    await page.getByRole('button', { name: 'Hide secrets of keys' }).click()
    await copied(page, 'appSecret').waitFor({ state: 'detached' })
  })

  it('rotates and revokes the keys of one app, in an hour or now, and leaves another’s alone', async () => {
    const page = await stage.visit('/')
    const other = await makeApp(page, 'Second shop')
    await page.getByRole('link', { name: 'All apps' }).click()
    const before = await makeApp(page, 'First shop')
    const dialog = page.getByRole('dialog')
    const rotate = async () => {
      await page.getByRole('button', { name: 'Rotate keys' }).click()
      await dialog.getByRole('button', { name: 'Make new keys' }).click()
    }
    await rotate()
    await page.getByText('previous', { exact: true }).waitFor()
    await focused(page, 'Id and keys')
    const after = await secretsOf(page)
    assert.notEqual(after.appSecret, before.appSecret)
    assert.deepEqual([await login(before), await login(after)], [200, 200])

    await rotate()
    await dialog.getByText(/revoke them now, or rotate after they have ended/).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()

    const revoke = page.getByRole('button', { name: 'Revoke keys' }).last()
    await revoke.click()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await login(before), 200)
    await revoke.click()
    await dialog.getByRole('button', { name: 'Revoke keys' }).click()
    await page.getByText(/Revoked: these keys work until/).waitFor()
    await focused(page, 'Id and keys')
    assert.deepEqual([await login(before), await login(after)], [200, 200])
    await page.reload()
    await page.getByText(/Revoked: these keys work until/).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Revoke keys' }).count(), 1, 'one set must stay')

    await revoke.click()
    await dialog.getByRole('button', { name: 'Revoke keys' }).click()
    await page.getByText('previous', { exact: true }).waitFor({ state: 'detached' })
    await focused(page, 'Id and keys')
    assert.deepEqual([await login(before), await login(after), await login(other)], [401, 200, 200])
  })

  it('renames and deletes', async () => {
    const page = await stage.visit('/')
    const { appId } = await makeApp(page, 'Old name')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel('Name of the app').fill('New name')
    await page.getByLabel('Name of the app').press('Enter')
    await page.getByRole('heading', { name: 'New name live' }).waitFor()
    assert.equal(await page.title(), 'New name · Civic partners')
    await page.getByRole('button', { name: 'Delete this app' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'Apps', exact: true }).waitFor()
    await page.getByText('New name').waitFor({ state: 'detached' })
    assert.throws(() => stage.sandbox.strategyOptions(appId), /there is no app/)
  })

  it('makes an image a small logo, and says what is no image', async () => {
    const page = await stage.visit('/')
    const { appId } = await makeApp(page, 'Pictured')
    const field = page.getByLabel('Image')
    const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/png', buffer })
    await field.setInputFiles(file('text.png', Buffer.from('no image')))
    await page.getByText('An image that your browser can show.').waitFor()
    await field.setInputFiles(file('screen.png', await page.screenshot()))
    const logo = page.getByRole('img', { name: 'Logo' })
    await logo.waitFor()
    assert.deepEqual(
      await logo.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]),
      [128, 128],
    )
    const asker = new Asker(stage.sandbox)
    const callback = `${stage.sandbox.url}/sip/prod/scopeRequest/${await asker.uuid({ appId })}/callback`
    const wallet = await stage.wallet('Alice Archer', `${stage.sandbox.walletUrl}#${callback}`)
    const shown = wallet.locator('.compare img')
    await shown.waitFor()
    assert.equal(await shown.getAttribute('src'), await logo.getAttribute('src'))
    await page.getByRole('button', { name: 'Remove logo' }).click()
    await logo.waitFor({ state: 'detached' })
  })

  it('edits the white list, and says what is wrong with an entry', async () => {
    const page = await stage.visit('/')
    const { appId } = await makeApp(page, 'Listed')
    const field = page.getByLabel('Add a domain')
    await field.fill('https://books.example.org/path')
    await field.press('Enter')
    await page.getByText(/is more than an origin: leave out user, path, query and fragment/).waitFor()
    assert.equal(await field.inputValue(), 'https://books.example.org/path')
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    assert.ok(await field.evaluate((node) => node === document.activeElement))
    await field.fill('https://books.example.org')
    await field.press('Enter')
    await page.getByRole('button', { name: 'Remove https://books.example.org' }).waitFor()
    const ask = async (origin: string) => (await new Asker(stage.sandbox, origin).ask({ appId })).status
    assert.deepEqual([await ask('https://books.example.org'), await ask('http://localhost:3000')], [200, 200])
    await page.getByRole('button', { name: 'Remove http://localhost:3000' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Remove http://localhost:3000' }).waitFor({ state: 'detached' })
    assert.deepEqual([await ask('https://books.example.org'), await ask('http://localhost:3000')], [200, 403])
  })

  it('approves scope requests and withdraws them', async () => {
    const page = await stage.visit('/')
    const { appId } = await makeApp(page, 'Bank')
    const box = page.getByRole('checkbox', { name: /^PROOF_OF_IDENTITY/ })
    const ask = async () =>
      (await new Asker(stage.sandbox).ask({ appId, verificationLevel: 'proofOfIdentity' })).status
    const saved = () => page.waitForResponse((response) => response.request().method() === 'PATCH')
    assert.equal(await ask(), 401)
    await Promise.all([saved(), box.check()])
    assert.equal(await ask(), 200)
    await Promise.all([saved(), box.uncheck()])
    assert.equal(await ask(), 401)
  })

  it('shows requests live, with their state and why an exchange failed', async () => {
    const page = await stage.visit('/#requests')
    await page.getByText('live', { exact: true }).waitFor()
    const { asker, uuid } = await stage.request('civicBasic')
    const newest = page.locator('.log li').first()
    await newest.getByText('created').waitFor()
    assert.match(await newest.innerText(), /civicBasic at Example site/)
    const wallet = stage.sandbox.wallet('alice')
    await wallet.read(uuid)
    await newest.getByText('read', { exact: true }).waitFor()
    await wallet.approve(uuid)
    await newest.getByText('granted').waitFor()

    const { authResponse } = await asker.poll(uuid)
    const partner = stage.sandbox.strategyOptions()
    assert.equal((await postCode({ ...partner, appSecret: '00'.repeat(16) }, authResponse!)).status, 401)
    await newest.getByText('the HMAC extension does not match: is appSecret the right one?').waitFor()
    assert.equal(await newest.locator('.badge').innerText(), 'exchange failed')
    assert.equal(await newest.locator('.badge.good').count(), 0, 'no green above red')
    await exchange(partner, authResponse!)
    await newest.getByText('exchanged').waitFor()
    assert.equal(await newest.locator('.badge.good').count(), 1)

    await new Asker(stage.sandbox, 'https://evil.example').ask()
    await newest.getByText(/https:\/\/evil\.example, is not an allowed domain/).waitFor()
    await newest.getByText('failed', { exact: true }).waitFor()

    await page.locator(`a[href="#request/${uuid}"]`).click()
    await page.getByRole('heading', { name: 'civicBasic at Example site' }).waitFor()
    await focused(page, 'civicBasic at Example site')
    assert.deepEqual(await page.locator('.timeline li > span').allInnerTexts(), [
      'A page asked for it',
      'A wallet read it',
      'The person approved, and the site got its code',
      'A call failed',
      'The site exchanged the code',
    ])
    const facts = await page.innerText('main')
    for (const fact of [
      /Person\s+Alice Archer/,
      /User ID at this app\s+[0-9a-f]{64}/,
      /contact\.personal\.email/,
    ])
      assert.match(facts, fact)
  })

  it('finds requests by state, app, time and text, and copies one as text without personal data', async () => {
    const page = await stage.visit('/', { permissions: ['clipboard-read', 'clipboard-write'] })
    const secrets = await makeApp(page, 'Findable')
    const { appId } = secrets
    const { uuid: quiet } = await stage.request('civicBasic')
    const { uuid, asker } = await stage.request('civicBasic', { appId })
    await stage.sandbox.wallet('alice').approve(uuid)
    const { authResponse } = await asker.poll(uuid)
    await exchange({ ...stage.sandbox.strategyOptions(), ...secrets }, authResponse!)

    await page.getByRole('link', { name: 'Requests', exact: true }).click()
    const ids = () =>
      page.locator('.log a').evaluateAll((links) => links.map((link) => link.getAttribute('href')!.slice(9)))
    const list = async (filter: Record<string, string>): Promise<string[]> => {
      for (const [label, value] of Object.entries(filter)) {
        const field = page.getByLabel(label, { exact: true })
        if (label === 'Search') await field.fill(value)
        else await field.selectOption(value)
      }
      await page.getByText(/^\d+ of \d+ requests$/).waitFor()
      return ids()
    }
    assert.deepEqual(await list({ App: 'Findable' }), [uuid])
    assert.deepEqual(await list({ App: 'All apps', Search: quiet.slice(0, 13).toUpperCase() }), [quiet])
    const [exchanged] = await list({ Search: '', State: 'exchanged', Time: 'Last 10 minutes' })
    assert.equal(exchanged, uuid)
    assert.ok(!(await ids()).includes(quiet))
    await list({ Search: 'nothing like it' })
    await page.getByText('No request fits.').waitFor()
    await list({ Search: uuid })

    await page.locator('.log a').click()
    await page.getByText(/, \d+ s after the approval$/).waitFor()
    await page.getByRole('button', { name: 'Copy request as text' }).click()
    await page.getByText('Copied').waitFor()
    const text = await page.evaluate(() => navigator.clipboard.readText())
    assert.match(text, new RegExp(`^Request: ${uuid}\nApp: Findable \\(${appId}\\)\nPage: http`))
    assert.match(text, /\nState: exchanged\n\d{4}-[\dT:.-]+Z created\n/)
    assert.doesNotMatch(text, /alice|Alice|[0-9a-f]{64}/)
    await page.goBack()
    assert.equal(await page.getByLabel('Search').inputValue(), uuid)
    await page.getByRole('button', { name: 'Clear' }).click()
    assert.ok((await ids()).includes(quiet))
  })

  it('keeps a request that comes while the list is loading', async () => {
    const page = await stage.visit('/sandbox')
    await stage.request('civicBasic')
    const held = new Promise<() => Promise<void>>((resolve) => {
      void page.route('**/dashboard/api/requests', async (route) => {
        const response = await route.fetch()
        resolve(() => route.fulfill({ response }))
      })
    })
    await page.goto(`${stage.sandbox.url}/#requests`)
    const release = await held
    await stage.request('proofOfAge')
    const entry = (scope: string) => page.locator('.log li', { hasText: scope }).first()
    await entry('proofOfAge').waitFor()
    await release()
    await entry('civicBasic').waitFor()
    assert.match(await page.locator('.log li').first().innerText(), /proofOfAge/)
  })

  it('names the owner of an attestation, shows its transaction, and revokes it', async () => {
    const wallet = await stage.wallet('Carol Cooper', (await stage.request('civicBasic')).link)
    await wallet.getByRole('button', { name: 'Approve' }).click()
    await verifyEmail(wallet, stage.sandbox)

    const page = await stage.visit('/#attestations')
    const [{ txid }] = (await (await fetch(`${stage.sandbox.url}/dashboard/api/attestations`)).json()) as [
      { txid: string },
    ]
    await page.getByText('an unspent output on this server’s own blockchain').waitFor()
    const entry = page.locator('li', { hasText: txid })
    await entry.getByText('valid').waitFor()
    await entry.getByRole('heading', { name: 'Email and phone number of Carol Cooper' }).waitFor()
    await entry.getByRole('link', { name: txid }).click()
    await page.getByRole('heading', { name: 'Transaction' }).waitFor()
    await page.getByText('in a block').waitFor()
    await page.goBack()
    await entry.getByRole('button', { name: 'Revoke Email and phone number of Carol Cooper' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke attestation' }).click()
    await entry.getByText('revoked').waitFor()
    assert.equal(await entry.getByRole('button', { name: 'Revoke' }).count(), 0)
  })

  it('revokes all attestations of an email', async () => {
    await stage.sandbox.authCode({ user: { name: 'Ivo Iris' } })
    const page = await stage.visit('/#attestations')
    await page.getByLabel('Revoke by email, phone number or document number').fill('ivo.iris@example.org')
    await page.getByRole('button', { name: 'Revoke all' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke all' }).click()
    await page.getByText('1 attestation revoked.').waitFor()
    await page.getByText('revoked', { exact: true }).first().waitFor()
  })

  it('works by keyboard: Escape leaves a dialog, focus goes back to where it was', async () => {
    const page = await stage.visit('/')
    await makeApp(page, 'Keys')
    const button = page.getByRole('button', { name: 'Delete this app' })
    await button.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.ok(await button.evaluate((node) => node === document.activeElement))
  })

  it('has a page for unknown addresses', async () => {
    const page = await stage.visit('/#app/nothing')
    for (const [hash, heading] of [
      ['app/nothing', 'There is no app “nothing”'],
      ['nowhere', 'There is no such page'],
      ['request/nothing', 'There is no such request'],
      ['attestation/nothing', 'There is no such attestation'],
      ['transaction/nothing', 'There is no such transaction'],
    ] as const) {
      await page.evaluate((to) => (location.hash = to), hash)
      await page.getByRole('heading', { name: heading }).waitFor()
      assert.equal(await page.title(), 'Not found · Civic partners')
    }
    const response = await page.goto(`${stage.sandbox.url}/nothing/here`)
    assert.equal(response?.status(), 404)
    await page.getByRole('heading', { name: 'Not found' }).waitFor()
    assert.match(await page.innerText('main'), /There is nothing at \/nothing\/here\./)
  })

  it('says that the server has stopped, and since when, and continues when it is back', async () => {
    const page = await stage.visit('/#requests')
    await page.getByText('live', { exact: true }).waitFor()
    await page.context().setOffline(true)
    await page.evaluate((to) => (location.hash = to), 'attestations')
    await page.getByText(/^The server has stopped\. Showing what was there at \d{1,2}:\d\d/).waitFor()
    assert.equal(await page.locator('.failure:not(:empty)').count(), 0)
    await page.context().setOffline(false)
    await page.locator('.stopped:empty').waitFor({ state: 'attached' })
  })

  it('aligns its cards at the top, and at the left with the header', async () => {
    const page = await stage.visit(`/#app/${stage.sandbox.strategyOptions().appId}`)
    await page.getByRole('heading', { name: 'Id and keys' }).waitFor()
    const boxes = async (selector: string) =>
      Promise.all((await page.locator(selector).all()).map(async (found) => (await found.boundingBox())!))
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 800 })
      const lefts = await boxes('.brand, nav a:first-child, h1, .columns .stack:first-child > .card')
      assert.equal(new Set(lefts.map(({ x }) => x)).size, 1, JSON.stringify(lefts))
    }
    await page.setViewportSize({ width: 1280, height: 800 })
    const tops = await boxes('.columns > .stack > .card:first-child')
    assert.equal(tops.length, 2)
    assert.equal(tops[0]!.y, tops[1]!.y)
  })
})
