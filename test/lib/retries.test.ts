import assert from 'node:assert/strict'
import nodeFetch from 'node-fetch'
import type { CivicError } from '../../lib/index.ts'
import { CivicClient } from '../../lib/index.ts'
import type { CivicClientOptions, Fetch } from '../../lib/index.ts'
import { FakeSip, status, USER_ID } from '../support/sip.ts'

describe('an exchange is repeated', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  const exchange = (options: Partial<CivicClientOptions>): Promise<{ userId: string }> =>
    new CivicClient({ ...sip.options, ...options }).exchangeCode(sip.token())

  /** A fetch that fails so many times before it goes through. */
  const failing = (error: unknown, times = 1): Fetch & { calls: number } => {
    const fetch = async (url: string, init: object): Promise<unknown> => {
      if (fetch.calls++ < times) throw error
      return nodeFetch(url, init)
    }
    fetch.calls = 0
    return fetch
  }
  const caused = (cause: object): Error => Object.assign(new TypeError('fetch failed'), { cause })

  /** So many errors, of which the last, the cause of all others, is one that sent nothing. */
  const chain = (length: number): object =>
    length === 1 ? { code: 'ECONNREFUSED', syscall: 'connect' } : caused(chain(length - 1))

  describe('if the request failed before its headers were sent', () => {
    const unsent: Record<string, object> = {
      'look-up': { code: 'ENOTFOUND', syscall: 'getaddrinfo' },
      refused: { code: 'ECONNREFUSED', syscall: 'connect' },
      unreachable: { code: 'ENETUNREACH', syscall: 'connect' },
      'connect timeout': { code: 'ETIMEDOUT', syscall: 'connect' },
      'a cause of a cause': caused(caused({ code: 'SELF_SIGNED_CERT_IN_CHAIN' })),
      'a cause far down': chain(8),
      'a TLS handshake': { code: 'EPROTO', syscall: 'write' },
      'a proxy’s tunnel': { code: 'ERR_PROXY_TUNNEL' },
      'Bun’s own form, and its form for a name that nobody knows': { code: 'ConnectionRefused', errno: 0 },
      'Bun’s form for a socket that does not open': { code: 'FailedToOpenSocket', errno: 0 },
      'node-fetch’s own form': { code: 'ECONNREFUSED', erroredSysCall: 'connect', type: 'system' },
    }
    for (const [name, error] of Object.entries(unsent)) {
      it(name, async () => {
        const fetch = failing(error)
        assert.equal((await exchange({ fetch })).userId, USER_ID)
        assert.equal(fetch.calls, 2)
        assert.equal(sip.exchanges.length, 1)
      })
    }

    const codes = {
      'no address': ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'ENODATA'],
      'no way there': ['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'],
      'no connection': ['ECONNREFUSED', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'],
      'no TLS': ['EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_HANDSHAKE_TIMEOUT', 'HOSTNAME_MISMATCH'],
      'a certificate': ['HAS_EXPIRED', 'NOT_YET_VALID', 'REVOKED', 'REJECTED', 'UNTRUSTED'].map(
        (why) => `CERT_${why}`,
      ),
      'a chain of certificates': [
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        'SELF_SIGNED_CERT_IN_CHAIN',
        'UNABLE_TO_GET_ISSUER_CERT',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      ],
    }
    for (const [name, all] of Object.entries(codes)) {
      it(`${name}: ${all.join(', ')}`, async () => {
        for (const code of all)
          assert.equal((await exchange({ fetch: failing(caused({ code })) })).userId, USER_ID, code)
      })
    }

    it('at once', async () => {
      // With the half second after a 429 that says nothing, eight of them would take four
      const eight = { fetch: failing(unsent['refused'], 8), retries: 8, timeout: 3900 }
      assert.equal((await exchange(eight)).userId, USER_ID)
    })

    it('as often as retries says, each time with a new request token', async () => {
      await assert.rejects(exchange({ fetch: failing(unsent['refused'], 3), retries: 2 }), {
        retryable: true,
      })
      assert.equal((await exchange({ fetch: failing(unsent['refused'], 3), retries: 3 })).userId, USER_ID)
      await assert.rejects(exchange({ fetch: failing(unsent['refused']), retries: 0 }), {
        code: 'CIVIC_UNAVAILABLE',
      })
    })
  })

  describe('if SIP responded with 429', () => {
    it('after Retry-After, with a fresh request token', async () => {
      sip.answers = [status(429, { 'Retry-After': '0' }), sip.success()]
      assert.equal((await exchange({})).userId, USER_ID)
      const [first, second] = sip.exchanges.map(({ req }) => req.headers.authorization)
      assert.notEqual(first, second)
    })

    it('or a moment later, without Retry-After', async () => {
      sip.answers = [status(429), sip.success()]
      assert.equal((await exchange({})).userId, USER_ID)
    })

    it('with Retry-After as a date', async () => {
      sip.answers = [status(429, { 'Retry-After': new Date().toUTCString() }), sip.success()]
      assert.equal((await exchange({})).userId, USER_ID)
      sip.answers = [status(429, { 'Retry-After': 'soon' }), sip.success()]
      assert.equal((await exchange({})).userId, USER_ID)
    })

    it('and says how many seconds that is', async () => {
      const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString()
      const throttled = async (value?: string): Promise<CivicError> => {
        sip.answers = [status(429, value === undefined ? {} : { 'Retry-After': value })]
        return exchange({ retries: 0 }).then(
          () => assert.fail('it was no error'),
          (error: unknown) => error as CivicError,
        )
      }
      const retryAfter = async (value?: string): Promise<number | undefined> =>
        (await throttled(value)).retryAfter
      assert.equal(await retryAfter('7'), 7)
      assert.equal(await retryAfter('999999999'), 999_999_999)
      assert.equal(await retryAfter(at(-60)), 0)
      const minute = (await retryAfter(at(60))) ?? NaN
      // A date has no fractions, and the request takes its time
      assert.ok(minute > 30 && minute <= 60, String(minute))
      for (const value of [undefined, 'soon', '', 'x7', '7x', '7 seconds'])
        assert.ok(!Number.isNaN(await retryAfter(value)), value)
      for (const value of [undefined, 'soon', '']) assert.equal(await retryAfter(value), undefined)
      assert.ok(!Object.hasOwn(await throttled(), 'retryAfter'))
    })

    it('but not past the deadline: then it fails at once, and says when', async () => {
      sip.answers = [status(429, { 'Retry-After': '60' }), sip.success()]
      await assert.rejects(exchange({}), { code: 'CIVIC_THROTTLED', retryAfter: 60, retryable: true })
      assert.equal(sip.exchanges.length, 1)
    })
  })

  describe('never if SIP may have used the code', () => {
    const sent: Record<string, unknown> = {
      'a reset': { code: 'ECONNRESET', syscall: 'read' },
      'an established connection that times out': { code: 'ETIMEDOUT', syscall: 'read' },
      'an established connection that becomes unreachable': { code: 'EHOSTUNREACH', syscall: 'write' },
      'a connection that closes under Bun': { code: 'ConnectionClosed', errno: 0 },
      'an error without a code': new Error('failed'),
      'an error with an unknown code': { code: 'a secret in lower case' },
      'a cause further down than any fetch puts one': chain(9),
      'no error at all': undefined,
      'causes without end': (() => {
        const error: { cause?: unknown } = {}
        error.cause = error
        return error
      })(),
    }
    for (const [name, error] of Object.entries(sent)) {
      it(name, async () => {
        const fetch = failing(error)
        await assert.rejects(exchange({ fetch }), { code: 'CIVIC_UNAVAILABLE', retryable: false })
        assert.equal(fetch.calls, 1)
      })
    }

    it('and says which code the system gave, if it is one', async () => {
      const said: Record<string, unknown> = {
        ECONNRESET: { code: 'ECONNRESET', syscall: 'read' },
        UND_ERR_SOCKET: { code: 'UND_ERR_SOCKET', cause: { code: 'ECONNRESET' } },
        HPE_INVALID_CONSTANT: caused({ code: 'HPE_INVALID_CONSTANT' }),
      }
      for (const [code, error] of Object.entries(said))
        await assert.rejects(exchange({ fetch: failing(error) }), {
          message: `SIP cannot be reached (${code})`,
        })
      const none = [
        'ASecret',
        'a secret',
        'ECONNRESET of a secret',
        'a secret ECONNRESET',
        '',
        7,
        ['ECONNRESET'],
        undefined,
      ]
      for (const code of none) {
        const fetch = failing(Object.assign(new Error('a secret'), { code }))
        await assert.rejects(exchange({ fetch }), { message: 'SIP cannot be reached (UNKNOWN)' })
      }
    })

    for (const code of [200, 302, 400, 403, 500, 503, 504]) {
      it(`an answer ${code}`, async () => {
        sip.answers = [status(code), sip.success()]
        await assert.rejects(exchange({ retries: 3 }), (error: unknown) => !(error as CivicError).retryable)
        assert.equal(sip.exchanges.length, 1)
      })
    }
  })
})
