import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { fetch as undiciFetch } from 'undici'
import type { CivicStrategyOptions, Fetch } from '../../lib/index.ts'
import { FakeSip } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import type { Outcome } from '../support/drive.ts'
import { peakOf } from './support/memory.ts'
import { flood, rawSip } from './support/raw-sip.ts'
import type { RawSip } from './support/raw-sip.ts'

const AREA = 'Answers: connections, sizes and time'
const TIMEOUT = 1000
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
const BOMB = 2 ** 28

const FETCHES: Readonly<Record<string, Fetch | undefined>> = {
  'node-fetch': undefined,
  undici: undiciFetch as Fetch,
  "Node's own fetch": globalThis.fetch as Fetch,
}

interface Case {
  readonly answer: (socket: Socket) => unknown
  readonly codes: readonly string[]
}

const BROKEN = ['CIVIC_BAD_ANSWER']
const LOST = ['CIVIC_UNAVAILABLE']
const LATE = ['CIVIC_TIMEOUT']

/** Bytes that inflate to a quarter of a gigabyte, made once. */
const bombs = (() => {
  const zeros = Buffer.alloc(BOMB, ' ')
  return { gzip: gzipSync(zeros), deflate: deflateSync(zeros), br: brotliCompressSync(zeros) }
})()

describe('a SIP that lies', () => {
  const sip = new FakeSip()
  const servers: RawSip[] = []
  before(() => sip.start())
  after(() => sip.stop())
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

  const success = (changes: Record<string, unknown> = {}): string => JSON.stringify(sip.successBody(changes))
  const whole = (body: string | Uint8Array, headers = ''): string =>
    `${OK}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
  const gzipped = (body: Buffer, length = body.length): string =>
    `${OK}Content-Encoding: gzip\r\nContent-Length: ${length}\r\n\r\n`
  const encoded = (coding: string, body: Uint8Array) => (socket: Socket) => {
    socket.write(`${OK}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.end(body)
  }
  /** Writes the text piece by piece, so slowly that the deadline comes first. */
  const drip = (socket: Socket, text: string): void => {
    let at = 0
    const timer = setInterval(() => socket.write(text.charAt(at++ % text.length)), TIMEOUT / 8)
    socket.once('close', () => clearInterval(timer))
  }

  async function meet(answer: Case['answer'], options: Partial<CivicStrategyOptions>): Promise<Outcome> {
    const server = await rawSip(answer)
    servers.push(server)
    const strategy = strategyFor(sip, { api: server.api, audience: sip.api, ...options })
    const outcome = await outcomeOf(AREA, 'refused', strategy, post({ authToken: sip.token() }))
    assert.equal(outcome.kind, 'error')
    assert.equal(server.requests(), 1, 'the code is sent once')
    return outcome
  }

  const cases: Record<string, Case> = {
    'says nothing': { answer: () => undefined, codes: LATE },
    'closes at once': { answer: (socket) => socket.end(), codes: LOST },
    'resets at once': { answer: (socket) => socket.resetAndDestroy(), codes: LOST },
    'resets inside the headers': {
      answer: (socket) => socket.write(OK, () => socket.resetAndDestroy()),
      codes: LOST,
    },
    'resets inside the body': {
      answer: (socket) => socket.write(`${whole(success())}{"data":`, () => socket.resetAndDestroy()),
      codes: [...BROKEN, ...LOST],
    },
    'closes inside the body': {
      answer: (socket) => socket.end(`${whole(success())}${success().slice(0, -1)}`),
      codes: BROKEN,
    },
    'closes inside a chunk': {
      answer: (socket) =>
        socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n${chunk(success()).slice(0, -9)}`),
      codes: BROKEN,
    },
    'closes before the last chunk': {
      answer: (socket) => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n${chunk(success())}`),
      codes: BROKEN,
    },
    'closes a body that has no length': {
      answer: (socket) => socket.end(`${OK}Connection: close\r\n\r\n${success().slice(0, -1)}`),
      codes: BROKEN,
    },
    'stops inside the headers': { answer: (socket) => socket.write(OK), codes: LATE },
    'stops inside the body': {
      answer: (socket) => socket.write(`${whole(success())}{"data"`),
      codes: LATE,
    },
    'sends its headers a byte at a time': { answer: (socket) => drip(socket, OK), codes: LATE },
    'sends its body a byte at a time': {
      answer: (socket) => {
        socket.write(`${OK}Content-Length: 5000\r\n\r\n`)
        drip(socket, ' ')
      },
      codes: LATE,
    },
    'sends chunks of a byte': {
      answer: (socket) => {
        socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`)
        const timer = setInterval(() => socket.write(chunk(' ')), TIMEOUT / 8)
        socket.once('close', () => clearInterval(timer))
      },
      codes: LATE,
    },
    'sends a body without end': {
      answer: (socket) => {
        socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`)
        flood(socket, chunk(' '.repeat(65_536)))
      },
      codes: BROKEN,
    },
    'sends a body without end and without length': {
      answer: (socket) => {
        socket.write(`${OK}Connection: close\r\n\r\n`)
        flood(socket, ' '.repeat(65_536))
      },
      codes: BROKEN,
    },
    'names a length of a terabyte': {
      answer: (socket) => {
        socket.write(`${OK}Content-Length: 1099511627776\r\n\r\n`)
        flood(socket, '{'.repeat(65_536))
      },
      codes: BROKEN,
    },
    'sends an error without end': {
      answer: (socket) => {
        socket.write('HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n')
        flood(socket, chunk(' '.repeat(65_536)))
      },
      codes: LOST,
    },
    'sends a header without end': {
      answer: (socket) => {
        socket.write(`${OK}X-Fill: `)
        flood(socket, 'x'.repeat(65_536))
      },
      codes: LOST,
    },
    'sends headers without end': {
      answer: (socket) => {
        socket.write(OK)
        flood(socket, 'X-Fill: x\r\n'.repeat(1000))
      },
      codes: LOST,
    },
    'sends interim answers without end': {
      answer: (socket) => flood(socket, 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)),
      codes: [...LATE, ...LOST],
    },
    'sends chunk extensions without end': {
      answer: (socket) => {
        socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n1;`)
        flood(socket, 'x=y;'.repeat(10_000))
      },
      codes: [...BROKEN, ...LOST, ...LATE],
    },
    'sends a gzip bomb': { answer: encoded('gzip', bombs.gzip), codes: BROKEN },
    'sends a deflate bomb': { answer: encoded('deflate', bombs.deflate), codes: BROKEN },
    'sends a brotli bomb': { answer: encoded('br', bombs.br), codes: BROKEN },
    'sends a bomb in a bomb': {
      answer: encoded('gzip, gzip', gzipSync(bombs.gzip)),
      codes: [...BROKEN, ...LOST],
    },
    'calls plain text gzip': {
      answer: (socket) => socket.end(whole(success(), 'Content-Encoding: gzip\r\n') + success()),
      codes: BROKEN,
    },
    'sends gzip under no name': {
      answer: (socket) => {
        const body = gzipSync(success())
        socket.write(whole(body))
        socket.end(body)
      },
      codes: BROKEN,
    },
    'cuts gzip in its trailer': {
      answer: (socket) => {
        const body = gzipSync(success()).subarray(0, -30)
        socket.write(gzipped(body))
        socket.end(body)
      },
      codes: BROKEN,
    },
    'cuts gzip in the middle': {
      answer: (socket) => {
        const body = gzipSync(success()).subarray(0, 200)
        socket.write(gzipped(body))
        socket.end(body)
      },
      codes: BROKEN,
    },
    'breaks one byte of gzip': {
      answer: (socket) => {
        const body = gzipSync(success())
        body[60]! ^= 1
        socket.write(gzipped(body))
        socket.end(body)
      },
      codes: BROKEN,
    },
    'speaks no HTTP': { answer: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), codes: LOST },
    'speaks HTTP/0.9': { answer: (socket) => socket.end(success()), codes: LOST },
    'sends bytes that are nothing': { answer: (socket) => socket.end(Buffer.alloc(5000)), codes: LOST },
    'names two lengths': {
      answer: (socket) => socket.end(`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}`),
      codes: [...LOST, ...BROKEN],
    },
    'names a length and chunks': {
      answer: (socket) =>
        socket.end(`${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`),
      codes: [...LOST, ...BROKEN],
    },
    'switches protocols': {
      answer: (socket) => socket.end('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
      // Node-fetch is told nothing of it
      codes: [...LOST, ...BROKEN, ...LATE],
    },
    'asks for a password': {
      answer: (socket) =>
        socket.end('HTTP/1.1 407 Proxy\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n'),
      codes: [...BROKEN, ...LOST],
    },
  }

  for (const [name, fetch] of Object.entries(FETCHES)) {
    describe(`to ${name}`, () => {
      for (const [does, { answer, codes }] of Object.entries(cases)) {
        it(`and ${does}: one error, in time, in flat memory`, async function () {
          this.timeout(30_000)
          const started = performance.now()
          let outcome: Outcome | undefined
          // Short where the deadline is what ends it, else long enough for a busy machine
          const timeout = codes.includes('CIVIC_TIMEOUT') ? TIMEOUT : 10_000
          const options = { maxResponseBytes: 1_000_000, timeout, ...(fetch && { fetch }) }
          const grown = await peakOf(async () => {
            outcome = await meet(answer, options)
          })
          assert.ok(codes.includes(outcome!.code!), `${outcome!.code}: ${String(outcome!.thrown)}`)
          // Far beyond the deadline only where nothing keeps to it: the machine may be busy
          assert.ok(performance.now() - started < timeout + 10_000)
          assert.ok(grown < 100, `${Math.round(grown)} MiB more`)
        })
      }
    })
  }

  it('may compress a genuine response', async () => {
    const compressors = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }
    for (const fetch of Object.values(FETCHES)) {
      for (const [coding, compress] of Object.entries(compressors)) {
        const server = await rawSip((socket) => encoded(coding, compress(success()))(socket))
        servers.push(server)
        const options = { api: server.api, audience: sip.api, ...(fetch && { fetch }) }
        const outcome = await outcomeOf(
          AREA,
          'accepted',
          strategyFor(sip, options),
          post({ authToken: sip.token() }),
        )
        assert.equal(outcome.kind, 'success', String(outcome.thrown))
      }
    }
  })

  it('may throttle and then say nothing: the first response, left unread, breaks nothing later', async () => {
    let requests = 0
    const server = await rawSip((socket) => {
      requests++
      if (requests === 1) socket.write('HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 9\r\n\r\n{')
    })
    servers.push(server)
    const options = { api: server.api, audience: sip.api, timeout: TIMEOUT }
    const outcome = await outcomeOf(
      AREA,
      'refused',
      strategyFor(sip, options),
      post({ authToken: sip.token() }),
    )
    assert.equal(outcome.code, 'CIVIC_TIMEOUT')
    assert.equal(requests, 2)
  })

  it('may leave a fetch without a deadline hanging', async () => {
    const hanging: Record<string, Fetch> = {
      'no answer': () => new Promise(() => undefined),
      'no body': () =>
        Promise.resolve({
          status: 200,
          redirected: false,
          headers: new Headers(),
          body: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) },
        }),
    }
    for (const fetch of Object.values(hanging)) {
      const strategy = strategyFor(sip, { fetch, timeout: 50 })
      const outcome = await outcomeOf(AREA, 'refused', strategy, post({ authToken: sip.token() }))
      assert.equal(outcome.code, 'CIVIC_TIMEOUT')
    }
  })
})
