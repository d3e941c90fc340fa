import assert from 'node:assert/strict'
import express from 'express'
import type { RequestHandler } from 'express'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import { DirectRequests, MemoryDirectStore } from '../../lib/direct/index.ts'
import { send, serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'
import { OPTIONS } from '../support/shop.ts'

// It has the same types, but no package of them
const express4 = createRequire(import.meta.url)('express4') as typeof express

let direct: DirectRequests
const headers = { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/json' }

async function post(
  body: string | Uint8Array,
  before: RequestHandler[],
  app = express(),
): Promise<[status: number, code?: string]> {
  app.use(...before, direct.routes)
  const site = await serve(app)
  try {
    const { status, text } = await send(site.port, { method: 'POST', path: '/civic/start', headers, body })
    const { code } = JSON.parse(text) as { code?: string }
    return code === undefined ? [status] : [status, code]
  } finally {
    await site.close()
  }
}

describe('the body of a request', () => {
  beforeEach(() => {
    direct = new DirectRequests(OPTIONS)
  })

  const body = JSON.stringify({ channel: 'scan' })
  const pass: RequestHandler = (_req, _res, next) => next()

  it('is read if no parser has read it', async () => assert.deepEqual(await post(body, [pass]), [201]))

  it("may have been read by the app's own parser", async () => {
    assert.deepEqual(await post(body, [express.json()]), [201])
    assert.deepEqual(await post('{}', [express.json()]), [400, 'CHANNEL'])
  })

  it('may be given by a host whose stream is empty', async () => {
    const given: RequestHandler = (req, _res, next) => {
      req.body = { channel: 'scan' }
      next()
    }
    assert.deepEqual(await post('', [given]), [201])
  })

  for (const [type, status] of [
    ['application/json', 201],
    ['Application/JSON ; charset=utf-8', 201],
    ['application/jsonp', 415],
    ['application/json-seq;x', 415],
    ['x application/json', 415],
  ] as const) {
    it(`is JSON by its type: ${type} gets ${status}`, async () => {
      const site = await serve((req, res) => direct.routes(req, res, () => res.end()))
      try {
        const options = { method: 'POST', path: '/civic/start', body }
        const reply = await send(site.port, { ...options, headers: { ...headers, 'Content-Type': type } })
        assert.equal(reply.status, status)
      } finally {
        await site.close()
      }
    })
  }

  it('of any bytes but UTF-8 is refused', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"channel":"scan","more":"'),
      Buffer.of(0xff),
      Buffer.from('"}'),
    ])
    assert.deepEqual(await post(bytes, [pass]), [400, 'UNREADABLE'])
  })

  it("is read if Express 4's parser for another type left an empty object", async () => {
    assert.deepEqual(await post(body, [express4.urlencoded({ extended: true })], express4()), [201])
  })

  it('that a parser turned into an array is refused', async () => {
    assert.deepEqual(await post('[1]', [express.json()]), [400, 'UNREADABLE'])
  })

  it('below another path of the app is found by its whole path', async () => {
    const app = express()
    app.use('/civic', direct.routes)
    const site = await serve(app)
    try {
      assert.equal(
        (await send(site.port, { method: 'POST', path: '/civic/start', headers, body })).status,
        201,
      )
    } finally {
      await site.close()
    }
  })

  it('that breaks off is not an error of the app, and starts nothing', async () => {
    const store = new MemoryDirectStore()
    const { routes } = new DirectRequests({ ...OPTIONS, store })
    let settle: (error: unknown) => void = () => undefined
    const settled = new Promise((resolve) => (settle = resolve))
    let reach: () => void = () => undefined
    const reached = new Promise<void>((resolve) => (reach = resolve))
    const site = await serve((req, res) => {
      res.once('close', () => settle('closed'))
      routes(req, res, settle)
      reach()
    })
    try {
      const options = {
        method: 'POST',
        path: '/civic/start',
        headers: { ...headers, 'Content-Length': '100' },
      }
      const req = request({ port: site.port, host: '127.0.0.1', ...options })
      req.on('error', () => undefined)
      req.write(body)
      await reached
      req.destroy()
      assert.equal(await settled, 'closed')
      await setImmediate()
      assert.equal(store.size, 0)
    } finally {
      await site.close()
    }
  })

  describe('has 2 MiB at most', () => {
    const MIB_2 = 2 * 1024 * 1024
    let site: Listening
    before(async () => {
      site = await serve((req, res) => direct.routes(req, res, () => res.end()))
    })
    after(() => site.close())

    /** Sends so many bytes, and keeps the connection if it may. */
    const sized = async (size: number, more: Record<string, string>) => {
      const options = { method: 'POST', path: '/civic/start', headers: { ...headers, ...more } }
      const req = request({ port: site.port, host: '127.0.0.1', ...options })
      req.on('error', () => undefined)
      const responded = once(req, 'response') as Promise<[IncomingMessage]>
      req.write(`${body.slice(0, -1)},"more":"`.padEnd(size - 2, 'x'))
      req.end('"}')
      const [{ statusCode, headers: said }] = await responded
      req.destroy()
      return [statusCode, said.connection]
    }

    for (const [what, size, status, connection] of [
      ['that many', MIB_2, 201, 'keep-alive'],
      ['one byte more', MIB_2 + 1, 413, 'close'],
    ] as const) {
      it(`with a stated length: ${what}`, async () => {
        const stated = { 'Content-Length': String(size), Connection: 'keep-alive' }
        assert.deepEqual(await sized(size, stated), [status, connection])
      })

      it(`without a stated length: ${what}`, async () => {
        assert.deepEqual(await sized(size, { Connection: 'keep-alive' }), [status, connection])
      })
    }
  })
})
