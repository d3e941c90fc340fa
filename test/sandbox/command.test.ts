import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createSandbox } from 'civic-sip-sandbox'
import { parse } from '../../sandbox/lib/command.ts'
import { explain } from '../../sandbox/lib/explain.ts'

describe("sandbox: the command's arguments", () => {
  for (const [args, message] of [
    [['-p', 'x'], /^--port: a number/],
    [['--wallet-port', '70000'], /^--wallet-port: a number/],
    [['--esplora', 'http://blockchain.example.org'], /^--esplora: an https URL/],
    [['begin'], /^There is no command "begin"/],
    [['init'], /^init: name one folder/],
  ] as const) {
    it(`are refused, with the option's name: ${args.join(' ')}`, () => {
      assert.throws(() => parse(args), { message })
    })
  }

  it('stand before --, and the program to run after it', () => {
    const parsed = parse(['-p', '0', '--', 'node', '--env-file=.env', 'server.js'])
    assert.ok(parsed.run === 'sandbox')
    assert.deepEqual(
      [parsed.command.port, parsed.command.beside],
      [0, ['node', '--env-file=.env', 'server.js']],
    )
  })
})

describe('sandbox: a command that cannot start prints one sentence that names the option', () => {
  async function whyNot(...args: string[]): Promise<string> {
    const parsed = parse(['-p', '0', '--wallet-port', '0', ...args])
    assert.ok(parsed.run === 'sandbox')
    const others = ['open', 'env', 'beside']
    const options = Object.entries(parsed.command).filter(([name]) => !others.includes(name))
    try {
      await (await createSandbox(Object.fromEntries(options))).close()
    } catch (error) {
      return explain(error, parsed.command)
    }
    return assert.fail('it started')
  }

  it('a port that is in use, with the next one that it does not use itself', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const inUse = `Port ${port} is in use, perhaps by another sandbox: try`
    try {
      assert.equal(await whyNot('-p', `${port}`), `${inUse} --port ${port + 1}, or --port 0`)
      const beside = await whyNot('-p', `${port}`, '--wallet-port', `${port + 1}`)
      assert.equal(beside, `${inUse} --port ${port + 2}, or --port 0`)
      const wallet = await whyNot('--wallet-port', `${port}`)
      assert.equal(wallet, `${inUse} --wallet-port ${port + 1}, or --wallet-port 0`)
    } finally {
      taken.close()
    }
  })

  it('an address of another machine', async () => {
    assert.match(
      await whyNot('--host', '192.0.2.1'),
      /^--host: 192\.0\.2\.1 is no address of this machine: [^\n]+$/,
    )
  })

  it('a state file that is a folder, or in no folder', async () => {
    assert.match(await whyNot('--state', import.meta.dirname), /^--state: [^\n]+$/)
    assert.equal(await whyNot('--state', '/no/such/x.json'), '--state: there is no folder /no/such')
  })

  it('a name that is not a host name', async () => {
    assert.match(await whyNot('--allow-host', 'http://x'), /^--allow-host: host names, [^\n]+$/)
  })
})
