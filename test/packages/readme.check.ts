import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { examplesOf } from '../support/examples.ts'
import { Consumer } from './support/consumer.ts'
import { packages, root } from './support/packed.ts'

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Asks for a page until there is one: the app starts its sandbox first. */
async function firstPage(url: string, app: ChildProcess): Promise<string> {
  for (;;) {
    assert.equal(app.exitCode, null, 'the app has stopped')
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return response.text()
    await delay(50)
  }
}

describe("the README's way into an app", function () {
  this.timeout(300_000)
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const { visible } = examplesOf('README.md').examples.find(({ name }) => name === 'app.js')!

  it('is ten lines', () => {
    const [, , added] = /```js\n(.*?)```\n.*?```js\n(.*?)```/s.exec(readme)!
    assert.ok(visible.endsWith(added!))
    assert.equal(added!.trimEnd().split('\n').length, 10)
  })

  it('logs a person in: an empty folder, its commands, its code', async () => {
    const named = [...readme.matchAll(/^npm install (?:--save-dev )?(.*)$/gm)].flatMap(([, names]) =>
      names!.split(' '),
    )
    const others = named.filter((name) => !Object.hasOwn(packages, name))
    assert.equal(named.length - others.length, 2)
    const consumer = await Consumer.create(others)
    consumer.write('app.js', visible)

    const port = await freePort()
    const env = { ...process.env, PORT: String(port), SANDBOX_PORT: '0', NODE_OPTIONS: '' }
    const app = spawn(process.execPath, ['app.js'], { cwd: consumer.folder, env, stdio: 'inherit' })
    const exited = once(app, 'exit')
    try {
      const page = await firstPage(`http://127.0.0.1:${port}/login`, app)
      // The page names the sandbox, which is asked for a token as its CivicJS would have got one
      const [, sandbox] = /src="(http:[^"]*)\/js\/civic\.sip\.min\.js"/.exec(page)!
      assert.match(await (await fetch(`${sandbox}/js/civic.sip.min.js`)).text(), /injectButton/)
      const code = await fetch(`${sandbox}/dev/authCode`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"user":{"email":"zoe@example.org"}}',
      })
      const { authToken } = (await code.json()) as { authToken: string }

      const url = `http://127.0.0.1:${port}`
      const login = await fetch(`${url}/auth/civic`, {
        method: 'POST',
        headers: { 'Sec-Fetch-Site': 'same-origin' },
        body: new URLSearchParams({ authToken }),
        redirect: 'manual',
      })
      assert.equal(login.headers.get('location'), '/me')
      const Cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
      const me = (await (await fetch(`${url}/me`, { headers: { Cookie } })).json()) as {
        userId: string
        scopeData: { value: string }[]
      }
      assert.match(me.userId, /^[0-9a-f]{64}$/)
      assert.equal(me.scopeData[0]!.value, 'zoe@example.org')
    } finally {
      app.kill()
      await exited
    }
  })
})
