import assert from 'node:assert/strict'
import express from 'express'
import type { RequestHandler } from 'express'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { DirectRequests } from '../../lib/direct/index.ts'
import { send, serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'
import { OPTIONS } from '../support/shop.ts'

// It has the same types, but no package of them
const express4 = createRequire(import.meta.url)('express4') as typeof express

const direct = new DirectRequests(OPTIONS)
const headers = { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/json' }

async function post(body: string, before: RequestHandler[], app = express()): Promise<number> {
  app.use(...before, direct.routes)
  const site = await serve(app)
  try {
    return (await send(site.port, { method: 'POST', path: '/civic/start', headers, body })).status
  } finally {
    await site.close()
  }
}

describe('the body of a request', () => {
  const body = JSON.stringify({ channel: 'scan' })
  const pass: RequestHandler = (_req, _res, next) => next()

  it('is read where nobody has', async () => assert.equal(await post(body, [pass]), 201))

  it("may have been read by the app's own parser", async () => {
    assert.equal(await post(body, [express.json()]), 201)
    assert.equal(await post('{}', [express.json()]), 400)
  })

  it("is read where Express 4's parser for another type left an empty object", async () => {
    assert.equal(await post(body, [express4.urlencoded({ extended: true })], express4()), 201)
  })

  it('that a parser made an array of is refused', async () => {
    assert.equal(await post('[1]', [express.json()]), 400)
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

  it('that breaks off is no error of the app', async () => {
    let settle: (error: unknown) => void = () => undefined
    const settled = new Promise((resolve) => (settle = resolve))
    let reach: () => void = () => undefined
    const reached = new Promise<void>((resolve) => (reach = resolve))
    const site = await serve((req, res) => {
      res.once('close', () => settle('closed'))
      direct.routes(req, res, settle)
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
      req.write('{')
      await reached
      req.destroy()
      assert.equal(await settled, 'closed')
    } finally {
      await site.close()
    }
  })

  it('without a stated length ends at 2 MiB', async () => {
    const site: Listening = await serve((req, res) => direct.routes(req, res, () => res.end()))
    try {
      const req = request({
        port: site.port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/civic/start',
        headers,
      })
      req.on('error', () => undefined)
      const responded = once(req, 'response') as Promise<[IncomingMessage]>
      for (let n = 0; n < 33; n++) req.write('x'.repeat(64 * 1024))
      const [response] = await responded
      assert.deepEqual([response.statusCode, response.headers.connection], [413, 'close'])
      req.destroy()
    } finally {
      await site.close()
    }
  })
})
