import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'
import { needsCivicsClient } from '../support/civics-client.ts'
import { remove, root } from '../support/examples.ts'
import { useStage } from '../support/pages-stage.ts'
import { freePort } from '../support/servers.ts'

interface Running {
  readonly url: string
  readonly stop: () => Promise<void>
}

describe('the dashboard’s quick start', () => {
  const stage = useStage()
  let folder: string
  before(() => {
    // Inside the repository, so that the programs find its packages. Git ignores it
    const out = join(root, 'test/docs/.examples')
    mkdirSync(out, { recursive: true })
    folder = mkdtempSync(join(out, 'quick-start-'))
  })
  after(() => remove(folder))

  const copied = (page: Page, name: string): Promise<string> =>
    page.getByRole('figure', { name, exact: true }).locator('code').innerText()

  /** Copies what the page shows for a framework, and runs it. */
  async function run(page: Page, framework: string): Promise<Running> {
    await page.getByLabel('Your site uses').selectOption(framework)
    const [, command = ''] = (await copied(page, 'Install and run')).split('\n')
    const [, flag = '', program = ''] = /^node (\S+) (\S+)$/.exec(command)!
    const env = await copied(page, framework === 'direct' ? '.env' : '.env with secrets')
    const port = String(await freePort())
    writeFileSync(join(folder, '.env'), env.replace('localhost:3000', `localhost:${port}`))
    for (const name of ['index.html', program]) writeFileSync(join(folder, name), await copied(page, name))
    const child = spawn(process.execPath, [flag, program], {
      cwd: folder,
      env: { ...process.env, PORT: port },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    const stop = async (): Promise<void> => {
      child.kill()
      await exited
    }
    for await (const url of createInterface({ input: child.stdout })) return { url, stop }
    return assert.fail(`${program} ended`)
  }

  const appIdOf = (page: Page): string => new URL(page.url()).hash.slice('#app/'.length)

  async function newApp(): Promise<Page> {
    const page = await stage.visit('/#new')
    await page.getByLabel('Name', { exact: true }).fill('Quick shop')
    await page.getByLabel('Test', { exact: false }).check()
    await page.getByLabel('Allowed domains').fill('localhost')
    await page.getByRole('button', { name: 'Create app' }).click()
    await page.getByText('Copy the secrets into your server').waitFor()
    return page
  }

  /** Logs in at the site. @param path of the request that starts it */
  async function logIn({ url }: Running, path: string): Promise<void> {
    const site = await stage.visit(url)
    const asked = site.waitForResponse((response) => response.url().endsWith(path))
    await site.getByRole('button', { name: 'Log in with Civic' }).click()
    const { uuid, link } = (await (await asked).json()) as { uuid: string; link?: string }
    const { confirm } = await stage.sandbox.wallet('alice').approve(link ?? uuid)
    if (confirm !== undefined) {
      const digits = site.frameLocator('iframe').locator('#digits')
      await digits.fill(confirm)
      await digits.press('Enter')
    }
    await site.getByText('alice.archer@example.org').waitFor()
  }

  /** Posts what the page posts. Every site that uses a SIP has the same page. */
  async function post({ url }: Running, appId: string): Promise<string> {
    const authToken = await stage.sandbox.authCode({ appId })
    const login = await fetch(`${url}auth/civic`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ authToken }),
    })
    return login.text()
  }

  it('logs a person in without a change, and shows the first login', async () => {
    const page = await newApp()
    await page.getByText('Waiting for your first login…').waitFor()
    for (const [framework, path] of [
      ['passport', '/scopeRequest/qrcode'],
      ['direct', '/civic/start'],
    ] as const) {
      const site = await run(page, framework)
      await logIn(site, path).finally(site.stop)
      if (framework === 'passport') await page.getByText(/^It works\. First login: /).waitFor()
    }
    const site = await run(page, 'node')
    assert.match(await post(site, appIdOf(page)).finally(site.stop), /alice\.archer@example\.org/)
    await page.reload()
    await page.getByText(/^It works\. First login: /).waitFor()
  })

  it('logs a person in with the original client', async function () {
    this.timeout(120_000)
    needsCivicsClient(this)
    mkdirSync(join(folder, 'node_modules'))
    const client = join(root, 'test/civic-sip-api/node_modules/civic-sip-api')
    symlinkSync(client, join(folder, 'node_modules/civic-sip-api'), 'junction')
    const page = await newApp()
    const site = await run(page, 'civic-sip-api')
    assert.match(await post(site, appIdOf(page)).finally(site.stop), /alice\.archer@example\.org/)
  })

  it('shows why the last request failed, until the first login', async () => {
    const page = await newApp()
    await page.getByText('Waiting for your first login…').waitFor()
    const why = `${stage.sandbox.url}/scopeRequest/test/why?appId=${appIdOf(page)}`
    await fetch(why, { headers: { Origin: 'https://moss.example' } })
    await page
      .getByText(/^The last request failed: https:\/\/moss\.example is not an allowed domain/)
      .waitFor()
  })
})
