import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:tls'
import type { CivicStrategyOptions } from '../../lib/index.ts'
import { APP_SECRET, FakeSip, json } from '../support/sip.ts'
import { certificateFor } from '../support/certificate.ts'
import type { Certificate } from '../support/certificate.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import type { Outcome } from '../support/drive.ts'
import { listen } from '../support/http.ts'
import type { Listening } from '../support/http.ts'

const AREA = 'Answers: payload URLs'
const HOST = 'bucket.s3.amazonaws.com'
const PATH = '/payload?X-Amz-Signature=0123'

describe('the URL of a large payload', () => {
  const sip = new FakeSip()
  let certificate: Certificate
  let storage: Listening
  let api: Listening
  let asked: IncomingMessage[] = []
  let reply = ''
  let data: unknown

  before(async function () {
    certificate = certificateFor(this, [
      `DNS:*.s3.amazonaws.com`,
      'DNS:sip.example.org',
      'DNS:storage.example.org',
    ])
    await sip.start()
    storage = await listen(
      createTlsServer(certificate, (req, res) => {
        asked.push(req)
        res.writeHead(200, { 'Content-Type': 'application/json' }).end(reply)
      }),
    )
    api = await listen(
      createTlsServer(certificate, (_req, res) => {
        json(res, 200, sip.successBody({ processed: true, data, payloadUrl: data }))
      }),
    )
  })
  after(async () => {
    await Promise.all([sip.stop(), storage.close(), api.close()])
  })
  beforeEach(() => {
    asked = []
    reply = sip.dataToken()
    sip.answers = []
    sip.exchanges.length = 0
  })

  /** Every host and port that anything wants to connect to; they all lead to the storage, or to SIP. */
  class Wires extends Agent {
    readonly wanted: string[] = []
    override createConnection(options: { host?: string; port?: number; servername?: string }) {
      const { host = '', port = 0 } = options
      this.wanted.push(`${host}:${port}`)
      const to = host === 'sip.example.org' ? api.port : storage.port
      return connect({ host: '127.0.0.1', port: to, servername: host, ca: certificate.cert })
    }
  }

  async function login(
    url: unknown,
    expected: 'accepted' | 'refused',
    options: Partial<CivicStrategyOptions> = {},
  ): Promise<{ outcome: Outcome; wanted: string[] }> {
    data = url
    const wires = new Wires()
    const live = { api: 'https://sip.example.org/sip/', audience: sip.api, agent: wires, retries: 0 }
    const strategy = strategyFor(sip, { ...live, ...options })
    const outcome = await outcomeOf(AREA, expected, strategy, post({ authToken: sip.token() }))
    wires.destroy()
    return { outcome, wanted: wires.wanted }
  }

  async function refused(url: unknown, options: Partial<CivicStrategyOptions> = {}): Promise<void> {
    const { outcome, wanted } = await login(url, 'refused', options)
    const { kind, code, status } = outcome
    assert.deepEqual([kind, code, status], ['error', 'CIVIC_BAD_ANSWER', 502])
    assert.deepEqual(wanted, ['sip.example.org:443'], 'nobody else is asked')
    assert.ok(
      typeof url !== 'string' || url.length < 9 || !String((outcome.thrown as Error).stack).includes(url),
    )
  }

  const refusals: Record<string, readonly unknown[]> = {
    'of another scheme': [
      `http://${HOST}${PATH}`,
      'file:///etc/passwd',
      `file://${HOST}/etc/passwd`,
      'data:text/plain,x',
      'blob:https://bucket.s3.amazonaws.com/x',
      'javascript:0',
      `ftp://${HOST}/`,
      `ws://${HOST}/`,
      `wss://${HOST}/`,
      `gopher://${HOST}/`,
      `s3://${HOST}/`,
      `view-source:https://${HOST}/`,
    ],
    'of this machine, in every notation': [
      ...[
        '127.0.0.1',
        '127.1',
        '127.0.1',
        '2130706433',
        '0x7f000001',
        '0x7f.1',
        '0177.0.0.1',
        '017700000001',
      ],
      ...[
        '127.0.0.1.',
        '127.255.255.254',
        '0',
        '0.0.0.0',
        'localhost',
        'LOCALHOST',
        'localhost.',
        'a.localhost',
      ],
      ...['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
      ...['[64:ff9b::7f00:1]', '①②⑦.⓪.⓪.①', '１２７.0.0.1', '127。0。0。1', '%31%32%37.0.0.1', 'ⓛocalhost'],
    ].map((host) => `https://${host}/`),
    'of a private network': [
      ...[
        '10.0.0.1',
        '10.1',
        '172.16.0.1',
        '172.31.255.255',
        '192.168.0.1',
        '192.168.1',
        '100.64.0.1',
        '198.18.0.1',
      ],
      ...['[fd00::1]', '[fc00::1]', '[fe80::1]', '[fec0::1]', '[::ffff:10.0.0.1]', '[::ffff:192.168.0.1]'],
      ...['redis', 'db.internal', 'router.local'],
    ].map((host) => `https://${host}/`),
    'of a cloud’s metadata': [
      ...['169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '[::ffff:169.254.169.254]'],
      ...['[fd00:ec2::254]', '169.254.170.2', '100.100.100.200', 'metadata.google.internal', 'metadata'],
    ].flatMap((host) => [`https://${host}/latest/meta-data/`, `http://${host}/latest/meta-data/`]),
    'with credentials': [
      `https://user:password@${HOST}${PATH}`,
      `https://user@${HOST}${PATH}`,
      `https://:password@${HOST}${PATH}`,
      `https://${HOST}@evil.example/`,
      `https://${HOST}:443@evil.example/`,
      `https://evil.example%40@${HOST}/`,
    ],
    'that looks alike': [
      'https://s3.amazonaws.com/bucket/payload',
      'https://.s3.amazonaws.com/',
      'https://bucket.s3.amazonaws.com.evil.example/',
      'https://bucket.s3.amazonaws.com.',
      'https://bucket.s3.amazonaws.comm/',
      'https://evils3.amazonaws.com/',
      'https://bucket-s3.amazonaws.com/',
      'https://s3.amazonaws.com.evil.example/',
      'https://bucket.s3.amazonaws.co/',
      'https://bucket.s3.eu-west-1.amazonaws.com/',
      'https://amazonaws.com/',
      'https://bucket.s3.amаzonaws.com/',
      'https://evil.example/.s3.amazonaws.com',
      'https://evil.example?.s3.amazonaws.com',
      'https://evil.example#.s3.amazonaws.com',
      'https://evil.example\\.s3.amazonaws.com',
      'https:\\\\bucket.s3.amazonaws.com\\',
      'https://evil.example\\@bucket.s3.amazonaws.com/',
      'https://bucket.s3.amazonaws.com%2eevil.example/',
      'https://bucket.s3.amazonaws.com%00.evil.example/',
      'https://bucket_s3.amazonaws.com/',
      'https://evil.example:443.s3.amazonaws.com/',
    ],
    'of another port': [80, 22, 8443, 444, 6379, 65535].map((port) => `https://${HOST}:${port}${PATH}`),
    'with what a URL parser would drop': [
      ` https://${HOST}/`,
      `https://${HOST}/ `,
      `https://${HOST}/a b`,
      `https://buc\tket.s3.amazonaws.com/`,
      `https://bucket.s3.ama\nzonaws.com/`,
      `https://${HOST}/\r\nHost: evil.example`,
      `https://${HOST}/\u0000`,
      `https://${HOST}/\u0085`,
      `https://${HOST}/\u2028`,
      `\u00a0https://${HOST}/`,
      `https://${HOST}/\\..\\x`,
    ],
    'that is no URL': ['', '/', HOST, `//${HOST}/`, 'https://', 'https:', 'x', '[', `https//${HOST}`],
    'that is no string': [undefined, null, 1, true, {}, [`https://${HOST}/`], { href: `https://${HOST}/` }],
  }
  for (const [name, urls] of Object.entries(refusals)) {
    describe(`is refused ${name}`, () => {
      for (const url of urls) it(url === undefined ? 'absent' : JSON.stringify(url), () => refused(url))
    })
  }

  it('may not be http to a loopback host, unless api is', () => refused(`${sip.origin}/payload`))

  it('is fetched from SIP’s storage with nothing of ours but Accept', async () => {
    const { outcome, wanted } = await login(`https://${HOST}${PATH}`, 'accepted')
    assert.equal(outcome.kind, 'success', String(outcome.thrown))
    assert.deepEqual(wanted, ['sip.example.org:443', `${HOST}:443`])
    const [request] = asked
    assert.ok(request)
    assert.deepEqual([request.method, request.url], ['GET', PATH])
    const { authorization, cookie, referer, origin } = request.headers
    assert.deepEqual([authorization, cookie, referer, origin], [undefined, undefined, undefined, undefined])
  })

  it('may name its default port and a bucket with dots, in any case', async () => {
    for (const url of [`https://${HOST}:443/x`, 'https://Bucket.S3.AmazonAWS.com/x', `HTTPS://${HOST}/x#y`]) {
      assert.equal((await login(url, 'accepted')).outcome.kind, 'success', url)
    }
  })

  it('may name what payloadHosts lists, and no more', async () => {
    const payloadHosts = ['storage.example.org']
    const { outcome } = await login('https://storage.example.org/x', 'accepted', { payloadHosts })
    assert.equal(outcome.kind, 'success')
    await refused(`https://${HOST}/x`, { payloadHosts })
    await refused('https://a.storage.example.org/x', { payloadHosts })
    await refused('https://storage.example.org.evil.example/x', { payloadHosts })
    await refused(`https://${HOST}/x`, { payloadHosts: [] })
  })

  it('must return a data token, and not a further URL', async () => {
    const url = `https://${HOST}${PATH}`
    const replies = [
      JSON.stringify(sip.successBody({ processed: true, data: url })),
      JSON.stringify(sip.successBody()),
      JSON.stringify(sip.dataToken()),
      url,
      'https://169.254.169.254/',
      `${sip.dataToken()}\n`,
      ` ${sip.dataToken()}`,
      `\ufeff${sip.dataToken()}`,
      sip.token(),
      sip.dataToken({ sub: 'app54321' }),
      sip.dataToken().slice(0, -1),
      '',
    ]
    for (const text of replies) {
      reply = text
      const { outcome, wanted } = await login(url, 'refused')
      assert.equal(outcome.code, 'CIVIC_BAD_ANSWER')
      assert.deepEqual(wanted, ['sip.example.org:443', `${HOST}:443`], 'one look, and no second')
    }
  })

  describe('on a sandbox', () => {
    const others: Listening[] = []
    afterEach(() => Promise.all(others.splice(0).map((other) => other.close())))

    const at = async (url: string, expected: 'accepted' | 'refused'): Promise<Outcome> => {
      sip.answers = [sip.success({ processed: true, data: url }), (res) => res.end(sip.dataToken())]
      return outcomeOf(AREA, expected, strategyFor(sip, { retries: 0 }), post({ authToken: sip.token() }))
    }

    it('may name the origin of api', async () => {
      const outcome = await at(`${sip.origin}/payload/1`, 'accepted')
      assert.equal(outcome.kind, 'success', String(outcome.thrown))
      assert.equal(sip.exchanges.length, 2)
      assert.equal(sip.exchanges[1]?.req.headers.authorization, undefined)
    })

    it('may name no other: host, port, scheme, user', async () => {
      const other = await listen(createServer((_req, res) => res.end(sip.dataToken())))
      others.push(other)
      const urls = [
        other.origin,
        sip.origin.replace('127.0.0.1', 'localhost'),
        sip.origin.replace('127.0.0.1', '127.0.0.2'),
        sip.origin.replace('127.0.0.1', '[::1]'),
        sip.origin.replace('http:', 'https:'),
        sip.origin.replace('http:', 'ftp:'),
        sip.origin.replace('//', '//user:password@'),
        `blob:${sip.origin}/payload`,
        `${sip.origin}\\@evil.example/`,
        'http://127.0.0.1/',
        'http://169.254.169.254/latest/meta-data/',
      ]
      for (const url of urls) {
        sip.exchanges.length = 0
        const outcome = await at(url, 'refused')
        assert.equal(outcome.code, 'CIVIC_BAD_ANSWER', url)
        assert.equal(sip.exchanges.length, 1, url)
        assert.ok(!String((outcome.thrown as Error).stack).includes(APP_SECRET))
      }
    })
  })
})
