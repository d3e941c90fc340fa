import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, BrowserServer } from 'playwright-core'
import { missing } from './missing.ts'

// The first draws no window, and uses half of the others' processor time
const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
]
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

/** The environment variable with the URL that tells where the run's Chromium is (mocha.ts). */
export const SHARED_CHROMIUM = 'TEST_CHROMIUM'

/** Starts a headless Chromium that several processes use. */
export function startChromiumServer(): Promise<BrowserServer> {
  const executablePath = findProgram('CHROME_PATH', names)
  return chromium.launchServer({ ...(executablePath && { executablePath }), args, host: '127.0.0.1' })
}

/**
 * A headless Chromium, or undefined if none is installed. If the run shares one, closing only disconnects from it.
 * @param switches command-line switches. With any, the browser is not shared
 */
export function startChromium(switches: readonly string[] = []): Promise<Browser> | undefined {
  const executablePath = findProgram('CHROME_PATH', names)
  if (executablePath === undefined) return undefined
  const shared = switches.length > 0 ? undefined : process.env[SHARED_CHROMIUM]
  return shared === undefined
    ? chromium.launch({ executablePath, args: [...args, ...switches] })
    : connect(shared)
}

async function connect(shared: string): Promise<Browser> {
  const response = await fetch(shared)
  const answer = await response.text()
  if (!response.ok) throw new Error(answer)
  return chromium.connect(answer)
}

/**
 * A headless Chromium for a test file. Without one, the tests of `context` are skipped with one
 * line that says so; with CI=true that is an error instead.
 */
export async function launchChromium(
  context: Mocha.Context,
  switches: readonly string[] = [],
): Promise<Browser> {
  return (await startChromium(switches)) ?? missing(context, 'Chromium', 'chromium', 'CHROME_PATH')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return path !== ''
  } catch {
    return false
  }
}
