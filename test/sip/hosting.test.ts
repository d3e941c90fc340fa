import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parse } from 'yaml'
import { COMMANDS } from '../../sip/lib/command.ts'
import { readConfig, VARIABLES } from '../../sip/lib/config.ts'
import { COSIGNER_VARIABLES } from '../../sip/lib/cosigner/config.ts'
import { listen } from '../support/http.ts'
import { missing } from '../support/missing.ts'

const root = join(import.meta.dirname, '../..')

function file(path: string): Promise<string> {
  return readFile(join(root, path), 'utf8')
}

describe('docs/hosting.md and deploy/', () => {
  const SIP_SECRET = randomBytes(32).toString('hex')
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hosting-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('list every variable and command, and no other', async () => {
    const sections = (await file('docs/hosting.md')).split(/^## /m)
    const tableOf = (title: string): [name: string, meaning: string][] => {
      const section = sections.find((text) => text.startsWith(`${title}\n`)) ?? assert.fail(title)
      const rows = [...section.matchAll(/^\| `([A-Za-z_-]+)` +\| (.*?) *\|/gm)]
      return rows.map(([, name = '', meaning = '']) => [name, meaning])
    }
    const namesOf = (title: string): string[] => tableOf(title).map(([name]) => name)
    assert.deepEqual(namesOf('Variables'), [...VARIABLES])
    assert.deepEqual(namesOf('A cosigner'), [...COSIGNER_VARIABLES])
    const summaries = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary])
    assert.deepEqual(tableOf('Commands'), summaries)
  })

  it('configure the server with a valid environment', async () => {
    const variables = parseEnv(await file('deploy/environment'))
    const { config } = readConfig({ ...variables, SIP_SECRET })
    assert.equal(config.dataFolder, '/var/lib/civic-sip')
    assert.equal(config.smtp?.from, 'Civic <login@example.org>')
  })

  it('run a command with the environment of the service, the server’s or the cosigner’s', async () => {
    const etc = await mkdtemp(join(folder, 'etc'))
    await writeFile(join(etc, 'sip-secret'), `${SIP_SECRET}\n`)
    await writeFile(join(etc, 'environment'), await file('deploy/environment'))
    const script = (await file('deploy/civic-sip'))
      .replaceAll('/etc/civic-sip', etc)
      .replace(
        /setpriv .* -- \\\n +node \S+/,
        `${process.execPath} -p 'JSON.stringify([process.env, process.argv])' --`,
      )
    const run = (): [NodeJS.ProcessEnv, string[]] => {
      const output = execFileSync('sh', ['-c', script, 'civic-sip', 'check', '--all'], { encoding: 'utf8' })
      return JSON.parse(output) as [NodeJS.ProcessEnv, string[]]
    }
    const [env, argv] = run()
    assert.equal(readConfig(env).config.secrets[0], SIP_SECRET)
    assert.deepEqual(argv.slice(1), ['check', '--all'])
    await rm(join(etc, 'sip-secret'))
    await writeFile(join(etc, 'cosigner-secret'), `${SIP_SECRET}\n`)
    const [{ COSIGNER_SECRET, SIP_SECRET: other }] = run()
    assert.deepEqual([COSIGNER_SECRET, other], [SIP_SECRET, undefined])
  })

  for (const [of, dropIns] of [
    ['server', []],
    ['cosigner', ['cosigner.conf']],
  ] as const) {
    it(`have a valid systemd unit of the ${of}, which gives the process few rights`, async function () {
      if (!existsSync('/usr/bin/systemd-analyze')) missing(this, 'systemd-analyze', 'systemd')
      const unit = join(await mkdtemp(join(folder, of)), 'civic-sip-server.service')
      await mkdir(`${unit}.d`)
      const files = [
        ['civic-sip-server.service', unit],
        ...dropIns.map((name) => [name, `${unit}.d/${name}`]),
      ]
      for (const [name = '', path = ''] of files)
        await writeFile(path, (await file(`deploy/${name}`)).replace('/usr/bin/node', '/bin/true'))
      const analyze = (...args: string[]) =>
        spawnSync('systemd-analyze', [...args, unit], { encoding: 'utf8' })
      const verified = analyze('verify', '--man=no')
      assert.equal(verified.stdout + verified.stderr, '')
      const secured = analyze('security', '--offline=yes', '--no-pager', '--threshold=15')
      assert.equal(secured.status, 0, secured.stdout)
    })
  }

  it('run containers without rights, and show no secret', async () => {
    const { services, secrets } = parse(await file('deploy/compose.yaml')) as {
      services: Record<
        string,
        {
          build?: object
          cap_drop: string[]
          healthcheck?: object
          read_only?: boolean
          environment: Record<string, string>
          ports?: string[]
          security_opt: string[]
        }
      >
      secrets: Record<string, { file: string }>
    }
    for (const { cap_drop, security_opt, ports = [] } of Object.values(services)) {
      assert.deepEqual(cap_drop, ['ALL'])
      assert.deepEqual(security_opt, ['no-new-privileges:true'])
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
    }
    assert.equal(services['server']!.read_only, true)
    // Images are healthy by a command: of the Containerfile, or here
    assert.deepEqual(
      Object.entries(services).map(([name, { build, healthcheck }]) => [name, Boolean(build ?? healthcheck)]),
      [
        ['server', true],
        ['database', true],
      ],
    )
    const { environment = {} } = services.server ?? {}
    const readFile = (path: string): string => {
      assert.ok(secrets[path.replace('/run/secrets/', '')], path)
      return path.endsWith('sip-secret') ? SIP_SECRET : 'postgres://sip:a-long-password@database/sip'
    }
    const { config } = readConfig({ ...environment, HOST: '0.0.0.0' }, readFile)
    assert.equal(config.database, 'postgres://sip:a-long-password@database/sip')
  })

  it('build an image that runs the server as a user without rights, and says whether it is healthy', async () => {
    const lines = (await file('deploy/Containerfile'))
      .replace(/^#.*\n/gm, '')
      .replaceAll(/\\\n\s*/g, '')
      .trim()
      .split(/\n+/)
      .map((line): [string, string] => [line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1)])
    const last = lines.slice(lines.findLastIndex(([name]) => name === 'FROM'))
    const valueOf = (name: string): string =>
      last.findLast(([each]) => each === name)?.[1] ?? assert.fail(name)
    assert.equal(valueOf('USER'), 'node')
    const afterUser = last.slice(last.findIndex(([name]) => name === 'USER')).map(([name]) => name)
    assert.ok(!afterUser.includes('RUN') && !afterUser.includes('COPY'))
    assert.equal(valueOf('STOPSIGNAL'), 'SIGTERM')
    const variables = valueOf('ENV')
      .split(' ')
      .map((pair) => pair.split('=')[0] ?? '')
    for (const name of variables) assert.ok(['NODE_ENV', ...VARIABLES].includes(name), name)

    const { version, bin } = JSON.parse(await file('sip/package.json')) as {
      version: string
      bin: Record<string, string>
    }
    assert.deepEqual(
      lines.find(([name]) => name === 'ARG'),
      ['ARG', `VERSION=${version}`],
    )
    const [, program = ''] = JSON.parse(valueOf('ENTRYPOINT')) as string[]
    assert.equal(
      program.split('/node_modules/civic-sip-server/')[1],
      bin['civic-sip-server']?.replace('./', ''),
    )
    assert.ok(Object.hasOwn(COMMANDS, (JSON.parse(valueOf('CMD')) as string[])[0]!))

    const management = createServer((_req, res) => res.end())
    const { port, close } = await listen(management)
    const [command, ...args] = JSON.parse(/CMD (.*)$/.exec(valueOf('HEALTHCHECK'))?.[1] ?? '') as string[]
    assert.equal(command, 'node')
    const check = async (): Promise<unknown> => {
      const node = spawn(
        process.execPath,
        args.map((arg) => arg.replace(':4002/', `:${port}/`)),
      )
      return (await once(node, 'exit'))[0]
    }
    assert.equal(await check(), 0)
    await close()
    assert.equal(await check(), 1)
  })
})
