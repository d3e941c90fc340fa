/** Mocha loads this before the tests, in its process and in each worker. */
import process from 'node:process'
import { shareChromium } from './browser.ts'

// Mocha's pool sends SIGTERM to a worker that takes over a second to end, which would lose the coverage that Node
// writes at the end
process.once('SIGTERM', () => process.exit())

// Starting one takes as long as several tests. Playwright ends it with the process
shareChromium()

export async function mochaGlobalTeardown(): Promise<void> {
  const { closeIdleDatabases } = await import('./lent-database.ts')
  await closeIdleDatabases()
}
