import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { missing } from './missing.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The path of a program: what the environment variable names, or the first of `programs` on PATH. */
export function findProgram(variable: string, programs: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = programs.flatMap((program) => folders.map((folder) => join(folder, program)))
  return [process.env[variable] ?? '', ...candidates].find(isExecutable)
}

/** Starts a headless Chromium; undefined where there is none. */
export function startChromium(): Promise<Browser> | undefined {
  const executablePath = findProgram('CHROME_PATH', names)
  return executablePath === undefined ? undefined : chromium.launch({ executablePath, args })
}

/**
 * Starts a headless Chromium for a test file. Where there is none, the tests of `context` are skipped with one
 * line that says so; with CI=true that is an error instead.
 */
export async function launchChromium(context: Mocha.Context): Promise<Browser> {
  return (await startChromium()) ?? missing(context, 'Chromium', 'chromium', 'CHROME_PATH')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return path !== ''
  } catch {
    return false
  }
}
