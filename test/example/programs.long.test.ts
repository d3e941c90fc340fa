import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { createSandbox } from 'civic-sip-sandbox'

interface Program {
  readonly child: ChildProcess
  /** The next line of its output; undefined once there are no more. */
  readonly line: () => Promise<string | undefined>
  readonly errors: Promise<string>
  readonly exit: Promise<unknown[]>
}

describe('example: programs', function () {
  this.timeout(120_000)
  let folder: string
  const running: Program[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'example-'))
  })
  afterEach(async () => {
    for (const { child, exit } of running.splice(0)) {
      child.kill('SIGKILL')
      await exit
    }
    await rm(folder, { recursive: true })
  })

  function run(program: string, variables: NodeJS.ProcessEnv): Program {
    const env = { DATA_FOLDER: folder, ...variables }
    const child = spawn(process.execPath, [join('example/dist', program)], { env })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const line = async () => ((await lines.next()) as { value: string | undefined }).value
    const started = { child, line, errors: text(child.stderr), exit: once(child, 'exit') }
    running.push(started)
    return started
  }

  for (const [program, env] of [
    ['start.js', { NODE_ENV: 'production' }],
    ['start.js', { CIVIC_APP_ID: 'app' }],
    ['site.js', {}],
  ] as const) {
    it(`${program} ends with one clear line on ${JSON.stringify(env)}`, async () => {
      const { exit, line, errors } = run(program, env)
      assert.deepEqual(await exit, [1, null])
      assert.equal(await line(), undefined)
      assert.match(await errors, /^[^\n]*CIVIC_APP_SECRET[^\n]*\n$/)
    })
  }

  it('npm start before npm ci says so in one line', async () => {
    await mkdir(join(folder, 'example'))
    await copyFile('example/start.js', join(folder, 'example/start.js'))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const child = spawn(process.execPath, [join(folder, 'example/start.js')])
    const errors = text(child.stderr)
    assert.deepEqual(await once(child, 'exit'), [1, null])
    assert.equal(await errors, 'Run npm ci first: the dependencies are not installed.\n')
  })

  it('start.js names the ports it found, says what to do, keeps its folder to itself, and ends on Ctrl-C', async () => {
    const { child, line, exit } = run('start.js', {})
    assert.equal(await line(), 'Starting the database…')
    const sandbox = /^Dashboard: (http:\/\/localhost:\d+)$/.exec((await line()) ?? '')?.[1]
    const ready =
      /^Ready in \d+ s: open (http:\/\/localhost:\d+), press Sign up with Civic\. Ctrl-C stops it\.$/
    const site = ready.exec((await line()) ?? '')?.[1]
    assert.ok(sandbox && site)
    assert.match(await (await fetch(site)).text(), new RegExp(`src="${sandbox}/js/civic\\.sip\\.min\\.js"`))

    const second = run('start.js', {})
    assert.deepEqual(await second.exit, [1, null])
    assert.match(await second.errors, /^[^\n]* is in use by another process[^\n]*\n$/)

    child.kill('SIGINT')
    assert.deepEqual(await exit, [0, null])
  })

  it('site.js logs people in at the SIP that the variables name, and ends on SIGTERM', async () => {
    const sandbox = await createSandbox()
    const { appId, appSecret, prvKey, api, sipPublicKey } = sandbox.strategyOptions()
    const { child, line, exit } = run('site.js', {
      PORT: '0',
      CIVIC_APP_ID: appId,
      CIVIC_APP_SECRET: appSecret,
      CIVIC_PRIVATE_KEY: prvKey,
      CIVIC_API: api,
      CIVIC_SIP_PUBLIC_KEY: sipPublicKey,
    })
    const url = /^Site: (.*)$/.exec((await line()) ?? '')?.[1]
    const body = new URLSearchParams({ authToken: await sandbox.authCode() })
    const response = await fetch(`${url ?? ''}/auth/civic`, { method: 'POST', body, redirect: 'manual' })
    assert.equal(response.status, 303)
    child.kill('SIGTERM')
    assert.deepEqual(await exit, [0, null])
    await sandbox.close()
  })

  it('site.js says so when the port it was given is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    const { appId, appSecret, prvKey } = {
      appId: 'app',
      appSecret: 'ab'.repeat(16),
      prvKey: '1'.padStart(64, '0'),
    }
    const { exit, errors } = run('site.js', {
      PORT: String(port),
      CIVIC_APP_ID: appId,
      CIVIC_APP_SECRET: appSecret,
      CIVIC_PRIVATE_KEY: prvKey,
    })
    assert.deepEqual(await exit, [1, null])
    assert.equal(await errors, `Port ${port} is in use: set PORT to another, or to 0 for one that is free\n`)
    holder.close()
  })
})
