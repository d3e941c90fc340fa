import type { Command } from '../command.ts'
import { readConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { readCosignerConfig } from '../cosigner/config.ts'
import { askRunning, said } from '../operations/admin-socket.ts'
import type { Said } from '../operations/admin-socket.ts'
import { recoverOnCosigner, recoverOnServer, replaceCosigner } from './machines.ts'
import { RecoveryError } from './recover.ts'
import { openTerminal } from './terminal.ts'
import type { TerminalInput } from './terminal.ts'

/** What a process has. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly stdin: TerminalInput
  readonly stdout: NodeJS.WritableStream
}

/**
 * Runs `recover`. The cosigner may be lost, so it opens the database alone.
 *
 * @returns what is left to print
 * @throws RecoveryError; ConfigError; FileInUse; SealError; LedgerUnavailable
 */
export async function runRecover(
  { flags, values }: Pick<Command, 'flags' | 'values'>,
  { env, stdin, stdout }: Surroundings,
): Promise<Said> {
  const { to } = values
  if (flags.has('new-cosigner')) {
    if (flags.size > 1 || to !== undefined) throw new RecoveryError('recover: --new-cosigner stands alone')
    return onStoppedServer(env, flags, async (config) => {
      await replaceCosigner(config)
      return said('The next start accepts the cosigner that COSIGNER_URL then names.')
    })
  }
  if (to === undefined) throw new RecoveryError('recover: name the address to pay to: --to ADDRESS')
  const dialog = openTerminal(stdin, stdout)
  const wish = { to, isSure: flags.has('yes'), dialog }
  try {
    if (flags.has('cosigner')) {
      await recoverOnCosigner(readCosignerConfig(env).config, wish)
      return said()
    }
    return await onStoppedServer(env, flags, async (config) => {
      await recoverOnServer(config, wish)
      return said()
    })
  } finally {
    dialog.close()
  }
}

/** A server that runs on the embedded database refuses. */
async function onStoppedServer(
  env: NodeJS.ProcessEnv,
  flags: ReadonlySet<string>,
  act: (config: Config) => Promise<Said>,
): Promise<Said> {
  const { config } = readConfig(env)
  const { dataFolder } = config
  const running = dataFolder === undefined ? undefined : await askRunning(dataFolder, 'recover', flags)
  return running ?? act(config)
}
