import { parseArgs } from 'node:util'

/** The commands of the server. */
export type CommandName = 'start' | 'check' | 'invite' | 'rotate-keys' | 'migrate' | 'cosign' | 'recover'

export interface Command {
  readonly run: CommandName
  /** The options that are set, such as `operator`. */
  readonly flags: ReadonlySet<string>
  /** The values of the other options, such as `to`. */
  readonly values: Readonly<Record<string, string>>
}

export type Parsed = { readonly run: 'help' } | { readonly run: 'version' } | Command

interface Described {
  readonly summary: string
  /** The description of each option, by name. */
  readonly flags: Readonly<Record<string, string>>
  /** The options that have a value: what the value is, and the description. */
  readonly values?: Readonly<Record<string, readonly [what: string, does: string]>>
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
  recover: {
    summary: "move the attester's money to another address if one of its three keys is lost",
    values: { to: ['ADDRESS', 'the address to pay to; asks for the recovery key'] },
    flags: {
      yes: 'move it without a question',
      cosigner: 'on the cosigner’s machine, because the server is lost',
      'new-cosigner': 'accept another cosigner at the next start instead, because the cosigner is lost',
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
  const all = Object.values(COMMANDS)
  const flags = all.flatMap((command) => Object.keys(command.flags))
  const valued = all.flatMap((command) => Object.keys(command.values ?? {}))
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
      ...Object.fromEntries(flags.map((flag) => [flag, { type: 'boolean' as const }])),
      ...Object.fromEntries(valued.map((option) => [option, { type: 'string' as const }])),
    },
  })
  const { help, version, ...others } = values
  if (help) return { run: 'help' }
  if (version) return { run: 'version' }
  const [name, ...more] = positionals
  if (name === undefined) throw new Error('Name a command, such as: civic-sip-server start')
  if (!isCommand(name)) throw new Error(`There is no command ${JSON.stringify(name.slice(0, 40))}`)
  if (more.length > 0) throw new Error(`${name}: it takes no further words`)
  const own = { ...COMMANDS[name].flags, ...COMMANDS[name].values }
  const wrong = Object.keys(others).find((option) => !(option in own))
  if (wrong !== undefined) throw new Error(`${name}: --${wrong} is an option of another command`)
  const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'
  const given = Object.entries(others)
  return {
    run: name,
    flags: new Set(given.filter((entry) => !isText(entry)).map(([flag]) => flag)),
    values: Object.fromEntries(given.filter(isText)),
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

function described([name, { summary, flags, values = {} }]: [string, Described]): string {
  const options = [
    ...Object.entries(values).map(([option, [what, does]]) => [`--${option} ${what}`, does]),
    ...Object.entries(flags).map(([flag, does]) => [`--${flag}`, does]),
  ]
  const lines = options.map(([option = '', does = '']) => `    ${option.padEnd(WIDTH - 2)}${does}`)
  return [`  ${name.padEnd(WIDTH)}${summary}`, ...lines].join('\n')
}
