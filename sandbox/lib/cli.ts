import { once } from 'node:events'
import { parseArgs } from 'node:util'
import open from 'open'
import { isLoopback } from './hosts.ts'
import { createSandbox } from './sandbox.ts'
import type { Sandbox, SandboxOptions } from './sandbox.ts'

const HELP = `Civic's side of the Secure Identity Platform, to develop Civic logins against.

Usage: civic-sip-sandbox [options]

  --port PORT     port to listen on (default: 4000; 0: a free one)
  --wallet-port PORT
                  port of the wallet's page (default: 4001; 0: a free one)
  --host ADDRESS  address to listen on (default: localhost; 0.0.0.0 to let a phone in)
  --allow-host NAME
                  answer to this host name too, say from another container; repeatable
  --state FILE    keep apps, people, keys and the blockchain in this file
  --esplora URL   use the blockchain behind this Esplora server, not one of its own
  --no-open       do not open the dashboard in a browser
  --verbose       print a line for each request
  --help          print this
`

interface Command extends SandboxOptions {
  readonly open: boolean
}

/** @throws Error that names a wrong argument; undefined if help was asked for */
function parse(args: string[]): Command | undefined {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '4000' },
      'wallet-port': { type: 'string', default: '4001' },
      host: { type: 'string', default: 'localhost' },
      'allow-host': { type: 'string', multiple: true, default: [] },
      state: { type: 'string' },
      esplora: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const { host, state, esplora } = values
  return {
    host,
    allowHosts: values['allow-host'],
    port: parsePort('--port', values.port),
    walletPort: parsePort('--wallet-port', values['wallet-port']),
    open: !values['no-open'],
    ...(state !== undefined && { state }),
    ...(esplora !== undefined && { esplora }),
    ...(values.verbose && { log: (line: string) => console.log(line) }),
  }
}

function parsePort(option: string, text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new Error(`${option}: a number from 0 to 65535`)
  return Number(text)
}

function announce(sandbox: Sandbox, host: string): void {
  const { appId, appSecret, prvKey, api, sipPublicKey } = sandbox.strategyOptions()
  if (!isLoopback(host)) {
    console.warn(
      '\n*** WARNING: this sandbox is for development, and now everybody on your network can reach it. ***\n' +
        '*** It lets anybody log in as anybody, and shows its secrets. Stop it when you are done.      ***\n',
    )
  }
  console.log(`Dashboard  ${sandbox.url}/
Wallet     ${sandbox.walletUrl}/
Ledger     ${sandbox.ledgerUrl}

A site of yours on this machine can use the app that is there from the start:

CIVIC_APP_ID=${appId}
CIVIC_APP_SECRET=${appSecret}
CIVIC_PRIVATE_KEY=${prvKey}
CIVIC_API=${api}
CIVIC_SIP_PUBLIC_KEY=${sipPublicKey}
CIVIC_SCRIPT=${sandbox.url}/js/civic.sip.min.js

Ctrl-C stops it.`)
}

async function openDashboard(url: string): Promise<void> {
  // No browser is no reason to stop: the address is on the terminal.
  const browser = await open(url).catch(() => undefined)
  browser?.on('error', () => undefined)
}

async function main(args: string[]): Promise<void> {
  let command: Command | undefined
  try {
    command = parse(args)
  } catch (error) {
    console.error(`${(error as Error).message}\nSee civic-sip-sandbox --help.`)
    process.exitCode = 2
    return
  }
  if (!command) {
    console.log(HELP)
    return
  }
  const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const { open, ...options } = command
  const sandbox = await createSandbox(options)
  announce(sandbox, options.host ?? '')
  if (open) await openDashboard(sandbox.url)
  await stop
  await sandbox.close()
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number }
  console.error(
    code === 'EADDRINUSE'
      ? `Port ${port} is in use, perhaps by another sandbox: try --port and --wallet-port with others, or with 0.`
      : message,
  )
  process.exitCode = 1
})
