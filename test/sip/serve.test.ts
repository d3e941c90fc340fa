import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { json } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import { readConfig } from '../../sip/lib/config.ts'
import { COMMANDS } from '../../sip/lib/command.ts'
import { openSip, Refused } from '../../sip/lib/open-sip.ts'
import type { OpenSip } from '../../sip/lib/open-sip.ts'
import { failed } from '../../sip/lib/operations/admin-socket.ts'
import type { Said } from '../../sip/lib/operations/admin-socket.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { SealError } from '../../sip/lib/secrets/sealing.ts'
import { PortInUse, serve } from '../../sip/lib/serve.ts'
import type { Running } from '../../sip/lib/serve.ts'
import { openDatabase, MIGRATIONS } from 'civic-sip-server/database'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { freePort } from '../support/servers.ts'
import type { TestServer } from '../support/servers.ts'

describe('civic-sip-server: serve()', function () {
  this.timeout(60_000)
  let postgres: TestServer | undefined
  let variables: Record<string, string>
  let running: Running | undefined
  const lines: string[] = []
  const start = (changes: Record<string, string> = {}): Promise<Running> => {
    const { config, warnings } = readConfig({ ...variables, ...changes })
    return serve(config, { warnings, logTo: { write: (line) => void lines.push(line) } })
  }
  /** Ports that nobody has, for another process. */
  const otherPorts = async () => ({
    PORT: String(await freePort()),
    WALLET_PORT: String(await freePort()),
    MANAGEMENT_PORT: String(await freePort()),
  })

  before(async function () {
    needsPostgres(this)
    const server = (postgres = await startPostgres())
    const ports = await otherPorts()
    variables = {
      ...ports,
      PUBLIC_URL: `http://127.0.0.1:${ports.PORT}`,
      WALLET_URL: `http://localhost:${ports.WALLET_PORT}`,
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATABASE_URL: server.url,
    }
    running = await start()
  })
  after(async () => {
    await running?.stop()
    await postgres?.stop()
  })

  async function get(port: string, path: string, host: string): Promise<{ status: number; body: unknown }> {
    const sent = request({ port, host: '127.0.0.1', path, headers: { Host: host }, agent: false }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const body: unknown = await json(response).catch(() => undefined)
    return { status: response.statusCode ?? 0, body }
  }
  const at = (name: string): string => variables[name] ?? assert.fail(name)

  it('serves the API and the wallet at their names, and nothing at others', async () => {
    const attester = await get(at('PORT'), '/attester', '127.0.0.1')
    assert.equal((attester.body as { version: number }).version, 1)
    const { authorities } = attester.body as { authorities: string[] }
    const config = await get(at('PORT'), '/config.json', 'localhost:8443')
    const { sipId } = (await get(at('PORT'), '/.well-known/civic-sip', '127.0.0.1')).body as {
      sipId: string
    }
    assert.deepEqual(config.body, {
      trustedSips: [{ origin: at('PUBLIC_URL'), sipId }],
      attester: `${at('PUBLIC_URL')}/attester`,
      ledger: `${at('PUBLIC_URL')}/ledger`,
      authorities,
    })
    assert.equal((await get(at('PORT'), '/config.json', '127.0.0.1')).status, 404)
    assert.equal((await get(at('PORT'), '/', 'other.example.org')).status, 421)
  })

  it('serves only the wallet on the wallet’s port', async () => {
    assert.equal((await get(at('WALLET_PORT'), '/config.json', 'localhost')).status, 200)
    assert.equal((await get(at('WALLET_PORT'), '/attester', 'localhost')).status, 404)
    assert.equal((await get(at('WALLET_PORT'), '/attester', '127.0.0.1')).status, 421)
  })

  it('serves health and metrics on the management port, and nowhere else', async () => {
    assert.deepEqual(await get(at('MANAGEMENT_PORT'), '/health/ready', 'localhost'), {
      status: 200,
      body: { status: 'ready', problems: [] },
    })
    for (const path of ['/health/ready', '/health/live', '/metrics'])
      assert.equal((await get(at('PORT'), path, '127.0.0.1')).status, 404)
  })

  it('logs its warnings and its start', () => {
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
    assert.ok(messages.includes('SMTP_URL is not set: email addresses cannot be verified.'))
    assert.ok(messages.includes(`civic-sip-server serves ${at('PUBLIC_URL')}`))
  })

  it('is the same attester in each process', async () => {
    const ports = await otherPorts()
    const second = await start(ports)
    try {
      const [one, two] = await Promise.all(
        [at('PORT'), ports.PORT].map((port) => get(port, '/attester', '127.0.0.1')),
      )
      assert.deepEqual(one?.body, two?.body)
    } finally {
      await second.stop()
    }
  })

  it('names the variable of a port that is in use, and gives everything back', async () => {
    const ports = await otherPorts()
    await assert.rejects(start({ ...ports, WALLET_PORT: at('WALLET_PORT') }), (error: unknown) => {
      assert.ok(error instanceof PortInUse)
      assert.equal(error.message, `Port ${at('WALLET_PORT')} is in use: set WALLET_PORT to another`)
      return true
    })
    const second = await start(ports)
    await second.stop()
  })

  it('refuses a secret that the database was not made with', async () => {
    const SIP_SECRET = randomBytes(32).toString('hex')
    await assert.rejects(start({ ...(await otherPorts()), SIP_SECRET }), SealError)
    const both = await start({ ...(await otherPorts()), SIP_SECRET: `${SIP_SECRET},${at('SIP_SECRET')}` })
    await both.stop()
  })

  it('refuses a database that a newer version changed', async () => {
    const { pool, close } = await openDatabase(postgres!.url, { migrations: MIGRATIONS })
    await pool.query("insert into migrations values ('9999-later.sql')")
    try {
      await assert.rejects(start(await otherPorts()), (error: unknown) => {
        assert.ok(error instanceof Refused)
        assert.match(
          error.message,
          /^A newer version of the server changed this database \(9999-later\.sql\)/,
        )
        return true
      })
    } finally {
      await pool.query("delete from migrations where name = '9999-later.sql'")
      await close()
    }
  })

  it('finishes its current request when it stops', async () => {
    const ports = await otherPorts()
    const second = await start(ports)
    const slow = connect(Number(ports.PORT), '127.0.0.1')
    // The rest of the body is on its way
    slow.write(
      'POST /attester/codes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{',
    )
    while (!lines.some((line) => line.includes('"route":"/attester/codes"')) && !(await isUnderWay(ports)))
      continue
    const stopping = second.stop()
    await assert.rejects(get(ports.PORT, '/attester', '127.0.0.1'))
    slow.write('}')
    let response = ''
    for await (const chunk of slow) response += String(chunk)
    assert.match(response, /^HTTP\/1\.1 400 /)
    assert.match(response, /label: /)
    assert.equal(await stopping, true)
  })

  describe('its commands', () => {
    let open: OpenSip
    before(async () => {
      open = await openSip(readConfig(variables).config, {
        log: new ServerLog('silent'),
        metrics: new Metrics(),
      })
    })
    after(() => open.close())
    const run = async (name: string, ...flags: string[]): Promise<Said> => {
      const act = open.acts[name] ?? assert.fail(name)
      return act(new Set(flags)).catch(failed)
    }

    it('are those of the help', () => {
      assert.deepEqual(
        Object.keys(open.acts).sort(),
        Object.keys(COMMANDS)
          .filter((name) => !['start', 'cosign', 'recover'].includes(name))
          .sort(),
      )
    })

    it('invite an owner, or an operator', async () => {
      for (const flags of [[], ['operator']]) {
        const { lines, isDone } = await run('invite', ...flags)
        assert.equal(isDone, true)
        assert.match(lines[0] ?? '', /^http:\/\/127\.0\.0\.1:\d+\/#join\/[\w-]{43}$/)
        assert.match(lines.join('\n'), flags.length > 0 ? /an operator/ : /the owner of a new partner/)
      }
    })

    it('publish the next key, and do not sign with it before wallets know it', async () => {
      const { lines } = await run('rotate-keys')
      const [current, next] = lines.map((line) => /^(?:current|next) +(04[0-9a-f]{128})$/.exec(line)?.[1])
      assert.ok(current && next)
      // The server that runs hears of it from the database
      let keys: unknown[] = []
      while (keys.length < 2)
        ({ keys } = (await get(at('PORT'), '/.well-known/civic-sip', '127.0.0.1')).body as {
          keys: unknown[]
        })
      assert.deepEqual(await run('rotate-keys', 'activate'), {
        lines: ['This did not work: Wallets may not know the next key yet. Activate it in 10 minutes.'],
        isDone: false,
      })
      assert.match((await run('rotate-keys', 'drop')).lines[0] ?? '', /There is no previous key to drop\.$/)
      assert.equal((await run('rotate-keys', 'activate', 'drop')).isDone, false)
    })

    it('check everything', async () => {
      const { lines, isDone } = await run('check')
      assert.equal(isDone, true, lines.join('\n'))
      for (const name of ['database', 'clock', 'mail', 'ledger', 'funds', 'keys'])
        assert.ok(lines.some((line) => line.startsWith(name)))
      assert.doesNotMatch(lines.join('\n'), new RegExp(at('SIP_SECRET')))
    })
  })

  /** Whether the server reads requests: one that was sent after another is answered. */
  async function isUnderWay({ PORT }: { PORT: string }): Promise<boolean> {
    return (await get(PORT, '/attester', '127.0.0.1')).status === 200
  }
})
