import assert from 'node:assert/strict'
import { createServer, request as httpsRequest } from 'node:https'
import { Agent as HttpAgent } from 'node:http'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { brokeUnanswered, Connections } from '../../lib/connections.ts'
import type { Trip } from '../../lib/connections.ts'
import { CivicClient, MemoryReplayStore } from '../../lib/index.ts'
import type { CivicClientOptions, CivicError } from '../../lib/index.ts'
import { FakeSip, status, USER_ID } from '../support/sip.ts'
import { certificateFor } from '../support/certificate.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import { listen } from '../support/http.ts'

const AREA = 'Answers: connections, sizes and time'

const ENDS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  FIN: (socket) => socket.end(),
  RST: (socket) => socket.resetAndDestroy(),
}

describe('an idle connection that turns out to be dead', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  const clientOf = (options: Partial<CivicClientOptions> = {}): CivicClient =>
    new CivicClient({ ...sip.options, ...options })
  const exchange = async (client: CivicClient): Promise<string> =>
    (await client.exchangeCode(sip.token())).userId

  /** Answers the first request of each connection, and does this to the connection at the next. */
  function atReuse(then: (socket: Socket) => unknown): FakeSip['answers'] {
    const used = new WeakSet<Socket>()
    return [
      (res, exchanged) => {
        const { socket } = exchanged.req
        if (used.has(socket)) return then(socket)
        used.add(socket)
        return sip.success()(res, exchanged)
      },
    ]
  }

  for (const [name, end] of Object.entries(ENDS)) {
    describe(`by ${name}`, () => {
      it('fails no login: the request is sent once more, with a new request token', async () => {
        const client = clientOf()
        sip.answers = atReuse(end)
        await exchange(client)
        assert.equal(await exchange(client), USER_ID)
        const [first, second, third, ...more] = sip.exchanges.map(({ req }) => req)
        assert.deepEqual(more, [])
        assert.equal(second?.socket, first?.socket)
        assert.notEqual(third?.socket, second?.socket)
        assert.notEqual(third?.headers.authorization, second?.headers.authorization)
      })

      it('fails none if it was closed while the process slept', async () => {
        const client = clientOf()
        await exchange(client)
        end((sip.exchanges[0] ?? assert.fail()).req.socket)
        // In the same tick: the client cannot have seen it
        assert.equal(await exchange(client), USER_ID)
      })

      it('fails none if every idle connection is dead', async () => {
        const client = clientOf()
        sip.answers = atReuse(end)
        await Promise.all([exchange(client), exchange(client), exchange(client)])
        assert.equal(await exchange(client), USER_ID)
        assert.equal(sip.exchanges.length, 5)
      })

      it('is sent no third time', async () => {
        const client = clientOf({ retries: 3 })
        await exchange(client)
        sip.answers = [(_res, { req }) => end(req.socket)]
        await assert.rejects(exchange(client), { code: 'CIVIC_UNAVAILABLE', retryable: false })
        assert.equal(sip.exchanges.length, 3)
      })

      it('leaves the code used, whatever the result of the second request', async () => {
        for (const [code, answers] of [
          ['CIVIC_UNAVAILABLE', []],
          ['CIVIC_THROTTLED', [status(429)]],
        ] as const) {
          const replayStore = new MemoryReplayStore()
          const strategy = strategyFor(sip, { replayStore })
          const login = (authToken: string, expected: 'accepted' | 'refused' = 'refused') =>
            outcomeOf(AREA, expected, strategy, post({ authToken }))
          sip.answers = []
          await login(sip.token(), 'accepted')
          const breaking = (_res: unknown, { req }: FakeSip['exchanges'][number]) => end(req.socket)
          sip.answers = [breaking, ...answers, ...(answers.length ? [] : [breaking])]
          const token = sip.token()
          const { thrown } = await login(token)
          assert.deepEqual([(thrown as CivicError).code, (thrown as CivicError).retryable], [code, false])
          assert.equal((await login(token)).code, 'CIVIC_TOKEN_REPLAYED')
        }
      })

      it('is sent once if retries is 0', async () => {
        const client = clientOf({ retries: 0 })
        sip.answers = atReuse(end)
        await exchange(client)
        await assert.rejects(exchange(client), { code: 'CIVIC_UNAVAILABLE', retryable: false })
        assert.equal(sip.exchanges.length, 2)
      })

      it('is sent once if a byte of a response has come', async () => {
        const client = clientOf()
        sip.answers = atReuse((socket) => socket.write('H', () => end(socket)))
        await exchange(client)
        await assert.rejects(exchange(client), { code: 'CIVIC_UNAVAILABLE', retryable: false })
        assert.equal(sip.exchanges.length, 2)
      })

      it('is sent once on a new connection', async () => {
        sip.answers = [(_res, { req }) => end(req.socket)]
        await assert.rejects(exchange(clientOf()), { code: 'CIVIC_UNAVAILABLE', retryable: false })
        assert.equal(sip.exchanges.length, 1)
      })

      it('is sent once by an agent of the app, which reports no reuse', async () => {
        const agent = new HttpAgent({ keepAlive: true })
        const client = clientOf({ agent })
        sip.answers = atReuse(end)
        await exchange(client)
        await assert.rejects(exchange(client), { code: 'CIVIC_UNAVAILABLE', retryable: false })
        assert.equal(sip.exchanges.length, 2)
        agent.destroy()
      })
    })
  }

  it('in silence ends at the deadline: the request is sent once, and the code stays used', async () => {
    const strategy = strategyFor(sip, { timeout: 300 })
    const login = async (authToken: string) => outcomeOf(AREA, 'refused', strategy, post({ authToken }))
    sip.answers = atReuse(() => undefined)
    await outcomeOf(AREA, 'accepted', strategy, post({ authToken: sip.token() }))
    const token = sip.token()
    assert.equal((await login(token)).code, 'CIVIC_TIMEOUT')
    assert.equal((await login(token)).code, 'CIVIC_TOKEN_REPLAYED')
    assert.equal(sip.exchanges.length, 2)
  })

  it('is seen under TLS as well, whose own records are no byte of a response', async function () {
    const certificate = certificateFor(this, ['IP:127.0.0.1'])
    const server = createServer(certificate)
    const listening = await listen(server)
    const connections = new Connections()
    const url = new URL(`https://127.0.0.1:${listening.port}`)
    const send = async (trip: Trip): Promise<void> => {
      const sent = httpsRequest(url, { agent: connections.agentFor(trip)(url), ca: certificate.cert }).end()
      const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream]
      response.resume()
      await once(response, 'end')
      // The agent has the socket back a moment later
      await setImmediate()
    }
    try {
      for (const end of [ENDS['FIN']!, (socket: Socket) => socket.destroy()]) {
        for (const [answer, isUnanswered] of [
          ['', true],
          ['H', false],
        ] as const) {
          const [first, second]: Trip[] = [{}, {}]
          server.once('request', (_req, res) => res.end('first'))
          await send(first!)
          assert.equal(brokeUnanswered(first!), false)
          server.once('request', (req) => {
            if (answer === '') end(req.socket)
            else req.socket.write(answer, () => end(req.socket))
          })
          await assert.rejects(send(second!))
          assert.equal(brokeUnanswered(second!), isUnanswered)
        }
      }
    } finally {
      connections.agentFor({})(url).destroy()
      await listening.close()
    }
  })
})
