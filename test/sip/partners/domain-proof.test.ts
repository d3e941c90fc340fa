import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { RequestListener } from 'node:http'
import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { isProved, PROOF_PATH } from '../../../sip/lib/apps/domain-proof.ts'
import type { Network } from '../../../sip/lib/apps/domain-proof.ts'
import { isPrivateHost, isPublicAddress } from '../../../sip/lib/apps/public-address.ts'
import { certificateFor } from '../../support/certificate.ts'
import type { Certificate } from '../../support/certificate.ts'
import { listen } from '../../support/http.ts'
import type { Listening } from '../../support/http.ts'

const HOST = 'shop.example.org'
const VALUE = 'ab'.repeat(16)
const PUBLIC = '93.184.215.14'

describe('sip: the proof of a domain', () => {
  let certificate: Certificate
  let site: Listening
  let respond: RequestListener
  let asked: { path: string; host: string }[]
  let connected: string[]
  before(async function () {
    certificate = certificateFor(this, [`DNS:${HOST}`])
    const server = createServer(certificate, (req, res) => {
      asked.push({ path: req.url ?? '', host: req.headers.host ?? '' })
      respond(req, res)
    })
    site = await listen(server)
  })
  after(() => site?.close())
  beforeEach(() => {
    asked = []
    connected = []
    respond = (_req, res) => res.end(`${VALUE}\n`)
  })

  /** Names lead to the addresses that the test says; a public one to the site that runs here. */
  const network = (addresses: readonly string[], records: readonly (readonly string[])[] = []): Network => ({
    addresses: () => Promise.resolve(addresses),
    records: () => Promise.resolve(records),
    connect: (address, host) => {
      connected.push(address)
      return new Promise<Duplex>((resolve, reject) => {
        const socket = connectTls({
          ...{ host: '127.0.0.1', port: site.port, servername: host, ca: certificate.cert },
        })
        socket.once('error', reject).once('secureConnect', () => resolve(socket))
      })
    },
  })
  const look = (addresses: readonly string[] = [PUBLIC], host = HOST): Promise<boolean> =>
    isProved(host, VALUE, network(addresses))

  it('is the file of the host, at its one place', async () => {
    assert.equal(await look(), true)
    assert.deepEqual(asked, [{ path: PROOF_PATH, host: HOST }])
    assert.deepEqual(connected, [PUBLIC])
  })

  it('or a TXT record, also one in pieces', async () => {
    const text = `civic-domain-proof=${VALUE}`
    const records = [['v=spf1 -all'], [text.slice(0, 20), text.slice(20)]]
    assert.equal(await isProved(HOST, VALUE, network([], records)), true)
    assert.equal(await isProved(HOST, 'cd'.repeat(16), network([], records)), false)
  })

  const wrong: Readonly<Record<string, RequestListener>> = {
    'another value': (_req, res) => res.end('cd'.repeat(16)),
    'the value and more': (_req, res) => res.end(`${VALUE} and more`),
    'another status': (_req, res) => res.writeHead(404).end(VALUE),
    'a redirect': (_req, res) =>
      res.writeHead(302, { Location: `https://${HOST}:${site.port}/elsewhere` }).end(VALUE),
    'more than 1 KiB': (_req, res) => res.end(VALUE + ' '.repeat(1024)),
    'a broken response': (_req, res) => res.socket?.end('nonsense\r\n\r\n'),
    'an endless one': (_req, res) => {
      const more = (): void => {
        while (!res.destroyed && res.write(' '.repeat(512)));
        if (!res.destroyed) res.once('drain', more)
      }
      more()
    },
  }
  for (const [what, listener] of Object.entries(wrong)) {
    it(`is not ${what}`, async () => {
      respond = listener
      assert.equal(await look(), false)
      assert.equal(asked.length, 1)
    })
  }

  it('is not a certificate of another host', async () => {
    assert.equal(await look([PUBLIC], 'other.example.org'), false)
    assert.deepEqual(asked, [])
  })

  it('connects to public addresses only', async () => {
    for (const address of [
      ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
      ...['224.0.0.1', '255.255.255.255', '192.0.2.1', '::1', '::', 'fe80::1', 'fd00::1', '64:ff9b::7f00:1'],
      ...['::ffff:127.0.0.1', '::ffff:93.184.215.14', '2002:7f00:1::', '2001::1', 'not an address', ''],
    ]) {
      assert.equal(await look([address]), false, address)
      // Nor if a public one stands beside it: which one is used is not for the host's owner to choose
      assert.equal(await look([PUBLIC, address]), false, address)
    }
    assert.deepEqual(connected, [])
  })

  it('asks nothing of a host that is an address, however it is written', async () => {
    for (const host of ['127.0.0.1', '[::1]', '93.184.215.14', '[2606:2800:21f::1]'])
      assert.equal(await look([PUBLIC], host), false)
    assert.deepEqual(connected, [])
    // The URL parser of a white list's origins has made an address of these
    for (const text of ['https://2130706433', 'https://0x7f.1', 'https://[::ffff:127.0.0.1]'])
      assert.equal(isPrivateHost(new URL(text).hostname), true, text)
  })

  it('resolves the name once, and connects to what that gave', async () => {
    const answers = [[PUBLIC], ['127.0.0.1']]
    const rebinding = { ...network([]), addresses: () => Promise.resolve(answers.shift() ?? []) }
    assert.equal(await isProved(HOST, VALUE, rebinding), true)
    assert.deepEqual([answers.length, connected], [1, [PUBLIC]])
  })

  it('ends after its time limit, whatever is slow', async () => {
    const closed: string[] = []
    const never = <T>(): Promise<T> => new Promise<T>(() => undefined)
    respond = (req, res) => {
      res.write(VALUE.slice(0, 8))
      req.socket.once('close', () => closed.push('the connection'))
    }
    const slow: Readonly<Record<string, Network>> = {
      'the site': network([PUBLIC]),
      'the names': { ...network([]), addresses: never, records: never },
      'the connection': { ...network([PUBLIC]), connect: never },
    }
    for (const [what, slowly] of Object.entries(slow))
      assert.equal(await isProved(HOST, VALUE, slowly, 200), false, what)
    assert.deepEqual(closed, ['the connection'])
  })

  it('without a name, or where nobody listens, is not found', async () => {
    const gone: Network = {
      addresses: () => Promise.reject(new Error('ENOTFOUND')),
      records: () => Promise.reject(new Error('ENOTFOUND')),
      connect: () => Promise.reject(new Error('never')),
    }
    assert.equal(await isProved(HOST, VALUE, gone), false)
    const closed = { ...network([PUBLIC]), connect: () => Promise.resolve(connectTcp(1, '127.0.0.1')) }
    assert.equal(await isProved(HOST, VALUE, closed), false)
  })

  it('knows the public internet from everything else', () => {
    for (const address of ['1.1.1.1', '93.184.215.14', '223.255.255.254', '2606:4700:4700::1111', '2a00::1'])
      assert.equal(isPublicAddress(address), true, address)
    for (const host of [
      'localhost',
      'a.localhost',
      'shop',
      'shop.test',
      'db.internal',
      '[::1]',
      '192.168.0.1',
    ])
      assert.equal(isPrivateHost(host), true, host)
    for (const host of ['shop.example.org', 'localhost.example.org', 'test.example', '93.184.215.14'])
      assert.equal(isPrivateHost(host), false, host)
  })
})
