import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { walletSite } from 'civic-sip-server/http'
import type { Page } from 'playwright-core'
import { useBrowserStage } from '../support/browser-stage.ts'
import { listen } from '../support/http.ts'
import { confirm, directPage, DirectStage, loggedIn, PHONE, scan, walletLink } from './direct-stage.ts'

const ADA = {
  ...{ id: 'ada', name: 'Ada Aldous', email: 'ada@example.org', phoneNumber: '+1 202 555 0123' },
  ...{ seed: '000102030405060708090a0b0c0d0e0f', values: {}, isEmailVerified: false },
}

/** A Direct site, and the wallet's page on another origin. */
class WalletStage extends DirectStage {
  walletUrl = ''

  protected override async set(): Promise<void> {
    const server = createServer()
    const listening = await listen(server)
    this.closing(() => listening.close())
    this.walletUrl = `http://localhost:${listening.port}`
    const config = {
      trustedSips: [],
      attester: 'https://attester.example',
      ledger: 'https://ledger.example/api',
      authorities: [],
      testUsers: [ADA],
    }
    const site = walletSite({
      hosts: ['localhost'],
      config: () => config,
      insecure: true,
      // What a sandbox keeps of a test user's wallet; this one begins anew each time
      before: (req, res, next) => {
        if (!req.url?.startsWith('/test-users/')) next()
        else if (req.method === 'GET')
          res.setHeader('Content-Type', 'application/json').end('{"activity":[]}')
        else res.writeHead(204).end()
      },
    })
    server.on('request', site)
    await this.startSite({ walletUrl: this.walletUrl, returnTo: '/' })
  }
}

describe('a Direct site and the wallet’s page on another origin, with no SIP', () => {
  const stage = useBrowserStage(new WalletStage(directPage(), {}))

  /** Opens a link in the wallet, where Ada is chosen. */
  async function open(page: Page, link: string): Promise<void> {
    await page.goto(link)
    await page.getByRole('button', { name: ADA.name }).click()
    await page.getByRole('heading', { level: 1, name: /^Shop wants/ }).waitFor()
  }

  async function phone(): Promise<Page> {
    return (await stage.person({ viewport: { width: 375, height: 720 } })).newPage()
  }

  it('log in by the code on the screen, read from a picture of it, and the six digits', async () => {
    const popup = await stage.start()
    const link = await scan(popup.page)
    assert.ok(link.startsWith(`${stage.walletUrl}#${stage.site.origin}/civic/`), link)
    const wallet = await phone()
    await open(wallet, link)
    await popup.step('read')
    await wallet.getByRole('button', { name: 'Approve', exact: true }).click()
    await wallet.getByText(`Type it only at ${stage.site.origin}`).waitFor()
    const digits = (await wallet.locator('.digits').innerText()).replaceAll(/\D/g, '')
    await confirm(popup, digits)
    assert.match(await loggedIn(popup.page), /^[0-9a-f]{64}$/)
    assert.deepEqual([...stage.asked].sort(), [stage.site.origin, stage.walletUrl].sort())
  })

  it('log in on one device, by the link and the way back', async () => {
    const popup = await stage.start(PHONE)
    const wallet = await popup.page.context().newPage()
    await open(wallet, await walletLink(popup))
    await wallet.getByRole('button', { name: 'Approve', exact: true }).click()
    await wallet.getByRole('link', { name: `Back to ${new URL(stage.site.origin).host}` }).click()
    assert.match(await loggedIn(wallet), /^[0-9a-f]{64}$/)
    assert.equal(new URL(wallet.url()).hash, '')
  })

  it('say that the person declined, on both screens', async () => {
    const popup = await stage.start()
    const wallet = await phone()
    await open(wallet, await scan(popup.page))
    await wallet.getByRole('button', { name: 'Decline', exact: true }).click()
    await wallet.getByText('You declined this request').first().waitFor()
    await popup.step('cancelled')
    assert.equal(await popup.page.locator('#user').textContent(), '')
  })
})
