import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMANDS } from '../../sip/lib/command.ts'
import { ServerProcess } from '../support/server-process.ts'
import { freePort } from '../support/servers.ts'
import { sipPublicKeyAt } from '../support/sip-public-key.ts'

describe('civic-sip-server on the embedded database', function () {
  this.timeout(300_000)
  let folder: string
  let variables: Record<string, string>
  let server: ServerProcess | undefined
  const run = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
    const command = new ServerProcess(variables, ...args)
    const code = await command.ended
    return { code, output: command.output }
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'civic-sip-server-'))
    const [port, walletPort, managementPort] = [await freePort(), await freePort(), await freePort()]
    variables = {
      PUBLIC_URL: `http://localhost:${port}`,
      WALLET_URL: `http://localhost:${walletPort}`,
      MANAGEMENT_PORT: String(managementPort),
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATA_FOLDER: join(folder, 'data'),
      LOG_LEVEL: 'info',
    }
    server = await ServerProcess.start(variables)
  })
  after(async () => {
    await server?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('keeps the folder to its owner', async () => {
    const modes = await Promise.all(
      ['.', 'admin.sock'].map(async (name) => (await stat(join(folder, 'data', name))).mode & 0o777),
    )
    assert.deepEqual(modes, [0o700, 0o600])
  })

  it('refuses a second server on the folder', async () => {
    const { code, output } = await run('start')
    assert.equal(code, 1)
    assert.match(output, /data is in use by another process: stop that one, or use another\n$/)
  })

  it('carries out commands while it runs', async () => {
    const { code, output } = await run('check')
    assert.equal(code, 0, output)
    assert.match(output, /^database +ok /m)
    for (const name of Object.keys(COMMANDS).filter((other) => !['start', 'check', 'cosign'].includes(other)))
      assert.doesNotMatch((await run(name)).output, /in use|There is no/)
  })

  it('refuses to migrate while it runs', async () => {
    const { code, output } = await run('migrate')
    assert.equal(code, 1)
    assert.match(
      output,
      /^The server that runs updated the tables when it started\. Stop it before you migrate\.$/m,
    )
  })

  it('stops in order, releases the folder, and starts again as the same server', async () => {
    const authorities = async (): Promise<unknown> =>
      ((await (await fetch(`${variables.PUBLIC_URL}/attester`)).json()) as { authorities: unknown })
        .authorities
    const before = await authorities()
    assert.equal(await server?.stop(), 0)
    assert.deepEqual(await readdir(join(folder, 'data')), ['postgres'])
    const { code } = await run('check')
    assert.equal(code, 0, 'a command opens the database by itself where no server runs')
    assert.equal((await run('migrate')).code, 0)
    server = await ServerProcess.start(variables)
    assert.deepEqual(await authorities(), before)
  })

  it('is the same server from a copy of its folder, as the backup is made', async () => {
    const keys = (): Promise<string> => sipPublicKeyAt(variables['PUBLIC_URL']!)
    const before = await keys()
    assert.equal(await server?.stop(), 0)
    const copy = join(folder, 'copy')
    await cp(join(folder, 'data'), copy, { recursive: true })
    server = await ServerProcess.start({ ...variables, DATA_FOLDER: copy })
    assert.equal(await keys(), before)
    assert.equal(await server.stop(), 0)
    server = await ServerProcess.start(variables)
  })

  it('starts again after a kill', async () => {
    await server?.stop('SIGKILL')
    server = await ServerProcess.start(variables)
    assert.equal((await run('check')).code, 0)
  })

  it('names everything that is wrong with its environment', async () => {
    const wrong = new ServerProcess({ PUBLIC_URL: 'http://sip.example.org', SIP_SECRET: 'short' }, 'start')
    assert.equal(await wrong.ended, 1)
    assert.match(
      wrong.output,
      /^The environment is not right:\n- PUBLIC_URL must .*\n- WALLET_URL is not set\n- SIP_SECRET must /,
    )
  })
})
