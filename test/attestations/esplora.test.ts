import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, it } from 'mocha'
import type { EmbeddedLedger } from 'civic-attestations'
import {
  EsploraLedger,
  LedgerUnavailable,
  anchorOf,
  findFunds,
  handleEsplora,
  revoke,
  verifyOnLedger,
} from 'civic-attestations'
import type { EsploraOptions, Ledger } from 'civic-attestations'
import { refusedFor } from '../support/refused.ts'
import { ISSUER, SIGNERS, anchorTo, authorities, fundedLedger, issueTo } from '../support/issuer.ts'
import { person } from '../support/recorded.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

const TXID = 'ab'.repeat(32)

describe('attestations: EsploraLedger', () => {
  let ledger: EmbeddedLedger
  let server: Server
  let url: string
  let requests: string[]
  /** Answers in place of the ledger, one for each request until there are no more. */
  let faults: Handler[]

  const serve: Handler = async (request, response) => {
    const path = request.url!.replace(/^\/api/, '')
    const { status, contentType, body } = await handleEsplora(
      ledger,
      request.method!,
      path,
      await text(request),
    )
    response.writeHead(status, { 'content-type': contentType }).end(body)
  }

  beforeEach(async () => {
    ledger = fundedLedger()
    requests = []
    faults = []
    server = createServer((request, response) => {
      requests.push(`${request.method!} ${request.url!}`)
      void (faults.shift() ?? serve)(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
  })

  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const client = (options: EsploraOptions = {}) => new EsploraLedger(url, { retryDelay: 1, ...options })
  const answer =
    (status: number, body: string | Buffer, headers = {}): Handler =>
    (_, response) => {
      response.writeHead(status, headers).end(body)
    }
  const times = (count: number, handler: Handler): Handler[] => Array.from({ length: count }, () => handler)

  describe('against a server that speaks the API', () => {
    it('responds like the ledger behind it', async () => {
      const { attestations, txid } = await anchorTo(ledger, issueTo(person('ada')))
      const remote: Ledger = client()
      const same = async (ask: (from: Ledger) => Promise<unknown>) =>
        assert.deepEqual(
          await ask(remote),
          JSON.parse(JSON.stringify((await ask(ledger)) ?? null)) ?? undefined,
        )
      for (const id of [txid, TXID]) {
        await same((from) => from.tx(id))
        await same((from) => from.txHex(id))
        await same((from) => from.txStatus(id))
        await same((from) => from.outspend(id, 0))
      }
      ledger.mine()
      await same((from) => from.tx(txid))
      await same((from) => from.txStatus(txid))
      await same((from) => from.tipHeight())
      await same((from) => findFunds(from, ISSUER))
      const { tx, txid: revocation } = revoke({ attestation: attestations[0]!, keys: SIGNERS })
      assert.equal(await remote.broadcast(tx), revocation)
      await same((from) => from.outspend(txid, anchorOf(attestations[0]).vout))
    })

    it('verifies an attestation from the mempool to its revocation', async () => {
      const { attestations } = await anchorTo(ledger, issueTo(person('ada')))
      const check = async () => (await verifyOnLedger(attestations[0], client(), { authorities })).state
      assert.equal(await check(), 'unconfirmed')
      ledger.mine()
      assert.equal(await check(), 'unspent')
      await client().broadcast(revoke({ attestation: attestations[0]!, keys: SIGNERS }).tx)
      assert.equal(await check(), 'spent')
    })

    it('TransactionRefused, with the reason that the server gives', async () => {
      const { attestations } = await anchorTo(ledger, issueTo(person('ada')))
      ledger.mine()
      await client().broadcast(revoke({ attestation: attestations[0]!, keys: SIGNERS }).tx)
      const { tx } = revoke({ attestation: attestations[0]!, keys: SIGNERS, feeRate: 2 })
      await assert.rejects(client().broadcast(tx), refusedFor('txn-mempool-conflict'))
      faults.push(answer(400, `sendrawtransaction RPC error: bad\u0000\n${'x'.repeat(500)}`))
      await assert.rejects(client().broadcast(tx), (error: Error) => {
        assert.match(
          error.message,
          /^the ledger refused the transaction: sendrawtransaction RPC error: bad x+$/,
        )
        return error.message.length < 300
      })
    })
  })

  describe('LedgerUnavailable', () => {
    const unavailable = (message: RegExp) => (error: unknown) => {
      assert.ok(error instanceof LedgerUnavailable, String(error))
      assert.match(error.message, message)
      assert.match(error.message, /^the ledger at 127\.0\.0\.1:\d+ /)
      return true
    }

    it('if nothing listens', async () => {
      const remote = client()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await assert.rejects(remote.tipHeight(), unavailable(/could not be reached/))
      server.listen(0)
    })

    for (const [what, body, ask] of [
      ['no hex', 'not hex', 'txHex'],
      ['nothing', '', 'txHex'],
      ['another transaction', '0200000000000000 00'.replace(' ', ''), 'txHex'],
      ['no JSON', '<html>', 'tx'],
      ['half of the JSON', '{"txid":"', 'txStatus'],
      ['a list', '[]', 'txStatus'],
      ['null', 'null', 'txStatus'],
      ['confirmed as text', '{"confirmed":"true"}', 'txStatus'],
      ['a height as text', '{"confirmed":true,"block_height":"5"}', 'txStatus'],
      ['spent as a number', '{"spent":0}', 'outspend'],
      ['no spent', '{}', 'outspend'],
      ['another id', `{"txid":"${'cd'.repeat(32)}","vin":[],"vout":[],"status":{"confirmed":true}}`, 'tx'],
      ['no inputs', `{"txid":"${TXID}","vout":[],"status":{"confirmed":true}}`, 'tx'],
      ['a negative height', '-1', 'tipHeight'],
      ['JSON in place of a height', '{"height":1}', 'tipHeight'],
      ['an object in place of a list', '{}', 'utxos'],
      [
        'an output of negative value',
        `[{"txid":"${TXID}","vout":0,"value":-1,"status":{"confirmed":true}}]`,
        'utxos',
      ],
      ['an output without status', `[{"txid":"${TXID}","vout":0,"value":1}]`, 'utxos'],
      [
        'an output with half an id',
        '[{"txid":"ab","vout":0,"value":1,"status":{"confirmed":true}}]',
        'utxos',
      ],
    ] as const) {
      it(`${ask}: ${what}`, async () => {
        faults.push(answer(200, body))
        const asked = ask === 'tipHeight' ? client().tipHeight() : client()[ask](TXID, 0)
        await assert.rejects(asked, unavailable(/responded with/))
        assert.equal(requests.length, 1)
      })
    }

    it('text that is not UTF-8', async () => {
      faults.push(...times(3, answer(200, Buffer.of(0x7b, 0xff, 0x7d))))
      await assert.rejects(client().txStatus(TXID), LedgerUnavailable)
    })

    it('a status that means nothing here', async () => {
      for (const status of [204, 301, 400, 401, 403, 418]) {
        faults.push(
          ...times(3, answer(status, '', status === 301 ? { location: 'http://127.0.0.1:1/' } : {})),
        )
        await assert.rejects(
          client().outspend(TXID, 0),
          unavailable(/responded with status|could not be reached/),
        )
        faults.length = 0
      }
      faults.push(answer(404, 'Transaction not found'), answer(404, 'Transaction not found'))
      assert.deepEqual(await client().txStatus(TXID), { confirmed: false })
      await assert.rejects(client().outspend(TXID, 0), unavailable(/status 404/))
    })

    it('a redirect, which is not followed', async () => {
      faults.push(...times(3, answer(302, '', { location: `${url}/blocks/tip/height` })))
      await assert.rejects(client().tipHeight(), unavailable(/could not be reached/))
      assert.deepEqual(new Set(requests), new Set(['GET /api/blocks/tip/height']))
      assert.equal(requests.length, 3)
    })

    it('a body that is cut, announced or chunked', async () => {
      const cutAnnounced: Handler = (_, response) => {
        response
          .writeHead(200, { 'content-length': '100' })
          .write('{"confirmed":true}', () => response.destroy())
      }
      const cutChunked: Handler = (_, response) => {
        response.writeHead(200).write('{"confirmed":true}', () => response.destroy())
      }
      for (const cut of [cutAnnounced, cutChunked]) {
        faults.push(...times(3, cut))
        await assert.rejects(client().txStatus(TXID), unavailable(/could not be reached/))
      }
    })

    it('silence before or within the response, after its timeout', async () => {
      const silent: Handler = () => undefined
      const slow: Handler = (_, response) => {
        response.writeHead(200).write('{"confirmed":')
      }
      for (const handler of [silent, slow]) {
        faults.push(...times(2, handler))
        const remote = client({ timeout: 500, retries: 1 })
        await assert.rejects(remote.txStatus(TXID), unavailable(/did not respond in 500 ms/))
      }
      assert.equal(requests.length, 4)
    })

    it('a response that is too large, before or after decompression', async () => {
      const large = JSON.stringify({ confirmed: true, padding: 'x'.repeat(100_000) })
      const remote = client({ maxResponseBytes: 50_000, retries: 0 })
      faults.push(answer(200, large))
      await assert.rejects(remote.txStatus(TXID), unavailable(/more than 50000 bytes/))
      faults.push(answer(200, gzipSync(large), { 'content-encoding': 'gzip' }))
      await assert.rejects(remote.txStatus(TXID), unavailable(/more than 50000 bytes/))
    })

    it('a transaction that the server neither accepts nor refuses, and it is sent once', async () => {
      const { attestations } = await anchorTo(ledger, issueTo(person('ada')))
      const { tx } = revoke({ attestation: attestations[0]!, keys: SIGNERS })
      const cut: Handler = (_, response) => void response.destroy()
      for (const fault of [answer(500, ''), answer(200, TXID), answer(429, ''), cut]) {
        faults.push(fault)
        requests = []
        await assert.rejects(client().broadcast(tx), LedgerUnavailable)
        assert.deepEqual(requests, ['POST /api/tx'])
      }
      await assert.rejects(client().broadcast('no transaction'), TypeError)
    })

    it('behind handleEsplora: 503', async () => {
      const broken = client({ retries: 0 })
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      const { status } = await handleEsplora(broken, 'GET', '/blocks/tip/height')
      assert.equal(status, 503)
      const bug = Object.assign(Object.create(ledger) as Ledger, {
        tipHeight: () => Promise.reject(new RangeError()),
      })
      await assert.rejects(handleEsplora(bug, 'GET', '/blocks/tip/height'), RangeError)
      server.listen(0)
    })
  })

  describe('reads again', () => {
    it('after no response, 429 and 5xx', async () => {
      const cut: Handler = (_, response) => void response.destroy()
      for (const fault of [cut, answer(429, ''), answer(500, 'x'), answer(503, '')]) {
        faults.push(fault, fault)
        requests = []
        assert.equal(await client().tipHeight(), 1)
        assert.equal(requests.length, 3)
      }
    })

    it('as often as the option says', async () => {
      faults.push(...times(4, answer(503, '')))
      await assert.rejects(client({ retries: 3 }).tipHeight(), LedgerUnavailable)
      assert.equal(requests.length, 4)
      requests = []
      faults.push(answer(503, ''))
      await assert.rejects(client({ retries: 0 }).tipHeight(), LedgerUnavailable)
      assert.equal(requests.length, 1)
    })
  })

  it("accepts the caller's fetch, and the name of another network", async () => {
    const asked: unknown[] = []
    const remote = client({
      network: 'tbch',
      fetch: (input, init) => {
        asked.push([input, init?.redirect, init?.cache, init?.credentials])
        return fetch(input, init)
      },
    })
    assert.equal(remote.network, 'tbch')
    assert.equal(client().network, 'bitcoin')
    assert.equal(await remote.tipHeight(), 1)
    assert.deepEqual(asked, [[`${url}/blocks/tip/height`, 'error', 'no-store', 'omit']])
    const empty = client({ fetch: () => Promise.resolve(new Response(null, { status: 200 })) })
    await assert.rejects(empty.tipHeight(), LedgerUnavailable)
  })

  it('TypeError: an unsafe URL, or invalid options', () => {
    for (const wrong of [
      'http://example.org/api',
      'http://127.0.0.1.example.org/',
      'ftp://localhost/',
      'https://user:password@example.org/',
      'https://example.org/?key=1',
      'https://example.org/#a',
      'example.org',
    ]) {
      assert.throws(() => new EsploraLedger(wrong), TypeError)
    }
    for (const right of [
      'https://example.org/api',
      'http://localhost:3000/',
      'http://[::1]:3000',
      'http://a.localhost',
    ]) {
      assert.equal(new EsploraLedger(right).network, 'bitcoin')
    }
    const insecureLan = true
    for (const near of [
      '10.0.0.7',
      '172.16.0.1',
      '172.31.0.1',
      '192.168.1.20',
      '169.254.0.1',
      '127.0.0.2',
      '[fe80::1]',
    ]) {
      assert.throws(() => new EsploraLedger(`http://${near}:4000/ledger`), TypeError)
      assert.ok(new EsploraLedger(`http://${near}:4000/ledger`, { insecureLan }))
    }
    for (const far of [
      '172.32.0.1',
      '192.169.0.1',
      '11.0.0.1',
      '10.example.org',
      '8.8.8.8',
      '[2001:db8::1]',
    ]) {
      assert.throws(() => new EsploraLedger(`http://${far}/`, { insecureLan }), TypeError)
    }
    for (const options of [{ timeout: 0 }, { retries: -1 }, { retryDelay: 0.5 }, { maxResponseBytes: NaN }]) {
      assert.throws(() => new EsploraLedger('https://example.org', options), TypeError)
    }
  })

  it('TypeError: an invalid id, which reaches no server', async () => {
    for (const id of ['', 'ab', `${TXID}/../x`, TXID.toUpperCase()]) {
      await assert.rejects(client().txHex(id), TypeError)
      await assert.rejects(client().utxos(id), TypeError)
    }
    await assert.rejects(client().outspend(TXID, -1), TypeError)
    assert.deepEqual(requests, [])
  })
})

describe('attestations: handleEsplora', () => {
  it('404: other paths, other methods, and invalid ids', async () => {
    const ledger = fundedLedger()
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/tx'],
      ['PUT', '/tx'],
      ['POST', `/tx/${TXID}`],
      ['GET', `/tx/${TXID.slice(1)}`],
      ['GET', `/tx/${TXID.toUpperCase()}/hex`],
      ['GET', `/tx/${TXID}/outspend/-1`],
      ['GET', `/tx/${TXID}/outspend/`],
      ['GET', `/tx/${TXID}`],
      ['GET', `/tx/${TXID}/hex`],
      ['GET', '/blocks/tip/height/'],
    ] as const) {
      assert.equal((await handleEsplora(ledger, method, path)).status, 404, `${method} ${path}`)
    }
  })

  it('responds about unknown transactions like Esplora', async () => {
    const ledger = fundedLedger()
    const body = async (path: string) => (await handleEsplora(ledger, 'GET', path)).body
    assert.equal(await body(`/tx/${TXID}/status`), '{"confirmed":false}')
    assert.equal(await body(`/tx/${TXID}/outspend/0`), '{"spent":false}')
    assert.equal(await body(`/scripthash/${TXID}/utxo`), '[]')
  })

  it('400: a transaction that the ledger refuses, in the words of Bitcoin Core', async () => {
    assert.deepEqual(await handleEsplora(fundedLedger(), 'POST', '/tx', '00\n'), {
      status: 400,
      contentType: 'text/plain',
      body: 'sendrawtransaction RPC error: {"code":-26,"message":"TX decode failed"}',
    })
  })
})
