import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { TestAttester } from '../support/attester.ts'
import { confirm, directPage, loggedIn, useDirectStage, walletLink } from './direct-stage.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const documented = await readFile(new URL('pages/direct.html', import.meta.url), 'utf8')

describe('a page of a Direct site', () => {
  describe('as documented', () => {
    const stage = useDirectStage(documented)

    it('logs in', async () => {
      const popup = await stage.start()
      const { confirm: digits } = await stage.wallet.approve(await stage.wallet.read(await walletLink(popup)))
      await confirm(popup, digits)
      await popup.page.waitForURL(`${stage.site.origin}/me`)
      assert.match(await popup.page.locator('body').innerText(), /"id":\s*"[0-9a-f]{64}"/)
    })

    for (const [what, options] of [
      ['another origin', "{ direct: 'https://other.example/civic' }"],
      ['an empty path', "{ direct: '' }"],
      ['no path', '{ direct: 7 }'],
    ] as const) {
      it(`cannot name ${what}`, async () => {
        const { page } = await stage.visit(await stage.person())
        await assert.rejects(page.evaluate(`new civic.sip(${options})`), /config-invalid-direct/)
      })
    }

    it('cannot ask for labels, which only a SIP accepts', async () => {
      const { page } = await stage.visit(await stage.person())
      const call = "new civic.sip({ direct: '/civic' }).signup({ scopeRequests: ['contact.personal.email'] })"
      await assert.rejects(page.evaluate(call), /TypeError: Direct requests are named/)
    })

    it('gets an error for a scope request that the site does not make', async () => {
      const { page, frame } = await stage.visit(await stage.person())
      const error = await page.evaluate<{ type: string; message: string }>(`new Promise((resolve) => {
        const asking = new civic.sip({ direct: '/civic' })
        asking.on('civic-sip-error', resolve)
        asking.signup({ scopeRequest: 'PROOF_OF_AGE' })
      })`)
      assert.equal(error.type, 'qr-code-error')
      assert.equal(error.message, 'scopeRequest must be one that this site makes')
      await frame.getByText(error.message).waitFor()
    })

    it('gets an error if the site has no such routes', async () => {
      const { page } = await stage.visit(await stage.person())
      const error = await page.evaluate<{ type: string; message: string }>(`new Promise((resolve) => {
        const asking = new civic.sip({ direct: '/elsewhere' })
        asking.on('civic-sip-error', resolve)
        asking.signup()
      })`)
      assert.equal(error.type, 'frame-unavailable')
      assert.match(error.message, /civic-js installed.*direct\.routes.*frame-ancestors 'self'/)
    })

    it('passes axe-core in each step, light and dark', async () => {
      const source = await readFile(axe, 'utf8')
      for (const colorScheme of ['light', 'dark'] as const) {
        const popup = await stage.start({ colorScheme, reducedMotion: 'reduce' })
        const frame = popup.page.frames()[1]!
        await frame.evaluate(source)
        for (const step of ['code', 'confirm', 'elsewhere', 'cancelled']) {
          await frame.evaluate(`document.querySelectorAll('section').forEach((section) => {
            section.hidden = section.id !== '${step}'
          })`)
          const { violations } = await frame.evaluate<{ violations: { id: string }[] }>('axe.run()')
          assert.deepEqual(
            violations.map(({ id }) => id),
            [],
            `${colorScheme}, ${step}`,
          )
        }
      }
    })
  })

  describe('of a site that shows what the wallet attests', () => {
    const attester = new TestAttester()
    const { ledger, authorities } = attester
    const stage = useDirectStage(directPage("{ direct: '/civic' }", "{ scopeRequest: 'BASIC_SIGNUP' }"), {
      ledger,
      authorities,
    })
    before(async () => {
      await attester.start()
      const claims = {
        'contact.personal.email': 'ada@example.org',
        'contact.personal.phoneNumber': '+1 202 555 0143',
      }
      await stage.wallet.attest(attester.url, claims, '123456')
    })
    after(() => attester.stop())

    it('logs in with verified data', async () => {
      const popup = await stage.start()
      await popup.frame.getByText('asks for your email address and phone number').waitFor()
      const { confirm: digits } = await stage.wallet.approve(await stage.wallet.read(await walletLink(popup)))
      await confirm(popup, digits)
      await loggedIn(popup.page)
      const me = (await (await popup.page.request.get(`${stage.site.origin}/me`)).json()) as {
        user: { data: { value: string }[] }
      }
      assert.deepEqual(
        me.user.data.map(({ value }) => value),
        ['ada@example.org', '+1 202 555 0143'],
      )
    })
  })

  describe('of a site that needs no digits', () => {
    const stage = useDirectStage(directPage("{ direct: '/civic', confirm: false }"), {
      confirm: false,
      proximity: 'same-network',
    })

    it('logs in as soon as the wallet has responded', async () => {
      const popup = await stage.start()
      await stage.wallet.approve(await stage.wallet.read(await walletLink(popup)))
      await loggedIn(popup.page)
    })
  })
})
