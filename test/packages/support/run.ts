import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** Of npm, what would reach back into this repository from a folder outside of it. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE_(?:OPTIONS|V8_COVERAGE)$|^INIT_CWD$/.test(name),
  ),
)

/**
 * Runs a program to its end.
 *
 * @returns its standard output
 * @throws Error with all that it printed, if it fails
 */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await exec(program, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${[program, ...args].join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}

/** Runs npm; of what is in its cache, nothing is asked for again. */
export function npm(args: readonly string[], cwd: string): Promise<string> {
  return run('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], cwd)
}
