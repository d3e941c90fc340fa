import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip, MemoryStores } from 'civic-sip-server'
import type { Sip } from 'civic-sip-server'
import { privateKeyHex, publicKeyHex } from 'passport-civic-sip/crypto'
import { GracefulServer } from '../../../sip/lib/http/graceful-server.ts'
import { Health } from '../../../sip/lib/operations/health.ts'
import { ServerLog } from '../../../sip/lib/operations/logger.ts'
import { management } from '../../../sip/lib/operations/management.ts'
import { Metrics } from '../../../sip/lib/operations/metrics.ts'
import { freePort } from '../../support/servers.ts'

describe('civic-sip-server: watching it', () => {
  const lines: string[] = []
  const answered = new EventEmitter()
  const log = new ServerLog('info', { write: (line: string) => void lines.push(line) })
  const metrics = new Metrics()
  const stores = new MemoryStores()
  let sip: Sip
  let servers: GracefulServer[]
  let managed: string
  let appId: string

  before(async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const keys = { prvKey: privateKeyHex(privateKey), pubKey: publicKeyHex(publicKey) }
    const [port, managementPort] = [await freePort(), await freePort()]
    sip = createSip({
      url: `http://127.0.0.1:${port}`,
      secret: 'ab'.repeat(32),
      keys,
      stores,
      ledger: new EmbeddedLedger({ now: Date.now }),
      mailer: { send: () => undefined },
      observer: {
        request: (request) => {
          log.request(request)
          metrics.request(request)
          answered.emit(request.id)
        },
        moved: (state) => metrics.moved(state),
        failed: (error, id) => {
          log.failed('request', error, id)
          metrics.failed()
        },
      },
    })
    managed = `http://127.0.0.1:${managementPort}`
    servers = [
      await GracefulServer.listen(port, '127.0.0.1', sip.router),
      await GracefulServer.listen(managementPort, '127.0.0.1', management(new Health([]), metrics)),
    ]
    appId = (await sip.createApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey: keys.pubKey }))
      .appId
  })
  after(async () => {
    await Promise.all(servers.map((server) => server.stop(1_000)))
    await sip.close()
  })

  const ask = (): Promise<Response> =>
    fetch(`${sip.url}/sip/prod/1.0/scopeRequest/qrcode?email=ada@example.org`, {
      method: 'POST',
      headers: { Origin: 'https://shop.example.org', 'X-Request-Id': 'chosen', 'X-Secret': 'hunter2' },
      body: new URLSearchParams({ appId, verificationLevel: 'civicBasic', challenge: '0'.repeat(64) }),
    })
  /** The response and what the log says once it is sent. */
  const logged = async (asking: Promise<Response>) => {
    const response = await asking
    const id = response.headers.get('x-request-id') ?? ''
    const find = () =>
      lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .find((line) => line.requestId === id && line.route)
    if (!find()) await once(answered, id)
    return { response, id, line: find() }
  }

  it('logs a request by its route, with an id that the caller gets and does not choose', async () => {
    const { response, id, line } = await logged(ask())
    assert.equal(response.status, 200)
    assert.match(id, /^[0-9a-f-]{36}$/)
    const { time, ms, ...others } = line ?? {}
    assert.match(String(time), /^\d{4}-\d\d-\d\dT/)
    assert.equal(typeof ms, 'number')
    assert.deepEqual(others, {
      level: 30,
      requestId: id,
      method: 'POST',
      route: '/sip/:stage/:version/scopeRequest/qrcode',
      status: 200,
      msg: 'request',
    })
    const { uuid } = (await response.json()) as { uuid: string }
    assert.doesNotMatch(lines.join(), new RegExp(`ada@|hunter2|chosen|127\\.0|${appId}|${uuid}`))
  })

  it('counts logins by outcome and requests by route', async () => {
    const text = await (await fetch(`${managed}/metrics`)).text()
    assert.match(text, /^civic_sip_logins_total\{outcome="created"\} 1$/m)
    assert.match(text, /^civic_sip_logins_total\{outcome="exchanged"\} 0$/m)
    assert.match(
      text,
      /^civic_sip_request_duration_seconds_count\{method="POST",route="\/sip\/:stage\/:version\/scopeRequest\/qrcode",status="200"\} 1$/m,
    )
    assert.match(text, /^process_cpu_seconds_total /m)
    assert.doesNotMatch(text, new RegExp(`${appId}|example\\.org`))
  })

  it('adds no label for unknown paths', async () => {
    for (const path of ['/unknown-1', '/unknown-2']) assert.equal((await fetch(sip.url + path)).status, 404)
    const text = await metrics.text()
    assert.match(text, /route="other",status="404"/)
    assert.doesNotMatch(text, /unknown-/)
  })

  it('logs and counts its own failures without their input', async () => {
    const find = stores.requests.find.bind(stores.requests)
    stores.requests.find = () => Promise.reject(new SyntaxError('Unexpected token "ada@example.org"'))
    try {
      const { response, id } = await logged(fetch(`${sip.url}/sip/prod/scopeRequest/1`))
      assert.equal(response.status, 500)
      const failure = lines.find((line) => line.includes(id) && line.includes('request failed')) ?? ''
      assert.match(failure, /"type":"SyntaxError","at":\[".*watching\.test\.ts/)
      assert.doesNotMatch(failure, /ada@/)
      assert.match(await metrics.text(), /^civic_sip_failures_total 1$/m)
    } finally {
      stores.requests.find = find
    }
  })

  it('reads gauges on request, and leaves out those that fail', async () => {
    const gauges = new Metrics()
    let length = 3
    gauges.gauge('civic_sip_queue_length', 'How many wait', 'queue', {
      outbox: () => Promise.resolve(length),
      anchors: () => Promise.reject(new Error('no database')),
    })
    assert.match(await gauges.text(), /^civic_sip_queue_length\{queue="outbox"\} 3$/m)
    length = 0
    const text = await gauges.text()
    assert.match(text, /^civic_sip_queue_length\{queue="outbox"\} 0$/m)
    assert.doesNotMatch(text, /anchors/)
  })
})
