import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import express from 'express'
import { callHeaders, signedJson } from '../../sip/lib/cosigner/call.ts'
import { CodeCall } from '../../sip/lib/cosigner/wire.ts'
import { errorHandler } from '../../sip/lib/http/http.ts'
import { read } from '../../sip/lib/http/read.ts'
import { serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'

const KEY = 'k'.repeat(32)
const NOW = Date.UTC(2026, 0, 1)
const LIMIT = 1_000

describe('sip: calls to a cosigner', () => {
  let listening: Listening
  let calls: unknown[]
  let sockets: Socket[]
  before(async () => {
    const app = express().use(signedJson({ key: KEY, clock: () => NOW, limit: LIMIT }), (req, res) => {
      calls.push(req.body)
      res.end('ok')
    })
    listening = await serve(app.use(errorHandler))
  })
  beforeEach(() => {
    calls = []
    sockets = []
  })
  afterEach(() => sockets.forEach((socket) => socket.destroy()))
  after(() => listening.close())

  /** Sends the head of a call and this part of its body. @returns the response, up to the cosigner's hang-up */
  const send = async (
    headers: Record<string, string>,
    body: string | Buffer = '',
    path = 'facts',
  ): Promise<string> => {
    const socket = connect(listening.port, '127.0.0.1')
    sockets.push(socket)
    const head = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`)
    socket.write(`POST /${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
    if (body.length > 0) socket.write(body)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    await once(socket, 'close')
    return Buffer.concat(chunks).toString()
  }
  const signed = (body: Buffer, name = 'facts') => ({
    'Content-Length': String(body.length),
    ...callHeaders(KEY, name, body, NOW),
  })
  const hasRefused = (answer: string, status: number): void => {
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
    assert.match(answer, /^Connection: close\r$/m)
    assert.deepEqual(calls, [])
  }

  it('are read if the server signed them', async () => {
    const body = Buffer.from('{"a":"ü"}')
    const answer = await send({ ...signed(body), Connection: 'close' }, body)
    assert.match(answer, /^HTTP\/1\.1 200 /)
    assert.deepEqual(calls, [{ a: 'ü' }])
  })

  it('are refused by their headers if a stranger makes them, before the body arrives', async () => {
    hasRefused(await send({ 'Content-Length': '30000000' }), 401)
    hasRefused(await send({ 'Transfer-Encoding': 'chunked' }), 401)
    const other = callHeaders('x'.repeat(32), 'facts', Buffer.from('{}'), NOW)
    hasRefused(await send({ 'Content-Length': '2', ...other }), 401)
    hasRefused(await send(signed(Buffer.from('{}'), 'codes')), 401)
    hasRefused(await send({ ...signed(Buffer.from('{}')), 'Content-Length': '30000000' }), 401)
    const late = callHeaders(KEY, 'facts', Buffer.from('{}'), NOW - 2 * 60_000)
    hasRefused(await send({ 'Content-Length': '2', ...late }), 401)
  })

  it('can put only a host into a message', () => {
    const call = { label: 'contact.personal.email', address: 'finn@example.org', publicKey: 'key' }
    for (const host of ['wallet.example.org', 'localhost:4001', '[::1]:4001'])
      assert.equal(read(CodeCall, { ...call, host }).host, host)
    for (const host of ['', 'shop.example.org now', 'a/b', '<b>', 'x'.repeat(300)])
      assert.throws(() => read(CodeCall, { ...call, host }), /^InputError: host/)
    assert.throws(() => read(CodeCall, { ...call, label: 'documents.genericId.name' }), /^InputError: label/)
  })

  it('are refused before the body arrives if it is larger than any honest call', async () => {
    hasRefused(await send(signed(Buffer.alloc(LIMIT + 1, ' '))), 413)
  })

  it('are refused if the body is not the signed one, or is not JSON', async () => {
    const close = { Connection: 'close' }
    hasRefused(await send({ ...signed(Buffer.from('{"a":1}')), ...close }, '{"a":2}'), 401)
    hasRefused(await send({ ...signed(Buffer.from('{"a":')), ...close }, '{"a":'), 400)
  })
})
