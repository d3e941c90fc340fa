import assert from 'node:assert/strict'
import { CivicClient } from 'passport-civic-sip'
import { originalPage, pageOf2017 } from '../support/original-pages.ts'
import type { Popup } from './popup.ts'
import { useStage } from './stage.ts'

type Heard = { event: string; response?: string; clientVersion?: string }[]

const query2017 = 'appId=YOUR_APP_ID&verificationLevel=civicBasic&isMobile=false&uuid=&api='
const addressesOf2017 = {
  'with the request in its address': `/scopeRequest/prod/index.html?${query2017}`,
  'at the API': '/sip/prod/scopeRequest?appId=YOUR_APP_ID',
}

describe('the iframe page in a page with the original CivicJS', () => {
  const stage = useStage({
    '2018.html': originalPage({ requests: 'prod/1.0/' }),
    '2019.html': originalPage({ requests: 'prod/' }),
    '2021.html': originalPage({ requests: '' }),
    'phone.html': originalPage({ requests: 'prod/', isMobile: true }),
    'test.html': originalPage({ requests: 'test/1.0/' }),
    '2017.html': pageOf2017(addressesOf2017['with the request in its address']),
    '2017-api.html': pageOf2017(addressesOf2017['at the API']),
    '2017-phone.html': pageOf2017(`/scopeRequest/prod/index.html?appId=YOUR_APP_ID&isMobile=true`),
    '2017-hidden.html': `<meta name="referrer" content="no-referrer">${pageOf2017(addressesOf2017['at the API'])}`,
  })
  const heard = (popup: Popup): Promise<Heard> => popup.page.evaluate<Heard>('heard')
  const names = async (popup: Popup): Promise<string[]> => (await heard(popup)).map(({ event }) => event)
  const closed = (popup: Popup): Promise<void> =>
    popup.page.locator('#civic-sr-frame').waitFor({ state: 'detached' })

  async function logsIn(popup: Popup, appId = stage.appId): Promise<void> {
    await stage.approve(await popup.uuid())
    await closed(popup)
    const [read, received] = (await heard(popup)).slice(-2)
    assert.equal(read?.event, 'scoperequest:read', 'before the token')
    assert.deepEqual([received?.event, received?.clientVersion], ['scoperequest:data-received', 'v3'])
    const client = new CivicClient(stage.sandbox.strategyOptions(appId))
    assert.equal((await client.exchangeCode(received?.response ?? '')).data.length, 2)
  }

  for (const year of ['2018', '2019', '2021', '2017', '2017-api', '2017-hidden', '2017-phone']) {
    it(`logs in: ${year}`, async () => {
      await logsIn(await stage.visit(`${year}.html`))
    })
  }

  it('has one page for every stage', async () => {
    const { appId } = stage
    stage.appId = stage.sandbox.createApp({
      name: 'A site to be',
      whitelist: [stage.site.origin],
      environment: 'test',
    }).appId
    try {
      await logsIn(await stage.visit('test.html'))
      await logsIn(await stage.visit('2021.html'))
    } finally {
      stage.appId = appId
    }
  })

  it('resumes only a request that it made for this site', async () => {
    const popup = await stage.visit('2018.html')
    const uuid = await popup.uuid()
    await stage.read(uuid)
    const other = await stage.another({ '2018.html': originalPage({ requests: 'prod/' }) })
    const { appId } = stage.sandbox.createApp({ name: 'Another', whitelist: [other.origin] })
    const own = stage.appId
    stage.appId = appId
    await popup.page.goto(`${other.origin}/2018.html#${uuid}`)
    assert.notEqual(await popup.uuid(), uuid)
    stage.appId = own
    await popup.page.goto(`${stage.site.origin}/2018.html#${uuid}`)
    await popup.step('read')
  })

  describe('on a phone, without image and time,', () => {
    let popup: Popup
    beforeEach(async () => {
      popup = await stage.visit('phone.html?next=1')
    })

    it('shows its link, and counts by itself', async () => {
      await popup.uuid()
      assert.equal(await popup.frame.locator('#paper').isVisible(), false)
      assert.match((await popup.frame.locator('#countdown').textContent()) ?? '', /^(?:2:00|1:5\d)$/)
      assert.equal(await popup.frame.locator('#wallet').isVisible(), true)
    })

    it('sends the page to which the wallet returns', async () => {
      const uuid = await popup.uuid()
      const { redirectUri } = await stage.sandbox.wallet().approve(uuid)
      assert.equal(redirectUri, `${stage.site.origin}/phone.html?next=1&uuid=${uuid}`)
    })

    it('shows its link if that cannot be sent', async () => {
      const other = await stage.visit('2018.html')
      await other.page.route('**/return', (route) => route.abort())
      await other.page.goto(`${stage.site.origin}/phone.html`)
      const { redirectUri } = await stage.sandbox.wallet().approve(await other.uuid())
      assert.match(redirectUri ?? '', /\/\?uuid=/)
    })
  })

  describe('has a button that closes it,', () => {
    for (const year of ['2018', '2017']) {
      it(`by which the person has cancelled: ${year}`, async () => {
        const popup = await stage.visit(`${year}.html`)
        await popup.uuid()
        await popup.frame.getByRole('button', { name: 'Close' }).first().click()
        await closed(popup)
        assert.ok((await names(popup)).includes('scoperequest:user-cancelled'))
      })
    }

    it('as Escape does', async () => {
      const popup = await stage.visit('2018.html')
      await popup.uuid()
      await popup.frame.locator('#close').press('Escape')
      await closed(popup)
    })
  })

  describe('that asks for the code itself', () => {
    const hidden = '<meta name="referrer" content="no-referrer">'
    for (const [which, referrer, status] of [
      ['is not for', '', 403],
      ['does not show on', hidden, 200],
    ] as const) {
      it(`${which} a site that is not an allowed domain${referrer && ', and hides its address'}`, async () => {
        const address = addressesOf2017['with the request in its address']
        const other = await stage.another({ '2017.html': referrer + pageOf2017(address) })
        const popup = await stage.visit('one-instance.html')
        const response = popup.page.waitForResponse(/index\.html\?.*isMobile/)
        const blocked = popup.page.waitForEvent('console', (said) => /frame-ancestors/.test(said.text()))
        await popup.page.goto(`${other.origin}/2017.html`)
        assert.equal((await response).status(), status)
        await blocked
        assert.deepEqual([popup.form, await heard(popup)], [{}, []])
      })
    }

    it('does nothing if no page frames it', async () => {
      const popup = await stage.visit('one-instance.html')
      const { page } = popup
      await page.goto(`${stage.url}/scopeRequest/prod/index.html?appId=${stage.appId}&isMobile=true`)
      await page.getByText('does nothing by itself').waitFor()
      assert.equal(await page.getByRole('button').count(), 0)
      assert.deepEqual(popup.form, {})
    })
  })
})

describe('the iframe page in a page with our CivicJS', () => {
  const stage = useStage()

  it('has no button that closes it: the page has', async () => {
    const popup = await stage.visit('one-instance.html')
    await popup.page.click('#signupButton')
    await popup.uuid()
    assert.equal(await popup.frame.locator('#close').isVisible(), false)
    assert.equal(await popup.page.getByRole('button', { name: 'Close' }).count(), 1)
  })
})
