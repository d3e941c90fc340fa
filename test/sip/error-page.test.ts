import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { createHandler } from '../../sip/lib/http/handler.ts'

const OWN: Readonly<Record<string, [error: unknown, status: number]>> = {
  'that its database refuses connections': [withCode('ECONNREFUSED'), 503],
  'that its database stops': [withCode('57P01'), 503],
  'that the disk of its database is full': [withCode('53100'), 503],
  'that a connection broke': [new Error('Connection terminated unexpectedly'), 503],
  'that no connection came': [new Error('timeout exceeded when trying to connect'), 503],
  'a mistake in a statement': [withCode('42601'), 500],
  'a mistake in the program': [new TypeError('x is not a function'), 500],
  'no error': ['ECONNREFUSED', 500],
}

function withCode(code: string): Error {
  return Object.assign(new Error('connect to db.example.org'), { code })
}

describe('sip: an error', () => {
  const failures: unknown[] = []
  let server: Server
  let url: string
  before(async () => {
    const handler = createHandler({
      hosts: ['localhost'],
      trustProxy: false,
      log: undefined,
      observer: { failed: (error) => failures.push(error) },
      before: (req, _res, next) => next(OWN[decodeURIComponent(req.url!.slice(1))]?.[0]),
      routes: [],
    })
    server = createServer(handler).listen(0, 'localhost')
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

  for (const [what, [error, status]] of Object.entries(OWN)) {
    it(`is ${status}, logged and not quoted, where the server cannot go on: ${what}`, async () => {
      const response = await ask(`/${what}`)
      const { message } = (await response.json()) as { message: string }
      assert.equal(response.status, status)
      assert.equal(response.headers.get('retry-after'), status === 503 ? '5' : null)
      assert.doesNotMatch(message, /example|ECONN|function/)
      assert.equal(failures.pop(), error)
    })
  }

  it('is a page for browsers, without markup from the address', async () => {
    const response = await ask(`/%3Cimg%20src=x%3E'"<b>`, 'text/html,application/xhtml+xml,*/*;q=0.8')
    assert.equal(response.status, 404)
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    const text = await response.text()
    assert.match(text, /There is nothing at /)
    assert.doesNotMatch(text, /<img|<b>/)
  })
})
