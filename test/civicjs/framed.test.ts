import assert from 'node:assert/strict'
import type { Frame } from 'playwright-core'
import { whyNotLoaded } from '../../civicjs/lib/not-loaded.ts'
import type { ShownPage } from '../../civicjs/lib/not-loaded.ts'
import { logPage } from './log-page.ts'
import { useStage } from './stage.ts'

describe('why the iframe page did not load', () => {
  const frame = 'https://sip.example/scopeRequest/prod/index.html'
  const parent = {}
  const location = { protocol: 'https:', host: 'site.example:8443' }
  const top: ShownPage = { parent, location, document: { referrer: '' } }
  top.parent = top

  it('names the page’s site, for the allowed domains', () => {
    const text = whyNotLoaded(frame, top)
    assert.match(text, /^The iframe page https:\/\/sip\.example\/\S+ did not load\. /)
    assert.match(text, /is https:\/\/site\.example:8443 an allowed domain of the app\?$/)
  })

  it('names every site around a page that is itself framed', () => {
    const ancestorOrigins = ['https://site.example:8443', 'https://shop.example', 'https://portal.example']
    const text = whyNotLoaded(frame, { ...top, parent, location: { ...location, ancestorOrigins } })
    assert.match(
      text,
      /are https:\/\/site\.example:8443 and https:\/\/shop\.example and https:\/\/portal\.example allowed domains/,
    )
    assert.match(text, /itself in a frame of https:\/\/shop\.example, in https:\/\/portal\.example/)
  })

  it('names the nearest by the referrer if the browser has no list', () => {
    const document = { referrer: 'https://shop.example/a?b' }
    const text = whyNotLoaded(frame, { parent, location, document })
    assert.match(text, /itself in a frame of https:\/\/shop\.example: /)
  })

  it('says so if neither names it', () => {
    for (const referrer of ['', 'https://site.example:8443/login']) {
      const text = whyNotLoaded(frame, { parent, location, document: { referrer } })
      assert.match(text, /in a frame of a page that this browser does not name/)
    }
  })

  it('says nothing about frames if only the site itself frames the page', () => {
    const ancestorOrigins = ['https://site.example:8443']
    const text = whyNotLoaded(frame, { ...top, parent, location: { ...location, ancestorOrigins } })
    assert.equal(text, whyNotLoaded(frame, top))
  })

  it('suggests a copied CivicJS if the page was requested from the site itself', () => {
    const text = whyNotLoaded('https://site.example:8443/scopeRequest/prod/index.html', top)
    assert.match(text, /If CivicJS is a copy on your own server, .* the options api and url\.$/)
    assert.doesNotMatch(whyNotLoaded(frame, top), /copy/)
  })
})

describe('a login in a page that another site frames', () => {
  const stage = useStage({ 'site.html': logPage() })

  /** Opens the login page at `src` inside a page of another site, and presses its button. */
  async function openFramed(outer: string, src: string): Promise<Frame> {
    const { page } = await stage.visit('site.html')
    await page.goto(`${outer}/outer.html`)
    await page.evaluate((url) => {
      const frame = document.createElement('iframe')
      frame.name = 'inner'
      frame.width = frame.height = '700'
      frame.src = url
      document.body.appendChild(frame)
    }, src)
    await page.frameLocator('iframe').locator('#login').click()
    return page.frame('inner')!
  }

  it('names the site around it as the one to allow', async () => {
    const outer = await stage.another({ 'outer.html': '<!doctype html><title>Shop</title>' })
    const inner = await openFramed(outer.origin, `${stage.site.origin}/site.html`)
    await inner.getByRole('alert').waitFor()
    const [[name, event]] = await inner.evaluate<[[string, { type: string; message: string }]]>('events')
    assert.deepEqual([name, event.type], ['civic-sip-error', 'frame-unavailable'])
    const start = `${outer.origin} is not an allowed domain of app ${stage.appId}, and its page is around ${stage.site.origin}:`
    assert.ok(event.message.startsWith(start), event.message)
  })

  it('works once that site is allowed', async () => {
    const outer = await stage.another({ 'outer.html': '<!doctype html><title>Shop</title>' })
    const html: Record<string, string> = {}
    const site = await stage.another(html)
    const { appId } = stage.sandbox.createApp({ name: 'Framed', whitelist: [site.origin, outer.origin] })
    html['framed.html'] = logPage().replaceAll('YOUR_APP_ID', appId)
    const inner = await openFramed(outer.origin, `${site.origin}/framed.html`)
    await inner.frameLocator('#civic-sr-frame').locator('#code').waitFor()
  })
})
