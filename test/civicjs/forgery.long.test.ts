import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Frame, Page } from 'playwright-core'
import { logPage } from './log-page.ts'
import { Popup } from './popup.ts'
import type { Site } from './site.ts'
import { useStage } from './stage.ts'

const forged = [
  { event: 'scoperequest:data-received', type: 'code', response: 'forged' },
  { event: 'scoperequest:data-dispatched', type: 'code', response: 'forged' },
  { event: 'scoperequest:user-cancelled' },
  { event: 'scoperequest:read' },
  { event: 'scoperequest:verify-error', message: 'forged' },
  { event: 'hostedscoperequest:close' },
  { event: 'qrcode:fetch', data: { appId: 'forged' } },
]
const forgedForFrame = [
  { event: 'qrCode:scopeOptions', sourceType: 'sip', options: { appId: 'forged', uuid: 'forged' } },
  { event: 'qrCode:error', sourceType: 'sip', data: { message: 'forged' } },
  {
    event: 'qrCode:response',
    sourceType: 'sip',
    qrCodeResponseData: {
      imageUri: 'data:image/png;base64,AAAA',
      isTest: true,
      uuid: '00000000-0000-4000-8000-000000000000',
      timeout: 100,
    },
  },
]

describe('a forged message changes nothing', () => {
  const stage = useStage({ 'site.html': logPage() })
  // Inside, so that its afterEach comes before the stage's
  describe('that comes', () => {
    let evil: Site
    let popup: Popup
    let page: Page
    let uuid: string

    before(async () => {
      evil = await stage.another({ 'evil.html': '<!doctype html><title>Evil</title>' })
    })

    beforeEach(async () => {
      popup = await stage.visit('site.html')
      page = popup.page
      await page.click('#login')
      uuid = await popup.uuid()
    })
    // Whatever was forged went out before the genuine token does: had it been heard, it would stand before it
    afterEach(async () => {
      assert.equal(await popup.uuid(), uuid)
      assert.deepEqual(await popup.events(), [])
      await stage.approve(uuid)
      await popup.gone()
      const genuine = {
        event: 'scoperequest:data-received',
        type: 'code',
        response: popup.token,
        clientVersion: 'v3',
      }
      assert.deepEqual(await popup.outcome(), [['auth-code-received', genuine]])
    })

    async function addFrame(src: string): Promise<Frame> {
      await page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe')
        frame.name = 'added'
        frame.onload = resolve
        frame.src = ${JSON.stringify(src)}
        document.body.appendChild(frame)
    })`)
      return page.frame({ name: 'added' })!
    }

    const post = (target: string, messages: object[]): string =>
      `${JSON.stringify(messages)}.forEach((message) => ${target}.postMessage(message, '*'))`

    it('from the page itself', () => page.evaluate(post('window', forged)))

    it('from a frame of another origin', async () => {
      const frame = await addFrame(`${evil.origin}/evil.html`)
      await frame.evaluate(post('parent', forged))
    })

    it('from another frame of Civic’s own origin', async () => {
      const frame = await addFrame(`${stage.url}/scopeRequest/prod/index.html?appId=${stage.appId}`)
      await frame.evaluate(post('parent', forged))
    })

    it('from a window that the page opened', async () => {
      const opened = page.waitForEvent('popup')
      await page.evaluate(`void window.open('${evil.origin}/evil.html')`)
      const other = await opened
      await other.waitForLoadState()
      await other.evaluate(post('opener', forged))
    })

    it('to the iframe page, from a frame of another origin', async () => {
      const frame = await addFrame(`${evil.origin}/evil.html`)
      const count = await frame.evaluate<number>('parent.length')
      for (let i = 0; i < count; i++) await frame.evaluate(post(`parent[${i}]`, forgedForFrame))
    })
  })
})

describe('the iframe page, taken over by another origin', () => {
  const stage = useStage({ 'site.html': logPage() })

  it('is ignored', async () => {
    const evil = await stage.another({
      'evil.html': `<!doctype html><script>
        ${JSON.stringify(forged)}.forEach((message) => parent.postMessage(message, '*'))
        parent.postMessage({ event: 'last' }, '*')
      </script>`,
    })
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    await popup.uuid()
    await popup.page.evaluate(`new Promise((resolve) => {
      addEventListener('message', ({ data }) => data.event === 'last' && resolve())
      document.getElementById('civic-sr-frame').src = '${evil.origin}/evil.html'
    })`)
    assert.deepEqual(await popup.events(), [])
  })
})

describe('the iframe page takes no orders', () => {
  const stage = useStage({
    'site.html': logPage(),
    'own-api.html': logPage('BASIC_SIGNUP', "{ api: location.origin + '/own-api/' }"),
  })
  const uuid = '00000000-0000-4000-8000-000000000000'
  const code = { imageUri: 'data:image/png;base64,AAAA', isTest: false, uuid, timeout: 100 }

  /** Opens the popup on a page whose QR requests get `answer`. */
  async function openWith(answer: object, page = 'site.html'): Promise<Popup> {
    const popup = await stage.visit(page)
    await popup.page.route('**/scopeRequest/qrcode', (route) => {
      const headers = { 'Access-Control-Allow-Origin': '*' }
      return route.fulfill({ json: answer, headers })
    })
    await popup.page.click('#login')
    return popup
  }

  it('shows only an image of its host, or a PNG or SVG in the URL', async () => {
    const refused = [
      'https://images.example/qr.png',
      '//images.example/qr.png',
      `${stage.url}.images.example/qr.png`,
      'data:text/html,<script>alert(1)</script>',
      'javascript:alert(1)',
      'blob:http://127.0.0.1/1',
    ]
    const shown = [`${stage.url}/qr/1.png`, 'data:image/svg+xml,<svg/>', 'data:image/png;base64,AA']
    const answer = { ...code, imageUri: '' }
    const popup = await openWith(answer)
    for (const imageUri of refused) {
      await popup.step('failed')
      assert.equal(await popup.frame.locator('#qr').getAttribute('src'), null)
      answer.imageUri = imageUri
      await popup.press('Try again')
    }
    await popup.step('failed')
    for (const imageUri of shown) {
      answer.imageUri = imageUri
      await popup.frame.locator('section:not([hidden]) [data-act=fetch]').click()
      await popup.frame.locator(`#qr[src="${imageUri}"]`).waitFor({ state: 'attached' })
      await popup.step('expired') // The server knows no such request
    }
  })

  it('gets the token only from its own server, whatever api the page names', async () => {
    const popup = await stage.visit('own-api.html')
    const asked: string[] = []
    popup.page.on('request', (request) => {
      if (request.headers()['x-civic-verifier'] !== undefined) asked.push(new URL(request.url()).origin)
    })
    await popup.page.route('**/own-api/**', (route) => route.fulfill({ json: code }))
    await popup.page.click('#login')
    await popup.step('expired')
    assert.deepEqual([...new Set(asked)], [stage.url])
  })

  it('shows text as text', async () => {
    const message = '<img src="x" onerror="document.title=1"> &amp;'
    const popup = await openWith({ statusCode: 400, message })
    await popup.step('failed')
    assert.equal(await popup.frame.locator('#failure').textContent(), message)
  })

  it('serves only the app in its address', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    await popup.uuid()
    await popup.page.evaluate(`document.getElementById('civic-sr-frame').contentWindow.postMessage(
      { event: 'qrCode:scopeOptions', options: { appId: 'another' } }, '${stage.url}')`)
    await popup.step('failed')
    assert.match((await popup.frame.locator('#failure').textContent()) ?? '', /different app/)
  })

  it('keeps the verifier secret: the page sees only its hash', async () => {
    const popup = await stage.visit('site.html')
    const polled = popup.page.waitForRequest((request) => request.headers()['x-civic-verifier'] !== undefined)
    await popup.page.click('#login')
    const verifier = (await polled).headers()['x-civic-verifier']!
    assert.match(verifier, /^[0-9a-f]{64}$/)
    await popup.uuid()
    assert.equal(popup.form.challenge, createHash('sha256').update(verifier).digest('hex'))
    assert.ok(!Object.values(popup.form).includes(verifier))
  })

  it('does nothing when it is opened by itself', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.goto(`${stage.url}/scopeRequest/prod/index.html?appId=${stage.appId}`)
    assert.match(
      (await popup.page.textContent('#failed')) ?? '',
      /Open this from a site.*does nothing by itself/s,
    )
    assert.equal(await popup.page.title(), 'Open this from a site · Civic')
    assert.equal(await popup.page.locator('button:visible, a:visible').count(), 0)
  })
})

describe('?uuid= in the address', () => {
  const stage = useStage({
    'site.html': logPage(),
    'other-app.html': logPage().replaceAll('YOUR_APP_ID', 'another'),
    'quiet.html': logPage().replace('sip.on(name', 'if (false) sip.on(name'),
  })

  it('is ignored if this browser did not start it, and removed', async () => {
    const stranger = await stage.visit('site.html')
    await stranger.page.click('#login')
    const uuid = await stranger.uuid()
    const popup = await stage.visit(`site.html?a=1&uuid=${uuid}&b=%20#c`)
    assert.equal(popup.page.url(), `${stage.site.origin}/site.html?a=1&b=%20#c`)
    await stage.approve(uuid)
    await stranger.gone()
    assert.equal(await popup.dialog.count(), 0)
    assert.deepEqual(await popup.events(), [])
  })

  it('continues if this browser did, even in another tab', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    const uuid = await popup.uuid()
    const back = new Popup(await popup.page.context().newPage())
    await back.page.goto(`${stage.site.origin}/site.html?uuid=${uuid}`)
    assert.equal(back.page.url(), `${stage.site.origin}/site.html`)
    await back.step('read')
    await stage.approve(uuid)
    await back.gone()
    const event = [
      'auth-code-received',
      {
        event: 'scoperequest:data-received',
        type: 'code',
        response: popup.token,
        clientVersion: 'v3',
      },
    ]
    assert.deepEqual(await back.outcome(), [event])
  })

  it('brings a token that waits for a late listener', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    const uuid = await popup.uuid()
    await popup.page.goto(`${stage.site.origin}/quiet.html?uuid=${uuid}`)
    await stage.approve(uuid)
    await popup.gone()
    const heard = popup.page.evaluate(`new Promise((resolve) => {
      sip.on('auth-code-received', ({ response }) => resolve(response))
    })`)
    assert.equal(await heard, popup.token)
  })

  it('is ignored once its login is over', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    const uuid = await popup.uuid()
    await stage.approve(uuid)
    await popup.gone()
    await popup.page.goto(`${stage.site.origin}/site.html?uuid=${uuid}`)
    assert.equal(await popup.dialog.count(), 0)
  })

  it('is ignored by another app', async () => {
    const popup = await stage.visit('site.html')
    await popup.page.click('#login')
    const uuid = await popup.uuid()
    await popup.page.goto(`${stage.site.origin}/other-app.html?uuid=${uuid}`)
    assert.equal(popup.page.url(), `${stage.site.origin}/other-app.html`)
    assert.equal(await popup.dialog.count(), 0)
  })
})
