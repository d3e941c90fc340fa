import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fuzz, routesOf } from '../support/fuzz.ts'
import { FakeSip } from '../support/sip.ts'
import { OWN, sessionCookie, startSite } from './site.ts'

describe('example: hostile input', () => {
  it('makes no route fail or write to the log', async () => {
    const site = await startSite()
    const another = await new FakeSip().start()
    const server = createServer(site.app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const cookie = sessionCookie(await site.enter(site.browser()))
      const material = {
        bodies: [
          [/civic/, { authToken: await site.sandbox.authCode(), returnTo: '/account' }],
          [/civic/, { authToken: another.token(), returnTo: '/account' }],
          [/unlink/, { userId: 'x' }],
        ],
        parameters: {},
        headers: [
          { ...OWN, Cookie: cookie, Accept: 'text/html' },
          { ...OWN, Cookie: 'sid=s%3A%00; sid=%E0%A4%A', Accept: 'x/y' },
          { Origin: 'null', Cookie: '__proto__=1' },
        ],
      } as const
      const routes = routesOf(site.app)
      assert.ok(routes.length >= 7, `${routes.length} routes`)
      for (const route of routes) {
        await fuzz(url, route, material, ({ status, text }, sent) => {
          assert.ok(status < 500, `${status} to ${sent}`)
          assert.doesNotMatch(text, /node_modules|\bat .*\.[jt]s:\d+/, sent)
        })
      }
      assert.deepEqual(site.logged, [])
    } finally {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await another.stop()
      await site.close()
    }
  })
})
