import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rawRequest } from './support/request.ts'

const cli = fileURLToPath(new URL('../../sandbox/bin/civic-sip-sandbox.js', import.meta.url))

class Run {
  output = ''
  readonly child: ChildProcess
  readonly ended: Promise<number | null>

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    }
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** Waits for a line of the output. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output)
      if (found) return found
      await Promise.race([
        once(this.child.stdout!, 'data'),
        this.ended.then(() => assert.fail(`it ended before ${pattern}: ${this.output}`)),
      ])
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal)
    return this.ended
  }
}

describe('sandbox: the command', function () {
  this.timeout(60_000)
  const runs: Run[] = []
  const run = (...args: string[]): Run => {
    const started = new Run(...args)
    runs.push(started)
    return started
  }
  afterEach(async () => {
    for (const { child, ended } of runs.splice(0)) {
      child.kill('SIGKILL')
      await ended
    }
  })

  it('prints its addresses and a site’s variables, and stops cleanly on Ctrl-C', async () => {
    const started = run('--port', '0', '--wallet-port', '0', '--no-open', '--verbose')
    const [, url] = await started.until(/^Dashboard {2}(http:\/\/localhost:\d+)\/$/m)
    for (const name of ['APP_ID', 'APP_SECRET', 'PRIVATE_KEY', 'API', 'SIP_PUBLIC_KEY', 'SCRIPT']) {
      await started.until(new RegExp(`^CIVIC_${name}=\\S+$`, 'm'))
    }
    assert.doesNotMatch(started.output, /WARNING/)
    const response = await fetch(`${url}/dev/authCode`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"user":"bob"}',
    })
    const { authToken } = (await response.json()) as { authToken: string }
    await started.until(/POST +200 +\d+ ms {2}\/dev\/authCode/)
    assert.ok(!started.output.includes(authToken))
    assert.equal(await started.stop('SIGINT'), 0)
  })

  it('responds at the given names', async () => {
    const started = run(
      '--port',
      '0',
      '--wallet-port',
      '0',
      '--no-open',
      '--allow-host',
      'a.example.test',
      '--allow-host',
      'b.example.test',
    )
    const [, url] = await started.until(/^Dashboard {2}(http:\S+)\/$/m)
    for (const [host, status] of [
      ['a.example.test', 200],
      ['b.example.test:4000', 200],
      ['c.example.test', 421],
    ] as const) {
      assert.equal((await rawRequest(url!, { headers: { Host: host } })).status, status)
    }
    assert.equal(await started.stop(), 0)
  })

  it('says loudly that it is for development when others can reach it', async () => {
    const started = run('--port', '0', '--wallet-port', '0', '--host', '0.0.0.0', '--no-open')
    await started.until(/Ctrl-C/)
    assert.match(started.output, /WARNING: .* everybody on your network/)
    assert.equal(await started.stop('SIGTERM'), 0)
  })

  it('keeps its state in a file that only its owner can read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'civic-sip-sandbox-'))
    const args = ['--port', '0', '--wallet-port', '0', '--no-open', '--state', join(folder, 'state.json')]
    try {
      const ids = []
      for (let i = 0; i < 2; i += 1) {
        const started = run(...args)
        ids.push((await started.until(/^CIVIC_APP_ID=(\S+)$/m))[1])
        await started.stop()
      }
      assert.equal(ids[0], ids[1])
      assert.equal((await stat(join(folder, 'state.json'))).mode & 0o777, 0o600)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('refuses a state file that another sandbox uses, until that ends or is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'civic-sip-sandbox-'))
    const state = join(folder, 'state.json')
    const args = ['--port', '0', '--wallet-port', '0', '--no-open', '--state', state]
    try {
      const first = run(...args)
      await first.until(/Ctrl-C/)
      const second = run(...args)
      assert.equal(await second.ended, 1)
      assert.equal(
        second.output,
        `--state: ${state} is in use by another process: stop that one, or use another\n`,
      )
      await first.stop('SIGKILL')
      const third = run(...args)
      await third.until(/Ctrl-C/)
      assert.equal(await third.stop(), 0)
      assert.deepEqual(await readdir(folder), ['state.json'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('writes a site’s variables to a file that only its owner can read, and keeps its other lines', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'civic-sip-sandbox-'))
    const file = join(folder, '.env')
    try {
      await writeFile(file, 'PORT=3001\nCIVIC_APP_ID=old\nCIVIC_AUDIENCE=old\n')
      const started = run('--port', '0', '--wallet-port', '0', '--no-open', '--env', file)
      await started.until(/Ctrl-C/)
      await started.stop()
      assert.match(
        await readFile(file, 'utf8'),
        /^PORT=3001\nCIVIC_APP_ID=(?!old)\S+\n(?:CIVIC_[A-Z_]+=\S+\n){6}$/,
      )
      assert.equal((await stat(file)).mode & 0o777, 0o600)
      assert.doesNotMatch(started.output, /CIVIC_APP_SECRET/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('runs a program, and ends with its exit code', async () => {
    const script = 'console.log("beside"); process.exitCode = 7'
    const started = run(
      '--port',
      '0',
      '--wallet-port',
      '0',
      '--no-open',
      '--',
      process.execPath,
      '-e',
      script,
    )
    assert.equal(await started.ended, 7)
    assert.match(started.output, /Ctrl-C stops it\.\nbeside\n$/)
  })

  it('explains itself, and says its version', async () => {
    for (const option of ['--help', '-h']) {
      const help = run(option)
      assert.equal(await help.ended, 0)
      for (const name of [
        ...['port', 'wallet-port', 'host', 'allow-host', 'state', 'env', 'esplora', 'no-open', 'verbose'],
        ...['help', 'version'],
      ]) {
        assert.match(help.output, new RegExp(`--${name}\\b`))
      }
    }
    const version = run('--version')
    assert.equal(await version.ended, 0)
    assert.match(version.output, /^\d+\.\d+\.\d+\n$/)
  })

  it('says what is wrong in one sentence, and ends', async () => {
    const wrong = run('--colour')
    assert.equal(await wrong.ended, 2)
    assert.match(wrong.output, /--colour.*--help/s)
    const failed = run('--state', '/no/such/folder/state.json', '--no-open')
    assert.equal(await failed.ended, 1)
    assert.equal(failed.output, '--state: there is no folder /no/such/folder\n')
  })
})
