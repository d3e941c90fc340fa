import assert from 'node:assert/strict'
import { Agent, createServer } from 'node:http'
import type { Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { fetch as undiciFetch } from 'undici'
import { CivicClient } from '../../lib/index.ts'
import type { CivicError, CivicClientOptions, CivicUser } from '../../lib/index.ts'
import { unhandledDuring } from './support/rejections.ts'
import { FakeSip, json, status, USER_ID } from '../support/sip.ts'

describe('the transport', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  const exchange = (options: Partial<CivicClientOptions> = {}): Promise<CivicUser> =>
    new CivicClient({ ...sip.options, ...options }).exchangeCode(sip.token())

  const fetches: Record<string, Partial<CivicClientOptions>> = {
    'node-fetch': {},
    "Node's own fetch": { fetch },
    "undici's fetch": { fetch: undiciFetch },
  }
  for (const [name, options] of Object.entries(fetches)) {
    describe(`with ${name}`, () => {
      it('exchanges', async () => assert.equal((await exchange(options)).userId, USER_ID))

      it('follows no redirect', async () => {
        let visits = 0
        const elsewhere: Server = createServer((_req, res) => {
          visits++
          res.end()
        }).listen(0, '127.0.0.1')
        await once(elsewhere, 'listening')
        const Location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
        for (const code of [301, 302, 303, 307, 308]) {
          sip.answers = [status(code, { Location })]
          await assert.rejects(exchange(options), { code: 'CIVIC_BAD_ANSWER', message: /redirect/ })
        }
        assert.equal(visits, 0)
        elsewhere.close()
      })

      it('reads no more than maxResponseBytes, after decompression', async () => {
        sip.answers = [
          (res) => res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000))),
        ]
        await assert.rejects(exchange({ ...options, maxResponseBytes: 5000 }), {
          code: 'CIVIC_BAD_ANSWER',
          message: /maxResponseBytes/,
        })
        sip.answers = []
        assert.equal((await exchange({ ...options, maxResponseBytes: 5000 })).userId, USER_ID)
      })

      it('accepts no incomplete response', async () => {
        sip.answers = [
          (res) => {
            res.writeHead(200, { 'Content-Length': '100' }).write('{')
            setImmediate(() => res.destroy())
          },
        ]
        await assert.rejects(exchange(options), { code: 'CIVIC_BAD_ANSWER', message: /it broke off$/ })
      })

      it('ends at the deadline, whatever the response does', async () => {
        for (const answer of [() => undefined, (res: { write: (text: string) => void }) => res.write('{')]) {
          sip.answers = [answer]
          await assert.rejects(exchange({ ...options, timeout: 50 }), { code: 'CIVIC_TIMEOUT' })
        }
      })
    })
  }

  describe('with a fetch of the app’s own', () => {
    const standIn = (response: unknown) => ({ fetch: () => Promise.resolve(response) })
    const headers = new Headers()

    it('that follows redirects, refuses the result', async () => {
      const body = new Response('{}').body
      const response = { status: 200, redirected: true, headers, body }
      await assert.rejects(exchange(standIn(response)), { code: 'CIVIC_BAD_ANSWER', message: /redirect/ })
      await assert.rejects(exchange(standIn({ ...response, body: null })), { code: 'CIVIC_BAD_ANSWER' })
    })

    it('that ignores the signal, still ends at the deadline', async () => {
      const never = { fetch: () => new Promise(() => undefined), timeout: 30 }
      await assert.rejects(exchange(never), { code: 'CIVIC_TIMEOUT' })
    })

    it('that ignores the signal, reads no further after the deadline', async () => {
      let reads = 0
      let ended!: () => void
      const done = new Promise<void>((resolve) => (ended = resolve))
      async function* body(): AsyncGenerator<string> {
        try {
          for (;;) {
            reads++
            yield await new Promise<string>((resolve) => setTimeout(resolve, 5, ' '))
          }
        } finally {
          ended()
        }
      }
      const response = { status: 200, redirected: false, headers, body: body() }
      await assert.rejects(exchange({ ...standIn(response), timeout: 30 }), { code: 'CIVIC_TIMEOUT' })
      await done
      assert.ok(reads < 20)
    })

    it('that returns no response, or one without a body, is a bad response', async () => {
      await assert.rejects(exchange(standIn(undefined)), { code: 'CIVIC_BAD_ANSWER' })
      const empty = { status: 200, redirected: false, headers, body: null }
      await assert.rejects(exchange(standIn(empty)), { code: 'CIVIC_BAD_ANSWER' })
    })

    it('frees the connection of an unread response', async () => {
      let freed = 0
      const free = (): number => ++freed
      const bodies = {
        'a stream of Node’s': { destroy: free },
        'one of the web’s': { cancel: () => Promise.resolve(free()) },
        'one that fails to end': { cancel: () => (free(), Promise.reject(new Error('no'))) },
      }
      const unread = {
        CIVIC_UNAVAILABLE: { status: 500, redirected: false, headers },
        CIVIC_BAD_ANSWER: { status: 200, redirected: true, headers },
      }
      for (const [code, response] of Object.entries(unread)) {
        freed = 0
        const rejections = await unhandledDuring(async () => {
          for (const body of [...Object.values(bodies), null, {}])
            await assert.rejects(exchange(standIn({ ...response, body })), { code })
        })
        assert.equal(freed, 3)
        assert.deepEqual(rejections, [])
      }
    })

    it('that gives its body as text, is read', async () => {
      const body = (async function* () {
        yield await Promise.resolve(JSON.stringify(sip.successBody()))
      })()
      const response = { status: 200, redirected: false, headers, body }
      assert.equal((await exchange(standIn(response))).userId, USER_ID)
    })

    it('that throws at once, is unavailable', async () => {
      const throwing = {
        fetch: () => {
          throw new Error('no')
        },
      }
      await assert.rejects(exchange(throwing), { code: 'CIVIC_UNAVAILABLE' })
    })
  })

  it('refuses a response that is not UTF-8', async () => {
    sip.answers = [(res) => res.end(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))]
    await assert.rejects(exchange(), { code: 'CIVIC_BAD_ANSWER', message: /UTF-8/ })
  })

  it('accepts a response of exactly maxResponseBytes', async () => {
    const body = JSON.stringify(sip.successBody())
    sip.answers = [(res) => res.end(body)]
    assert.equal((await exchange({ maxResponseBytes: body.length })).userId, USER_ID)
    await assert.rejects(exchange({ maxResponseBytes: body.length - 1 }), /maxResponseBytes/)
  })

  it('reuses a connection, but not another client’s', async () => {
    const clients = [new CivicClient(sip.options), new CivicClient(sip.options)] as const
    for (const client of [clients[0], clients[0], clients[1]]) await client.exchangeCode(sip.token())
    const [first, second, other] = sip.exchanges.map(({ req }) => req.socket)
    assert.equal(second, first)
    assert.notEqual(other, first)
  })

  it('drops an idle connection before a server is likely to', async () => {
    await exchange()
    const { socket } = (sip.exchanges[0] ?? assert.fail()).req
    const started = performance.now()
    await once(socket, 'close')
    const idle = performance.now() - started
    assert.ok(idle > 3_500 && idle < 8_000, String(idle))
  })

  it('goes through the agent that the app gives', async () => {
    const agent = new Agent()
    assert.equal((await exchange({ agent })).userId, USER_ID)
    assert.equal((await exchange({ agent: () => agent })).userId, USER_ID)
    assert.ok(sip.exchanges.every(({ req }) => req.headers.connection === 'close'))
  })

  it('uses TLS with a given agent', async () => {
    const api = sip.api.replace('http:', 'https:')
    const client = new CivicClient({ ...sip.options, api })
    await assert.rejects(client.exchangeCode(sip.token({ aud: api })), (error: unknown) => {
      // The stand-in speaks no TLS: the handshake fails, so no header went out
      const { code, retryable, cause } = error as CivicError
      assert.deepEqual([code, retryable], ['CIVIC_UNAVAILABLE', true])
      assert.match((cause as { code: string }).code, /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER)$/)
      return true
    })
  })

  describe('a large payload', () => {
    const processed = (url: unknown, payload: FakeSip['answers'][number]): FakeSip['answers'] => [
      sip.success({ processed: true, data: url }),
      payload,
    ]
    const here = (): string => `${sip.origin}/payload`
    const payload: FakeSip['answers'][number] = (res) =>
      res.writeHead(200, { 'Content-Type': 'application/json' }).end(sip.dataToken())

    it('is fetched from its URL, with none of our headers', async () => {
      sip.answers = processed(here(), payload)
      assert.equal((await exchange()).userId, USER_ID)
      const { req } = sip.exchanges[1] ?? assert.fail()
      assert.equal(req.method, 'GET')
      assert.equal(req.url, '/payload')
      assert.equal(req.headers.authorization, undefined)
    })

    it('is requested again if the storage fails', async () => {
      sip.answers = [sip.success({ processed: true, data: here() }), status(503), payload]
      assert.equal((await exchange()).userId, USER_ID)
      assert.equal(sip.exchanges.length, 3)
    })

    it('that stays away is unavailable, and the code is used', async () => {
      sip.answers = processed(here(), status(500))
      await assert.rejects(exchange(), { code: 'CIVIC_UNAVAILABLE', retryable: false })
      sip.answers = processed(here(), (res) => res.destroy())
      await assert.rejects(exchange(), { code: 'CIVIC_UNAVAILABLE', retryable: false })
      assert.equal(sip.exchanges.length, 6)
    })

    it('that is gone, moved, throttled or not a data token, is a bad response or unavailable', async () => {
      for (const code of [404, 403, 302]) {
        sip.answers = processed(here(), status(code, { Location: sip.origin }))
        await assert.rejects(exchange(), { code: 'CIVIC_BAD_ANSWER' })
      }
      sip.answers = processed(here(), status(429))
      await assert.rejects(exchange(), { code: 'CIVIC_UNAVAILABLE', retryable: false })
      sip.answers = processed(here(), (res) => json(res, 200, {}))
      await assert.rejects(exchange(), { code: 'CIVIC_BAD_ANSWER' })
    })

    const refused = [
      'http://bucket.s3.amazonaws.com/x',
      'https://s3.amazonaws.com/x',
      'https://.s3.amazonaws.com/x',
      'https://bucket.s3.amazonaws.com.evil.example.org/x',
      'https://evils3.amazonaws.com/x',
      'https://bucket.s3.amazonaws.com:8443/x',
      'https://user:pw@bucket.s3.amazonaws.com/x',
      'https://bucket.s3.amazonaws.com\\@evil.example.org/x',
      'https://bucket.s3.amazonaws.com/a b',
      '\thttps://bucket.s3.amazonaws.com/x',
      'https://bucket.s3.amazonaws.com/\u0085',
      'https://evil.example.org/x',
      'file:///etc/passwd',
      'data:text/plain,x',
      'https://127.0.0.1/x',
      'not a URL',
      '',
      7,
    ]
    for (const url of refused) {
      it(`is not fetched from ${JSON.stringify(url)}`, async () => {
        sip.answers = processed(url, payload)
        await assert.rejects(exchange(), { code: 'CIVIC_BAD_ANSWER' })
        assert.equal(sip.exchanges.length, 1)
      })
    }

    it('may come from another port of the loopback host only where that is api itself', async () => {
      sip.answers = processed('http://127.0.0.1:1/x', payload)
      await assert.rejects(exchange(), { code: 'CIVIC_BAD_ANSWER' })
      sip.answers = processed(here().replace('http://', 'http://user:pw@'), payload)
      await assert.rejects(exchange(), { code: 'CIVIC_BAD_ANSWER' })
    })

    it('may come from the hosts that payloadHosts names', async () => {
      const urls: string[] = []
      const fetch = (url: string): Promise<Response> => {
        urls.push(url)
        const body =
          urls.length % 2
            ? JSON.stringify(sip.successBody({ processed: true, data: `https://${host}/x` }))
            : sip.dataToken()
        return Promise.resolve(new Response(body))
      }
      let host = 'files.example.org'
      const payloadHosts = ['files.example.org', '.store.example.org']
      await exchange({ fetch, payloadHosts })
      host = 'a.b.store.example.org'
      await exchange({ fetch, payloadHosts })
      assert.equal(urls[3], 'https://a.b.store.example.org/x')
      host = 'bucket.s3.amazonaws.com'
      await exchange({ fetch })
      await assert.rejects(exchange({ fetch, payloadHosts }), { code: 'CIVIC_BAD_ANSWER' })
    })
  })
})
