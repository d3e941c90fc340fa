import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { createSandbox } from 'civic-sip-sandbox'
import { parse } from '../../sandbox/lib/command.ts'
import { writeEnvFile } from '../../sandbox/lib/env-file.ts'
import { launchChromium } from '../support/browser.ts'

const root = join(import.meta.dirname, '../..')
const cli = join(root, 'sandbox/bin/civic-sip-sandbox.js')
const exec = promisify(execFile)

describe('sandbox: init', function () {
  this.timeout(60_000)
  let folder: string
  before(async () => {
    // Inside the repository, so that the site finds its packages; git ignores it
    const out = join(root, 'test/docs/.examples')
    mkdirSync(out, { recursive: true })
    folder = join(mkdtempSync(join(out, 'init-')), 'site')
    await exec(process.execPath, [cli, 'init', folder, '--no-install'])
  })
  after(() => rmSync(join(folder, '..'), { recursive: true }))

  it('writes an .env of secrets that only its owner can read, and git ignores', () => {
    assert.match(readFileSync(join(folder, '.env'), 'utf8'), /^PORT=3001\nSESSION_SECRET=[0-9a-f]{64}\n$/)
    assert.equal(statSync(join(folder, '.env')).mode & 0o777, 0o600)
    assert.match(readFileSync(join(folder, '.gitignore'), 'utf8'), /^\.env$/m)
  })

  it('does not write into a folder that is not empty', async () => {
    const again = exec(process.execPath, [cli, 'init', folder, '--no-install'])
    await assert.rejects(again, /init: .* is not empty: name a new folder\n$/)
  })

  it('writes a site whose tests pass', async () => {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: { test: string }
    }
    assert.equal(scripts.test, 'node --test')
    const { stdout } = await exec(process.execPath, ['--test'], { cwd: folder })
    assert.match(stdout, /^# fail 0$/m)
  })

  it('writes a site that a phone can log in at, with no edits', async () => {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: { phone: string }
    }
    const parsed = parse(scripts.phone.split(' ').slice(1), () => '127.0.0.2')
    assert.ok(parsed.run === 'sandbox')
    const { phone, env, beside } = parsed.command
    assert.ok(phone !== undefined && env !== undefined && beside?.[0] === 'node')
    const sandbox = await createSandbox({ phone })
    writeEnvFile(join(folder, env), sandbox)
    const site = spawn(process.execPath, beside.slice(1), {
      cwd: folder,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(site, 'exit')
    try {
      const [line] = (await once(createInterface({ input: site.stdout }), 'line')) as [string]
      const url = /^Site +(http:\S+)\/$/.exec(line)?.[1]
      assert.ok(url !== undefined)
      assert.ok((await (await fetch(url)).text()).includes(`src="${sandbox.url}/js/civic.sip.min.js"`))
      const login = await fetch(`${url}/auth/civic`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'Sec-Fetch-Site': 'same-origin' },
        body: new URLSearchParams({ authToken: await sandbox.authCode({ origin: url }) }),
      })
      assert.equal(login.headers.get('location'), '/account')
    } finally {
      site.kill()
      await exited
      await sandbox.close()
    }
  })

  it('writes a site that starts with its sandbox, and logs a person in', async function () {
    const browser = await launchChromium(this)
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: { start: string }
    }
    const [, ...args] = scripts.start.split(' ')
    const site = spawn(process.execPath, [cli, '--port', '0', '--wallet-port', '0', ...args], {
      cwd: folder,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(site, 'exit')
    try {
      let url, sandbox: string | undefined
      for await (const line of createInterface({ input: site.stdout })) {
        sandbox ??= /^Dashboard +(http:\S+)\/$/.exec(line)?.[1]
        url = /^Site +(http:\S+)$/.exec(line)?.[1]
        if (url !== undefined) break
      }
      assert.ok(url !== undefined && sandbox !== undefined)
      const page = await browser.newPage()
      await page.goto(url)
      await page.getByRole('button', { name: 'Log in with Civic' }).click()
      const code = page.frameLocator('#civic-sr-frame').getByRole('link', { name: /Open the Civic app/ })
      assert.match((await code.getAttribute('href')) ?? '', /#/)
      await page.keyboard.press('Escape')
      const answer = await fetch(`${sandbox}/dev/authCode`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"user":"bob"}',
      })
      const { authToken } = (await answer.json()) as { authToken: string }
      await page.evaluate((token) => {
        const form = document.querySelector('form')!
        form.querySelector('input')!.value = token
        form.submit()
      }, authToken)
      await page.getByText('bob.baker@example.org').waitFor()
    } finally {
      site.kill('SIGINT')
      await exited
      await browser.close()
    }
  })
})
