import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { examplesOf, root } from '../support/examples.ts'

const text = readFileSync(join(root, 'docs/guide.md'), 'utf8')
const whole = text.slice(text.indexOf('## 6. The whole program'))

describe('the guide, as it is printed', function () {
  this.timeout(60_000)
  let folder: string
  const running: ChildProcess[] = []

  before(() => {
    // Inside the repository, so that the program finds its packages; git ignores it
    const out = join(root, 'test/docs/.examples')
    mkdirSync(out, { recursive: true })
    folder = mkdtempSync(join(out, 'guide-'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    for (const [, file, code] of whole.matchAll(/^`(\w+\.js)`:\n\n<!-- [^\n]* -->\n\n```js\n(.*?)^```$/gms)) {
      writeFileSync(join(folder, file!), code!)
    }
  })
  after(async () => {
    for (const child of running.reverse()) {
      child.kill('SIGINT')
      if (child.exitCode === null) await once(child, 'exit')
    }
    rmSync(folder, { recursive: true })
  })

  /** Runs it until a line of its output matches. @returns what the pattern holds */
  async function start(args: string[], pattern: RegExp): Promise<string> {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    running.push(child)
    let found: string | undefined
    const lines = createInterface({ input: child.stdout })
    for await (const line of lines) {
      found = pattern.exec(line)?.[1]
      if (found !== undefined) break
    }
    return found ?? assert.fail('it ended')
  }

  it('has every file of its program', () => {
    const { excerpts } = examplesOf('docs/guide.md')
    for (const name of ['accounts.js', 'pages.js', 'app.js', 'server.js']) {
      const source = readFileSync(join(root, 'sandbox/template', name), 'utf8')
      assert.ok(excerpts.some((excerpt) => `${excerpt.text}\n` === source))
    }
  })

  it('logs a person in', async () => {
    const [, command] = /^npx civic-sip-sandbox (.*)$/m.exec(text)!
    const [, program] = /^node (--env-file=\.env server\.js)$/m.exec(whole)!
    const cli = join(root, 'sandbox/bin/civic-sip-sandbox.js')
    // But for its ports, and the browser that it opens
    const args = [cli, ...command!.split(' '), '--port', '0', '--wallet-port', '0', '--no-open']
    const sandbox = await start(args, /^Dashboard +(http:\S+)\/$/)
    const url = await start(program!.split(' '), /^Site +(http:\S+)\/$/)
    assert.match(await (await fetch(url)).text(), new RegExp(`src="${sandbox}/js/civic\\.sip\\.min\\.js"`))

    const code = await fetch(`${sandbox}/dev/authCode`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"user":"bob"}',
    })
    const login = await fetch(`${url}/auth/civic`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams((await code.json()) as { authToken: string }),
    })
    assert.equal(login.headers.get('location'), '/account')
    const Cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
    const account = await fetch(`${url}/account`, { headers: { Cookie } })
    assert.match(await account.text(), /bob\.baker@example\.org/)
  })
})
