import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { ScopeRequests } from 'passport-civic-sip/user-data'
import { createSite } from '../../example/src/app.ts'
import { MIGRATIONS } from '../../example/src/database.ts'
import { lendDatabase } from '../support/lent-database.ts'

/** The example site and the sandbox it logs people in with, as people reach them. */
export interface House {
  readonly sandbox: Sandbox
  /** On the white list of the site's app, and at the same port, not on it. */
  readonly siteUrl: string
  readonly strangeUrl: string
  close: () => Promise<void>
}

export async function openHouse(): Promise<House> {
  const sandbox = await createSandbox()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const siteUrl = `http://localhost:${port}`
  const { appId } = sandbox.createApp({
    name: 'Fernhill',
    whitelist: [siteUrl],
    scopes: Object.keys(ScopeRequests),
  })
  const site = await createSite({
    civic: sandbox.strategyOptions(appId),
    scriptUrl: `${sandbox.url}/js/civic.sip.min.js`,
    direct: { ...sandbox.directOptions(), origin: siteUrl },
    database: await lendDatabase(MIGRATIONS),
    sessionSecrets: ['a secret for tests, of 32 characters'],
  })
  server.on('request', site.app)
  return {
    sandbox,
    siteUrl,
    strangeUrl: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await site.close()
      await sandbox.close()
    },
  }
}
