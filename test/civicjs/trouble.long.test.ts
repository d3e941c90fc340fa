import assert from 'node:assert/strict'
import type { Route } from 'playwright-core'
import { logPage } from './log-page.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

const qrRequests = '**/sip/prod/1.0/scopeRequest/qrcode'
const polls = '**/sip/prod/scopeRequest/*'
const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148'

describe('the popup in trouble', () => {
  const stage = useStage({ 'site.html': logPage() })

  describe('a QR request that fails', () => {
    const cors = { 'Access-Control-Allow-Origin': '*' }
    const failures: [string, (route: Route) => Promise<void>, RegExp][] = [
      ['with an error status', (route) => route.fulfill({ status: 500, headers: cors }), /error \(500\)/],
      [
        'with a message',
        (route) => route.fulfill({ status: 403, headers: cors, json: { message: 'Not an allowed domain.' } }),
        /^Not an allowed domain\.$/,
      ],
      [
        'by a statusCode in an answer that is well',
        (route) => route.fulfill({ headers: cors, json: { statusCode: 401, message: 'Unknown app.' } }),
        /^Unknown app\.$/,
      ],
      [
        'by an error in an answer that is well',
        (route) => route.fulfill({ headers: cors, json: { error: { message: 'No such scope.' } } }),
        /^No such scope\.$/,
      ],
      ['in an unknown form', (route) => route.fulfill({ headers: cors, body: '<html>' }), /makes no sense/],
      ['before it arrives', (route) => route.abort(), /could not be reached/],
    ]
    for (const [how, fail, message] of failures) {
      it(`${how}, is told to the person and the site, and can be tried again`, async () => {
        const popup = await stage.visit('site.html')
        await popup.page.route(qrRequests, fail, { times: 1 })
        await popup.page.click('#login')
        await popup.step('failed')
        assert.match((await popup.frame.locator('#failure').textContent()) ?? '', message)
        const [[name, event]] = (await popup.events()) as [[string, { type: string; message: string }]]
        assert.equal(name, 'civic-sip-error')
        assert.equal(event.type, 'qr-code-error')
        assert.match(event.message, message)
        await popup.press('Try again')
        await popup.uuid()
      })
    }
  })

  for (const [what, appId, message] of [
    [
      'a site that is not an allowed domain',
      undefined,
      (origin: string) =>
        `${origin} is not an allowed domain of app ${stage.appId}: add it at ${stage.url}/#app/${stage.appId}`,
    ],
    [
      'a site with an unknown appId',
      'YOUR_APP',
      () => `There is no app YOUR_APP: copy the app's id from ${stage.url}/`,
    ],
  ] as const) {
    it(`tells the people on ${what} one sentence, and its developer the cure`, async () => {
      const other = await stage.another({ 'site.html': logPage() })
      const popup = await stage.visit('site.html')
      await popup.page.goto(`${other.origin}/site.html`)
      const logged: string[] = []
      popup.page.on('console', (line) => logged.push(line.text()))
      if (appId !== undefined) await popup.page.evaluate(`sip.settings.appId = '${appId}'`)
      await popup.page.click('#login')
      const alert = popup.page.getByRole('alert')
      await alert.getByRole('heading', { name: 'This site cannot use Civic yet' }).waitFor()
      await alert.getByText('The people who run the site must set it up.').waitFor()
      const frame = popup.page.locator('#civic-sr-frame')
      assert.equal(await frame.isVisible(), false, 'no page of the browser’s own')
      const cure = message(other.origin)
      assert.deepEqual(await popup.events(), [
        ['civic-sip-error', { type: 'frame-unavailable', message: cure, clientVersion: 'v3' }],
      ])
      assert.ok(logged.includes(`Civic: ${cure}`))
      const response = await fetch(`${stage.url}/dashboard/api/requests`)
      const [newest] = (await response.json()) as { problem: string }[]
      assert.equal(newest?.problem, cure)
      assert.deepEqual(popup.form, {})
    })
  }

  it('can be tried again when Civic could not be reached', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.route('**/scopeRequest/prod/index.html*', (route) => route.abort(), { times: 1 })
    await popup.page.click('#login')
    await popup.page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
    await popup.uuid()
    assert.equal(await popup.page.locator('#civic-sr-frame').isVisible(), true)
  })

  it('keeps polling through a lost connection, and reports it', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    const uuid = await popup.uuid()
    await popup.page.route(polls, (route) => route.abort())
    const notice = popup.frame.locator('#offline')
    await notice.waitFor({ state: 'visible' })
    await popup.page.unroute(polls)
    await notice.waitFor({ state: 'hidden' })
    await stage.approve(uuid)
    await popup.gone()
  })

  describe('a code that expires', () => {
    let popup: Popup
    let uuid: string

    beforeEach(async () => {
      popup = await stage.visit('site.html')
      await popup.page.clock.install()
      await popup.page.click('#login')
      uuid = await popup.uuid()
    })

    it('gives way to a new one', async () => {
      await popup.page.clock.fastForward('02:00')
      await popup.step('expired')
      await popup.press('Get a new code')
      assert.notEqual(await popup.uuid(), uuid)
      assert.match((await popup.frame.locator('#countdown').textContent()) ?? '', /^[12]:\d\d$/)
    })

    it('may still get a response if a wallet has read it in time', async () => {
      await stage.read(uuid)
      await popup.step('read')
      await popup.page.clock.fastForward('02:00')
      await stage.approve(uuid)
      await popup.gone()
    })

    it('may still get a response that came while the computer slept', async () => {
      await popup.page.route(polls, (route) => route.abort())
      await popup.frame.locator('#offline').waitFor({ state: 'visible' })
      await stage.approve(uuid)
      await popup.page.clock.fastForward('02:00')
      await popup.page.unroute(polls)
      await popup.gone()
    })
  })

  for (const [status, step] of [
    [404, 'expired'],
    [410, 'expired'],
    [403, 'failed'],
  ] as const) {
    it(`ends at ${step} when the server answers ${status}`, async () => {
      const popup = await stage.visit('site.html')
      await popup.page.route(polls, (route) => route.fulfill({ status, json: { statusCode: status } }))
      await popup.page.click('#login')
      await popup.step(step)
    })
  }

  for (const action of ['verify-error', 'mobile-upgrade']) {
    it(`tells of ${action}`, async () => {
      const popup = await stage.visit('site.html')
      const json = { statusCode: 200, action, type: 'code', message: 'What happened.' }
      await popup.page.route(polls, (route) => route.fulfill({ json }))
      await popup.page.click('#login')
      await popup.step('failed')
      assert.equal(await popup.frame.locator('#failure').textContent(), 'What happened.')
      assert.deepEqual(await popup.events(), [
        ['civic-sip-error', { type: action, message: 'What happened.', clientVersion: 'v3' }],
      ])
    })
  }
})

describe('the iframe page', () => {
  const stage = useStage({
    'site.html': logPage(),
    'identity.html': logPage('PROOF_OF_IDENTITY'),
    'no-intro.html': logPage('PROOF_OF_IDENTITY', '{ hideIntro: true }'),
    'private.html': logPage('ANONYMOUS_LOGIN'),
  })

  it('asks for the two labels of a basic sign-up by name', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    await popup.uuid()
    assert.deepEqual(popup.form, {
      appId: stage.appId,
      'attributes[0]': 'contact.personal.email',
      'attributes[1]': 'contact.personal.phoneNumber',
      challenge: popup.form.challenge,
      channel: 'scan',
    })
  })

  it('asks for the labels that a site lists', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.evaluate("sip.signup({ style: 'popup', scopeRequests: ['contact.personal.email'] })")
    await popup.uuid()
    assert.deepEqual(popup.form, {
      appId: stage.appId,
      'attributes[0]': 'contact.personal.email',
      challenge: popup.form.challenge,
      channel: 'scan',
    })
  })

  it('asks for a private login by its level', async () => {
    const popup = await stage.visit('private.html')
    await popup.page.click('#login')
    await popup.uuid()
    assert.deepEqual(popup.form, {
      appId: stage.appId,
      verificationLevel: 'Anonymous_Login',
      challenge: popup.form.challenge,
      channel: 'scan',
    })
  })

  it('explains proof of identity first', async () => {
    const popup = await stage.visit('identity.html')
    await popup.page.click('#login')
    await popup.step('intro')
    assert.deepEqual(popup.form, {})
    await popup.press('Continue')
    await popup.uuid()
  })

  it('does not with hideIntro', async () => {
    const popup = await stage.visit('no-intro.html')
    await popup.page.click('#login')
    await popup.uuid()
  })

  it('shows the link to the app first on a phone', async () => {
    const popup = await stage.visit('site.html', { userAgent: phone, viewport: { width: 375, height: 667 } })
    await popup.page.click('#login')
    const uuid = await popup.uuid()
    const link = popup.frame.getByRole('link', { name: 'Open the Civic app' })
    const callback = `${stage.url}/sip/prod/scopeRequest/${uuid}/callback`
    assert.equal(await link.getAttribute('href'), `/wallet#${callback}`)
    const [above, below] = [await link.boundingBox(), await popup.frame.locator('#qr').boundingBox()]
    assert.ok(above!.y < below!.y)
    await stage.approve(uuid)
    await popup.gone()
    assert.equal((await popup.outcome()).length, 1)
  })

  it('counts down', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.clock.install()
    await popup.page.click('#login')
    await popup.uuid()
    await popup.page.clock.fastForward('01:50')
    await popup.frame.locator('#countdown', { hasText: /^0:0\d$/ }).waitFor()
  })
})
