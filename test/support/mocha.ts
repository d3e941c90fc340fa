/** Mocha loads this before the tests, in its process and in each worker. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserServer } from 'playwright-core'
import { SHARED_CHROMIUM, startChromiumServer } from './browser.ts'

// Mocha's pool sends SIGTERM to a worker that takes over a second to end, which would lose the coverage that Node
// writes at the end
process.once('SIGTERM', () => process.exit())

let chromium: Promise<BrowserServer> | undefined
let desk: Server

/** One Chromium for the whole run: the first file that needs it starts it, and all files get its address. */
export async function mochaGlobalSetup(): Promise<void> {
  desk = createServer((_req, res) => {
    chromium ??= startChromiumServer()
    chromium.then(
      (server) => res.end(server.wsEndpoint()),
      (error: unknown) => res.writeHead(500).end(String(error)),
    )
  }).listen(0, '127.0.0.1')
  await once(desk, 'listening')
  process.env[SHARED_CHROMIUM] = `http://127.0.0.1:${(desk.address() as AddressInfo).port}`
}

export async function mochaGlobalTeardown(): Promise<void> {
  const { closeIdleDatabases } = await import('./lent-database.ts')
  await closeIdleDatabases()
  desk.close()
  desk.closeAllConnections()
  await (await chromium?.catch(() => undefined))?.close()
}
