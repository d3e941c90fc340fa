import { parseArgs } from 'node:util'

/** The commands of the server. */
export type CommandName = 'start' | 'check' | 'invite' | 'rotate-keys' | 'migrate' | 'cosign'

export interface Command {
  readonly run: CommandName
  /** The options that are set, such as `operator`. */
  readonly flags: ReadonlySet<string>
}

export type Parsed = { readonly run: 'help' } | { readonly run: 'version' } | Command

interface Described {
  readonly summary: string
  /** The description of each option, by name. */
  readonly flags: Readonly<Record<string, string>>
}

/** Every command, in the order in which an operator needs them. */
export const COMMANDS: Readonly<Record<CommandName, Described>> = {
  start: { summary: 'run the server until it is stopped', flags: {} },
  check: { summary: 'test the database, mail, ledger, clock and keys, and say what to do', flags: {} },
  invite: {
    summary: 'print a link for the owner of a new partner, valid for 24 hours',
    flags: { operator: 'for an operator of this server instead' },
  },
  'rotate-keys': {
    summary: 'make and publish the next key that signs tokens; sites then set both',
    flags: {
      activate: 'sign with the next key',
      drop: 'remove the previous key',
      compromised: 'replace every key in the database at once, because somebody may have read it',
    },
  },
  cosign: {
    summary: 'run a cosigner, which holds the second key of an attester, until it is stopped',
    flags: {
      'new-recovery-key': 'print the third key instead, to keep on paper',
      'new-authority': 'accept the server’s next keys instead, after rotate-keys --compromised',
    },
  },
  migrate: { summary: 'update the tables of the database, as start does', flags: {} },
}

const WIDTH = 22

export const HELP = `Civic's server of the Secure Identity Platform.

Usage: civic-sip-server COMMAND

${Object.entries(COMMANDS).map(described).join('\n')}
  ${'-h, --help'.padEnd(WIDTH)}print this
  ${'--version'.padEnd(WIDTH)}print the version

Environment variables configure it: PUBLIC_URL, WALLET_URL and SIP_SECRET are required, docs/hosting.md lists all.
`

/** @throws Error that names a wrong argument */
export function parse(args: readonly string[]): Parsed {
  const flags = Object.values(COMMANDS).flatMap((command) => Object.keys(command.flags))
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
      ...Object.fromEntries(flags.map((flag) => [flag, { type: 'boolean' as const }])),
    },
  })
  const { help, version, ...others } = values
  if (help) return { run: 'help' }
  if (version) return { run: 'version' }
  const [name, ...more] = positionals
  if (name === undefined) throw new Error('Name a command, such as: civic-sip-server start')
  if (!isCommand(name)) throw new Error(`There is no command ${JSON.stringify(name.slice(0, 40))}`)
  if (more.length > 0) throw new Error(`${name}: it takes no further words`)
  const set = Object.keys(others)
  const wrong = set.find((flag) => !(flag in COMMANDS[name].flags))
  if (wrong !== undefined) throw new Error(`${name}: --${wrong} is an option of another command`)
  return { run: name, flags: new Set(set) }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

function described([name, { summary, flags }]: [string, Described]): string {
  const lines = Object.entries(flags).map(([flag, does]) => `    ${`--${flag}`.padEnd(WIDTH - 2)}${does}`)
  return [`  ${name.padEnd(WIDTH)}${summary}`, ...lines].join('\n')
}
