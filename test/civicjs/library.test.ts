import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { useStage } from './stage.ts'

describe('the library, in a page,', () => {
  const bare = '<!doctype html><title>Bare</title><div id="place"></div>'
  const stage = useStage({ 'bare.html': bare })

  it('makes one global', async () => {
    const { page } = await stage.visit('bare.html')
    const before = new Set(await page.evaluate<string[]>('Object.getOwnPropertyNames(window)'))
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip-v0.1.js` })
    const after = await page.evaluate<string[]>('Object.getOwnPropertyNames(window)')
    assert.deepEqual(
      after.filter((name) => !before.has(name)),
      ['civic'],
    )
  })

  it('throws without an appId', async () => {
    const { page } = await stage.visit('bare.html')
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    for (const options of ['', '{}', '{ appId: "" }', 'null']) {
      await assert.rejects(page.evaluate(`new civic.sip(${options})`), /config-missing-app-id/)
    }
  })

  it('throws with invalid addresses', async () => {
    const { page } = await stage.visit('bare.html')
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    await assert.rejects(
      page.evaluate('new civic.sip({ appId: "a", url: "javascript:1" })'),
      /config-invalid-url/,
    )
    await assert.rejects(page.evaluate('new civic.sip({ appId: "a", api: "data:1" })'), /config-invalid-api/)
  })

  it('replaces an element with the id civic', async () => {
    const { page } = await stage.visit('bare.html')
    await page.evaluate("document.getElementById('place').id = 'civic'")
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    assert.deepEqual(await page.evaluate('Object.keys(civic)'), ['sip'])
  })

  it('may be loaded again over a site’s instance called civic', async () => {
    const { page } = await stage.visit('bare.html')
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    await page.evaluate("first = civic = new civic.sip({ appId: 'a' })")
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    assert.equal(
      await page.evaluate("civic === first && typeof new civic.sip({ appId: 'a' }).signup"),
      'function',
    )
  })

  describe('injects a button', () => {
    let page: Page

    beforeEach(async () => {
      ;({ page } = await stage.visit('bare.html'))
      await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    })

    it('that sites’ own style sheets know, one for each call', async () => {
      await page.evaluate(`civic.sip.injectButton('#place')
        civic.sip.injectButton(document.getElementById('place'), 'Sign up <b>with</b> Civic')`)
      assert.deepEqual(await page.locator('#place > a.civic-button-a > span').allTextContents(), [
        'Log in with Civic',
        'Sign up <b>with</b> Civic',
      ])
      assert.equal(await page.locator('[id=show-qrcode]').count(), 1)
      assert.equal(await page.locator('#show-qrcode').textContent(), 'Log in with Civic')
    })

    it('that works with a mouse and from the keyboard', async () => {
      await page.evaluate(`clicks = 0
        civic.sip.injectButton('#place').onclick = function () { clicks++ }`)
      await page.getByRole('button', { name: 'Log in with Civic' }).click()
      await page.keyboard.press('Tab')
      await page.evaluate('document.activeElement.blur()')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.keyboard.press('Space')
      await page.keyboard.press('a')
      assert.equal(await page.evaluate('clicks'), 3)
    })

    it('and reports a missing parent', async () => {
      await assert.rejects(
        page.evaluate("civic.sip.injectButton('#nowhere')"),
        /injectButton needs an element/,
      )
    })
  })

  it('uses its server’s iframe page, for the given stage', async () => {
    const { page } = await stage.visit('bare.html')
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    await page.evaluate('new civic.sip({ appId: "a&b", stage: "dev" }).signup({ scopeRequest: "Login" })')
    const src = await page.locator('#civic-sr-frame').getAttribute('src')
    assert.equal(src, `${stage.url}/scopeRequest/dev/index.html?appId=a%26b`)
  })

  it('prefers its options', async () => {
    const { page } = await stage.visit('bare.html')
    await page.addScriptTag({ url: `${stage.url}/js/civic.sip.min.js` })
    await page.evaluate(`new civic.sip({ appId: "b", url: "${stage.url}/x.html?y=1#z" })
      .signup({ scopeRequest: "Login" })`)
    const src = await page.locator('#civic-sr-frame').getAttribute('src')
    assert.equal(src, `${stage.url}/x.html?y=1&appId=b#z`)
  })

  describe('in a bundle, or copied to the site’s own server,', () => {
    let page: Page
    const frame = (): Promise<string | null> => page.locator('#civic-sr-frame').getAttribute('src')

    beforeEach(async () => {
      ;({ page } = await stage.visit('bare.html'))
      const body = await (await fetch(`${stage.url}/js/civic.sip.min.js`)).text()
      await page.route('**/static/js/*', (route) => route.fulfill({ contentType: 'text/javascript', body }))
      await page.addScriptTag({ url: '/static/js/main.js' })
    })

    it('asks for the server’s addresses', async () => {
      await assert.rejects(
        page.evaluate("new civic.sip({ appId: 'a' })"),
        /config-missing-api: CivicJS cannot tell which server .* the options api and url/,
      )
      await assert.rejects(
        page.evaluate("new civic.sip({ appId: 'a', api: 'https://sip.example/sip/' })"),
        /config-missing-url: /,
      )
    })

    it('takes them from its options', async () => {
      await page.evaluate(`new civic.sip({
        appId: 'a', api: '${stage.url}/sip/', url: '${stage.url}/scopeRequest/prod/index.html'
      }).signup()`)
      assert.equal(await frame(), `${stage.url}/scopeRequest/prod/index.html?appId=a`)
    })

    it('takes them from its style sheet, also one that is linked after it', async () => {
      await page.addStyleTag({ url: `${stage.url}/sip/css/civic-modal.min.css` })
      await page.evaluate("new civic.sip({ appId: 'a' }).signup()")
      assert.equal(await frame(), `${stage.url}/scopeRequest/prod/index.html?appId=a`)
    })
  })
})
