import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { HELP, parse } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { readConfig } from './config.ts'
import type { Config } from './config.ts'
import { readCosignerConfig } from './cosigner/config.ts'
import { newRecoveryKey } from './cosigner/cosign.ts'
import { replaceAuthority, serveCosigner } from './cosigner/serve.ts'
import { openSip } from './open-sip.ts'
import { askRunning, failed } from './operations/admin-socket.ts'
import type { Said } from './operations/admin-socket.ts'
import { logFailure, safeMessage } from './operations/describe-error.ts'
import { ServerLog } from './operations/logger.ts'
import { Metrics } from './operations/metrics.ts'
import { runRecover } from './recovery/command.ts'
import { serve } from './serve.ts'

async function main(args: readonly string[]): Promise<void> {
  let parsed: Parsed
  try {
    parsed = parse(args)
  } catch (error) {
    console.error(`${(error as Error).message}\nSee civic-sip-server --help.`)
    process.exitCode = 2
    return
  }
  if (parsed.run === 'help') console.log(HELP)
  else if (parsed.run === 'version') console.log(version())
  else await run(parsed)
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

async function run(command: Command): Promise<void> {
  if (command.run === 'cosign') {
    await cosign(command)
    return
  }
  if (command.run === 'recover') {
    print(await runRecover(command, process))
    return
  }
  const { config, warnings } = readConfig(process.env)
  if (command.run === 'start') {
    await runUntilStopped(config, warnings)
    return
  }
  print(await said(config, command))
}

function print({ lines, isDone }: Said): void {
  for (const line of lines) console.log(line)
  if (!isDone) process.exitCode = 1
}

async function runUntilStopped(config: Config, warnings: readonly string[]): Promise<void> {
  const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const running = await serve(config, { warnings })
  await stop
  // A second signal stops at once
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  if (!(await running.stop())) process.exitCode = 1
}

/** Making a new key needs no environment: the machine may never be online. */
async function cosign({ flags }: Command): Promise<void> {
  if (flags.has('new-recovery-key')) {
    const { xprv, xpub } = newRecoveryKey()
    console.log(`Write this down, and keep it offline:\n${xprv}\n\nRECOVERY_XPUB=${xpub}`)
    return
  }
  const { config, warnings } = readCosignerConfig(process.env)
  if (flags.has('new-authority')) {
    const isReplaced = await replaceAuthority(config)
    console.log(
      isReplaced
        ? 'The next server that calls is the authority. The former one may only revoke.'
        : 'No server has called yet: the first one that does is the authority.',
    )
    return
  }
  const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  for (const warning of warnings) console.warn(warning)
  const running = await serveCosigner(config, (line) => console.warn(line))
  console.log(`civic-sip-server cosign serves ${running.origin}`)
  await stop
  await running.close()
}

/** With the embedded database, the running server executes the command; without a server, this process does. */
async function said(config: Config, { run: name, flags }: Command): Promise<Said> {
  const { dataFolder } = config
  const running = dataFolder === undefined ? undefined : await askRunning(dataFolder, name, flags)
  if (running) return running
  const open = await openSip(config, { log: new ServerLog('warn', process.stderr), metrics: new Metrics() })
  try {
    return (await open.acts[name]?.(flags)) ?? { lines: [`There is no ${name}.`], isDone: false }
  } catch (error) {
    return failed(error)
  } finally {
    await open.close()
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const message = error instanceof Error ? safeMessage(error) : undefined
  if (message === undefined) logFailure(error)
  else console.error(message)
  process.exitCode = 1
})
