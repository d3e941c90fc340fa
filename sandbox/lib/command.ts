import { parseArgs } from 'node:util'
import { EsploraLedger } from 'civic-attestations'
import { lanAddress } from './phone.ts'
import type { SandboxOptions } from './sandbox-options.ts'

export const HELP = `Civic's side of the Secure Identity Platform, to develop Civic logins against.

Usage: civic-sip-sandbox [options] [-- COMMAND]
         runs until Ctrl-C, or until COMMAND, say a site that uses it, ends
       civic-sip-sandbox init FOLDER [--no-install]
         writes a site that logs people in, and its tests, into a new folder, installs and starts it

  -p, --port PORT  port to listen on (default: 4000; 0: a free one)
  --wallet-port PORT
                   port of the wallet's page (default: 4001; 0: a free one)
  --host ADDRESS   address to listen on (default: localhost)
  --phone          let a phone of the local network in: print this machine's address there and
                   its QR code, and use it for CivicJS, codes and allowed domains
  --allow-host NAME
                   answer to this host name too, say from another container; repeatable
  --state FILE     keep apps, people, keys and the blockchain in this file
  --env FILE       write what a site needs, CIVIC_APP_ID and so on, to this file
  --esplora URL    use the blockchain behind this Esplora server, not a private one
  --no-open        do not open the dashboard in a browser
  --verbose        print a line for each request
  -h, --help       print this
  --version        print the version
`

/** The parsed command line. */
export interface Command extends SandboxOptions {
  readonly host: string
  readonly port: number
  readonly walletPort: number
  readonly open: boolean
  readonly env?: string
  /** The program to run with the sandbox, and its arguments. */
  readonly beside?: readonly string[]
}

export type Parsed =
  | { readonly run: 'help' }
  | { readonly run: 'version' }
  | { readonly run: 'init'; readonly folder: string; readonly install: boolean }
  | { readonly run: 'sandbox'; readonly command: Command }

/**
 * @param lan this machine's address in the local network
 * @throws Error that names the wrong argument
 */
export function parse(args: readonly string[], lan = lanAddress): Parsed {
  const end = args.indexOf('--')
  const beside = end < 0 ? [] : args.slice(end + 1)
  const { values, positionals } = parseArgs({
    args: end < 0 ? [...args] : args.slice(0, end),
    allowPositionals: true,
    options: {
      port: { type: 'string', short: 'p', default: '4000' },
      'wallet-port': { type: 'string', default: '4001' },
      host: { type: 'string', default: 'localhost' },
      phone: { type: 'boolean', default: false },
      'allow-host': { type: 'string', multiple: true, default: [] },
      state: { type: 'string' },
      env: { type: 'string' },
      esplora: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      'no-install': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  })
  if (values.help) return { run: 'help' }
  if (values.version) return { run: 'version' }
  const [word, folder, ...more] = positionals
  if (word === 'init' && folder !== undefined && more.length === 0) {
    return { run: 'init', folder, install: !values['no-install'] }
  }
  if (word === 'init') throw new Error('init: name one folder, such as: civic-sip-sandbox init my-site')
  if (word !== undefined) throw new Error(`There is no command ${JSON.stringify(word)}`)
  const { host, state, env, esplora } = values
  if (esplora !== undefined) checkEsplora(esplora)
  const command = {
    host,
    allowHosts: values['allow-host'],
    port: parsePort('--port', values.port),
    walletPort: parsePort('--wallet-port', values['wallet-port']),
    open: !values['no-open'],
    ...(values.phone && { phone: lan() }),
    ...(state !== undefined && { state }),
    ...(env !== undefined && { env }),
    ...(esplora !== undefined && { esplora }),
    ...(beside.length > 0 && { beside }),
    ...(values.verbose && { log: (line: string) => console.log(line) }),
  }
  return { run: 'sandbox', command }
}

function parsePort(option: string, text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new Error(`${option}: a number from 0 to 65535`)
  return Number(text)
}

function checkEsplora(url: string): void {
  try {
    new EsploraLedger(url)
  } catch {
    throw new Error('--esplora: an https URL, or http to this machine, such as https://blockstream.info/api')
  }
}
