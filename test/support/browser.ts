import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
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

let shared: Promise<Browser> | undefined
let isShared = false

/** From now on, this process starts one Chromium and keeps it: closing it only closes its contexts. */
export function shareChromium(): void {
  isShared = true
}

/**
 * A headless Chromium, or undefined if none is installed.
 * @param switches command-line switches. With any, the browser is not shared
 */
export function startChromium(switches: readonly string[] = []): Promise<Browser> | undefined {
  const executablePath = findProgram('CHROME_PATH', names)
  if (executablePath === undefined) return undefined
  const start = () => chromium.launch({ executablePath, args: [...args, ...switches] })
  return isShared && switches.length === 0 ? (shared ??= start().then(kept)) : start()
}

function kept(browser: Browser): Browser {
  browser.close = async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  }
  return browser
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
