import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { Agent, createServer as createHttpsServer } from 'node:https'
import { connect, createServer as createProxy } from 'node:net'
import type { Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { Agent as Dispatcher, fetch as undiciFetch } from 'undici'
import type { CivicError, CivicStrategyOptions, Fetch } from '../../lib/index.ts'
import { FakeSip, json } from '../support/sip.ts'
import { certificateFor } from '../support/certificate.ts'
import type { Certificate } from '../support/certificate.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import type { Outcome } from '../support/drive.ts'
import { listen, serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'

const AREA = 'Answers: TLS'

describe('TLS to SIP', () => {
  const sip = new FakeSip()
  const servers: Listening[] = []
  let certificate: Certificate
  let requests = 0

  before(async function () {
    certificate = certificateFor(this, ['DNS:localhost'])
    await sip.start()
  })
  after(() => sip.stop())
  beforeEach(() => {
    requests = 0
  })
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

  async function start(server: Server): Promise<number> {
    const listening = await listen(server)
    servers.push(listening)
    return listening.port
  }

  const httpsServer = (options: object): Server =>
    createHttpsServer(options, (_req, res) => {
      requests++
      json(res, 200, sip.successBody())
    })

  async function login(
    url: string,
    expected: 'accepted' | 'refused',
    options: Partial<CivicStrategyOptions> = {},
  ): Promise<Outcome> {
    const agent = new Agent({ ca: certificate.cert })
    const settings = { api: url, audience: sip.api, agent, retries: 0, ...options }
    const outcome = await outcomeOf(
      AREA,
      expected,
      strategyFor(sip, settings),
      post({ authToken: sip.token() }),
    )
    agent.destroy()
    return outcome
  }

  async function unsent(outcome: Promise<Outcome>): Promise<void> {
    const { code, thrown } = await outcome
    assert.equal(code, 'CIVIC_UNAVAILABLE')
    assert.equal((thrown as CivicError).retryable, true)
    assert.equal(requests, 0, 'no request arrives')
  }

  it('accepts a server that the agent trusts', async () => {
    const port = await start(httpsServer(certificate))
    assert.equal((await login(`https://localhost:${port}/sip/`, 'accepted')).kind, 'success')
  })

  it('refuses an untrusted server', async () => {
    const port = await start(httpsServer(certificate))
    await unsent(login(`https://localhost:${port}/sip/`, 'refused', { agent: new Agent() }))
  })

  it('refuses another certificate than the pinned, by node-fetch and by undici', async () => {
    const port = await start(httpsServer(certificate))
    const url = `https://localhost:${port}/sip/`
    const { fingerprint256 } = new X509Certificate(certificate.cert)
    for (const pin of [fingerprint256, fingerprint256.replace(/^../, 'zz')]) {
      const checkPin = (_host: string, { fingerprint256: shown }: PeerCertificate): Error | undefined =>
        shown === pin
          ? undefined
          : Object.assign(new Error('a pin'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
      const connection = { ca: certificate.cert, checkServerIdentity: checkPin }
      const dispatcher = new Dispatcher({ connect: connection })
      const agent = new Agent(connection)
      const bound: Fetch = (to, init: object) => undiciFetch(to, { ...init, dispatcher })
      for (const options of [{ agent }, { agent: undefined, fetch: bound }]) {
        requests = 0
        const isRight = pin === fingerprint256
        const outcome = login(url, isRight ? 'accepted' : 'refused', options as Partial<CivicStrategyOptions>)
        if (isRight) assert.equal((await outcome).kind, 'success')
        else await unsent(outcome)
      }
      agent.destroy()
      await dispatcher.destroy()
    }
  })

  it('refuses a certificate for another host', async () => {
    const port = await start(httpsServer(certificate))
    await unsent(login(`https://127.0.0.1:${port}/sip/`, 'refused'))
  })

  it('refuses TLS 1.1', async () => {
    const old = { ...certificate, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }
    const port = await start(httpsServer(old))
    const { code } = await login(`https://localhost:${port}/sip/`, 'refused')
    assert.equal(code, 'CIVIC_UNAVAILABLE')
    assert.equal(requests, 0)
  })

  it('refuses a plain HTTP server', async () => {
    const plain = await serve((_req, res) => res.end())
    servers.push(plain)
    await unsent(login(`https://localhost:${plain.port}/sip/`, 'refused'))
  })

  it('refuses a server that closes or says nothing, in time', async () => {
    const closing = await start(createProxy((socket) => socket.end()))
    assert.equal((await login(`https://localhost:${closing}/sip/`, 'refused')).code, 'CIVIC_UNAVAILABLE')
    const silent = await start(createProxy(() => undefined))
    const outcome = await login(`https://localhost:${silent}/sip/`, 'refused', { timeout: 300 })
    assert.equal(outcome.code, 'CIVIC_TIMEOUT')
  })

  describe('broken by a network attacker after the request has arrived', () => {
    const garbage: Record<string, Buffer> = {
      'plain HTTP': Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      zeros: Buffer.alloc(50),
      'a record of another version': Buffer.from([0x17, 9, 9, 0, 2, 2, 40]),
      'an alert in the clear': Buffer.from([0x15, 3, 3, 0, 2, 2, 40]),
      'a record of another kind': Buffer.from([0x80, 3, 3, 0, 2, 2, 40]),
    }
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const [name, bytes] of Object.entries(garbage)) {
        it(`by ${name} (${maxVersion}) is not sent again, since SIP may have used the code`, async () => {
          let wire: Socket | undefined
          let arrived = 0
          const inside = (socket: TLSSocket): void => {
            socket.on('error', () => socket.destroy())
            let text = ''
            socket.on('data', (chunk: Buffer) => {
              text += chunk.toString()
              if (!text.endsWith('}')) return
              arrived++
              wire?.write(bytes)
            })
          }
          const back = await start(createTlsServer({ ...certificate, maxVersion }, inside))
          const front = await start(
            createProxy((socket) => {
              wire = socket
              const to = connect(back, '127.0.0.1')
              for (const end of [socket, to]) end.on('error', () => end.destroy())
              socket.pipe(to).pipe(socket)
            }),
          )
          const outcome = await login(`https://localhost:${front}/sip/`, 'refused', { retries: 3 })
          assert.equal(outcome.code, 'CIVIC_UNAVAILABLE')
          assert.equal((outcome.thrown as CivicError).retryable, false)
          assert.equal(arrived, 1)
        })
      }
    }
  })
})
