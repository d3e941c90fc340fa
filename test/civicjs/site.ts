import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import express from 'express'

const pages = new URL('pages/', import.meta.url)
const hosted = 'https://hosted-sip.civic.com'
/** What the pages have for an appId; one of them is that of Civic's documentation. */
const appIds = /YOUR_APP_ID|CO-ABCDEFG1230934545/g
const require = createRequire(import.meta.url)

export interface Site {
  origin: string
  /** What arrived at `POST /login`, newest last: the token, wherever the page put it, and how it was sent. */
  logins: { token: string; as: string }[]
  close: () => Promise<void>
}

/**
 * A site of 2018: the pages of this folder, with nothing changed but the two URLs of the script and the style
 * sheet, and the appId. `html` adds pages made by a test, by path.
 */
export async function startSite(
  civic: { url: string; appId: string },
  html: Record<string, string> = {},
): Promise<Site> {
  const app = express()
  const logins: Site['logins'] = []
  app.use(express.json(), express.urlencoded(), express.text({ type: '*/*' }))
  app.post('/login', (req, res) => {
    const login = tokenOf(req.body)
    logins.push(login)
    res.json({ userId: 'invented' })
  })
  for (const [path, [name, file]] of Object.entries(libraries)) {
    app.get(path, (_req, res) => {
      res.sendFile(join(dirname(require.resolve(`${name}/package.json`)), file))
    })
  }
  app.get('/:page.html', async (req, res) => {
    const name = `${req.params.page}.html`
    const text = html[name] ?? (await readFile(new URL(name, pages), 'utf8'))
    res.type('html').send(text.replaceAll(hosted, civic.url).replaceAll(appIds, civic.appId))
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    logins,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Old libraries as old sites had them: one file in a script tag. */
const libraries: Record<string, [string, string]> = {
  '/lib/jquery.js': ['jquery', 'dist/jquery.js'],
  '/lib/angular.js': ['angular', 'angular.js'],
  '/lib/react.js': ['react', 'umd/react.production.min.js'],
  '/lib/react-dom.js': ['react-dom', 'umd/react-dom.production.min.js'],
  '/lib/vue.js': ['vue', 'dist/vue.global.prod.js'],
}

/** The token in any of the forms that sites posted it in (docs/protocol.md#site-integrations). */
function tokenOf(body: unknown): { token: string; as: string } {
  if (typeof body === 'string') return { token: body, as: 'text' }
  const [as = 'nothing', token] = Object.entries(body as Record<string, unknown>)[0] ?? []
  return { token: String(token), as }
}
