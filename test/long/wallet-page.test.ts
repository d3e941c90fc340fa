import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { readConfig } from '../../sip/lib/config.ts'
import { openSip } from '../../sip/lib/open-sip.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { BrowserStage, useBrowserStage } from '../support/browser-stage.ts'
import { MailServer } from '../support/mail-server.ts'
import { button, create, heading, unlock } from '../support/own-wallet.ts'
import { phone } from '../support/pages-stage.ts'
import { ServerProcess } from '../support/server-process.ts'
import { freePort } from '../support/servers.ts'
import { AskingPage } from '../support/through-proxy.ts'

const EMAIL = 'contact.personal.email'
const ADDRESS = 'ada@example.org'
const SITE = 'https://shop.example.org'

/** A server for real people on the embedded database, its mail server, and a browser. */
class ServerStage extends BrowserStage {
  url = ''
  walletUrl = ''
  appId = ''
  mails!: MailServer

  protected async set(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'server-'))
    this.mails = await MailServer.start()
    this.closing(() => this.mails.stop())
    const [port, walletPort, managementPort] = [await freePort(), await freePort(), await freePort()]
    this.url = `http://127.0.0.1:${port}`
    this.walletUrl = `http://localhost:${walletPort}`
    const variables = {
      PUBLIC_URL: this.url,
      WALLET_URL: this.walletUrl,
      MANAGEMENT_PORT: String(managementPort),
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATA_FOLDER: join(folder, 'data'),
      SMTP_URL: this.mails.url,
      MAIL_FROM: 'Civic <login@example.org>',
    }
    const open = await openSip(readConfig(variables).config, {
      log: new ServerLog('silent'),
      metrics: new Metrics(),
    })
    const { pubKey } = newKeyPair()
    const app = { name: 'Shop', whitelist: ['shop.example.org'], pubKey }
    this.appId = (await open.sip.createApp(app)).appId
    await open.close()
    const server = await ServerProcess.start(variables)
    this.closing(async () => {
      await server.stop('SIGKILL')
      await rm(folder, { recursive: true })
    })
  }
}

describe('civic-sip-server: a person with the wallet’s page', function () {
  this.timeout(120_000)
  const stage = useBrowserStage(new ServerStage())

  it('verifies an email by the code in a mail, and responds to a site with it', async () => {
    const page = await (await stage.profile(phone)).newPage()
    await page.goto(`${stage.walletUrl}#create`)
    await create(page)

    const site = new AskingPage(fetch, stage.url, SITE)
    await page.goto('about:blank')
    await page.goto(await site.ask(stage.appId, [EMAIL]))
    await unlock(page)
    await button(page, 'Yes').click()
    await button(page, 'Approve').click()
    await page.getByRole('textbox', { name: 'Email' }).fill(ADDRESS)
    await button(page, 'Continue').click()
    assert.equal(await page.getByRole('textbox', { name: 'Phone' }).count(), 0, 'no text can be sent')
    await button(page, 'Send the code').click()
    // Typed, as a field's limits stop people and not programs
    await page.getByLabel('Code from the email').pressSequentially(await stage.mails.codeTo(ADDRESS))
    await button(page, 'Verify email').click()
    // The approval follows by itself
    await heading(page, 'Approved').waitFor()
    const digits = /\d{3}\s?\d{3}/.exec(await page.locator('main').innerText())?.[0].replace(/\s/, '')
    await site.confirm(digits)
    assert.match((await site.poll()).authResponse ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/)
  })
})
