import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { createHandler } from '../../sip/lib/http/handler.ts'

describe('sip: an error', () => {
  let server: Server
  let url: string
  before(async () => {
    const options = { hosts: ['localhost'], trustProxy: false, log: undefined, before: undefined }
    server = createServer(createHandler({ ...options, routes: [] })).listen(0, 'localhost')
    await once(server, 'listening')
    url = `http://localhost:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  const ask = (path: string, accept?: string): Promise<Response> =>
    fetch(url + path, accept === undefined ? {} : { headers: { Accept: accept } })

  it('is JSON for programs', async () => {
    for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html']) {
      const response = await ask('/nothing', accept)
      assert.equal(response.status, 404)
      assert.deepEqual(await response.json(), { statusCode: 404, message: 'there is nothing at /nothing' })
      assert.match(response.headers.get('vary') ?? '', /accept/i)
    }
  })

  it('is a page for browsers, in which nothing of the address becomes markup', async () => {
    const response = await ask(`/%3Cimg%20src=x%3E'"<b>`, 'text/html,application/xhtml+xml,*/*;q=0.8')
    assert.equal(response.status, 404)
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    const text = await response.text()
    assert.match(text, /There is nothing at /)
    assert.doesNotMatch(text, /<img|<b>/)
  })
})
