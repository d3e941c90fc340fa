import assert from 'node:assert/strict'
import { useStage } from './stage.ts'

/** How sites of 2017 to 2022 used Civic (docs/protocol.md#site-integrations): one page each; only two URLs changed. */
const habits = [
  { page: 'one-instance.html', as: 'token' },
  { page: 'new-each-click.html', as: 'authToken' },
  { page: 'signup-then-on.html', as: 'jwtToken' },
  { page: 'on-each-click.html', as: 'code' },
  { page: 'bare-string.html', as: 'text' },
  { page: 'jquery-form.html', as: 'token' },
  { page: 'after-load.html', as: 'token' },
  { page: 'v0.1.html', as: 'token' },
  { page: 'add-event-listener.html', as: 'authToken' },
  { page: 'listen-once-read.html', as: 'token' },
  { page: 'angularjs.html', as: 'jwtToken' },
  { page: 'react.html', as: 'token' },
  { page: 'vue.html', as: 'token' },
]

describe('sites written for Civic work with two URLs changed', () => {
  const stage = useStage()

  beforeEach(() => {
    stage.site.logins.length = 0
  })

  for (const { page, as } of habits) {
    it(`${page}: the token arrives as ${as}`, async () => {
      const popup = await stage.visit(page)
      await popup.page.locator('#signupButton').getByText('with Civic').click()
      await stage.approve(await popup.uuid())
      await popup.page.waitForFunction("document.title === 'Logged in'")
      assert.deepEqual(stage.site.logins, [{ token: popup.token, as }])
    })
  }

  it('form-post.html: the browser posts the form and goes where it leads', async () => {
    const popup = await stage.visit('form-post.html')
    await popup.page.click('#signupButton')
    await stage.approve(await popup.uuid())
    await popup.page.waitForURL('**/login')
    assert.deepEqual(stage.site.logins, [{ token: popup.token, as: 'token' }])
  })

  it('document.html: the snippet of Civic’s documentation logs the token as event.data', async () => {
    const popup = await stage.visit('document.html')
    const logged = popup.page.waitForEvent('console')
    await popup.page.click('#signupButton')
    await stage.approve(await popup.uuid())
    assert.equal((await logged).text(), ` event :  ${popup.token}`)
  })

  it('new-each-click.html: each login arrives once', async () => {
    const popup = await stage.visit('new-each-click.html')
    for (const logins of [1, 2]) {
      await popup.page.click('#signupButton')
      await stage.approve(await popup.uuid())
      await popup.gone()
      assert.equal(stage.site.logins.length, logins)
    }
  })

  it('on-each-click.html: the second login calls both handlers, each with the same token', async () => {
    const popup = await stage.visit('on-each-click.html')
    await popup.page.click('#signupButton')
    await stage.approve(await popup.uuid())
    await popup.gone()
    await popup.page.click('#signupButton')
    await stage.approve(await popup.uuid())
    await popup.gone()
    assert.deepEqual(stage.site.logins.slice(1), [
      { token: popup.token, as: 'code' },
      { token: popup.token, as: 'code' },
    ])
  })

  it('late-listener.html: a token that nobody listened for is forgotten', async () => {
    const popup = await stage.visit('late-listener.html')
    await popup.page.click('#signupButton')
    await stage.approve(await popup.uuid())
    await popup.gone()
    await popup.page.evaluate('listen(); new Promise((resolve) => setTimeout(resolve, 0))')
    assert.deepEqual(stage.site.logins, [])
    await popup.page.click('#signupButton')
    await stage.approve(await popup.uuid())
    await popup.page.waitForFunction("document.title === 'Logged in'")
    assert.deepEqual(stage.site.logins, [{ token: popup.token, as: 'token' }])
  })
})
