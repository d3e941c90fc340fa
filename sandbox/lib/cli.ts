import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import open from 'open'
import { HELP, parse } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { envLines, writeEnvFile } from './env-file.ts'
import { explain } from './explain.ts'
import { isLoopback } from './hosts.ts'
import { init } from './init.ts'
import { phoneNote } from './phone.ts'
import { createSandbox } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

function announce(sandbox: Sandbox, { host, phone, env }: Command): void {
  if (!isLoopback(host) || phone !== undefined) {
    console.warn(
      '\n*** WARNING: this sandbox is for development, and now everybody on your network can reach it. ***\n' +
        '*** It lets anybody log in as anybody, and shows its secrets. Stop it when you are done.      ***\n',
    )
  }
  console.log(`Dashboard  ${sandbox.url}/
Wallet     ${sandbox.walletUrl}/
Ledger     ${sandbox.ledgerUrl}

A site on this machine can use the sandbox's first app:

${env === undefined ? envLines(sandbox).join('\n') : `its variables are in ${env}: node --env-file=${env} app.js`}

Ctrl-C stops it.`)
  if (phone !== undefined) console.log(`\n${phoneNote(sandbox.walletUrl)}`)
}

async function openDashboard(url: string): Promise<void> {
  // A missing browser is not an error: the address is on the terminal.
  const browser = await open(url).catch(() => undefined)
  browser?.on('error', () => undefined)
}

async function main(args: readonly string[]): Promise<void> {
  let parsed: Parsed
  try {
    parsed = parse(args)
  } catch (error) {
    console.error(`${(error as Error).message}\nSee civic-sip-sandbox --help.`)
    process.exitCode = 2
    return
  }
  if (parsed.run === 'help') console.log(HELP)
  else if (parsed.run === 'version') console.log(version())
  else if (parsed.run === 'init') await init(parsed.folder, parsed.install)
  else await runSandbox(parsed.command)
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

async function runSandbox(command: Command): Promise<void> {
  const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const { open, env, beside, ...options } = command
  let sandbox: Sandbox
  try {
    sandbox = await createSandbox(options)
  } catch (error) {
    throw new Error(explain(error, command), { cause: error })
  }
  try {
    if (env !== undefined) writeEnvFile(env, sandbox)
    announce(sandbox, command)
    if (open) await openDashboard(sandbox.url)
    await (beside === undefined ? stop : runBeside(beside, stop))
  } finally {
    await sandbox.close()
  }
}

/** Runs a program. This process ends with its exit code; `stop` ends the program. */
async function runBeside([program = '', ...args]: readonly string[], stop: Promise<unknown>): Promise<void> {
  const child = spawn(program, args, { stdio: 'inherit' })
  const ended = once(child, 'close').then(([code]) => {
    process.exitCode = (code as number | null) ?? 0
  })
  await Promise.race([ended, stop])
  child.kill()
  await ended
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error((error as Error).message)
  process.exitCode = 1
})
