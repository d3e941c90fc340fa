import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { sealPayload } from '../../lib/crypto.ts'
import { CivicClient } from '../../lib/index.ts'
import type { CivicError, CivicStrategyOptions } from '../../lib/index.ts'
import { APP_SECRET, FakeSip, forge, ITEMS, json, newKeys, status, USER_ID } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import type { Outcome } from '../support/drive.ts'

const AREA = 'Answers: statuses, shapes and encryption'
const BAD = { kind: 'error', code: 'CIVIC_BAD_ANSWER', status: 502 } as const

function accepts(): never {
  throw new Error('this must not be reached')
}

describe('a response of SIP', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  async function refused(options: Partial<CivicStrategyOptions> = {}, token = sip.token()): Promise<Outcome> {
    let calls = 0
    const strategy = strategyFor(sip, options, () => ({ calls: ++calls }))
    const outcome = await outcomeOf(AREA, 'refused', strategy, post({ authToken: token }))
    assert.equal(calls, 0, 'verify is not called')
    return outcome
  }

  async function bad(options: Partial<CivicStrategyOptions> = {}): Promise<void> {
    const { kind, code, status } = await refused(options)
    assert.deepEqual({ kind, code, status }, BAD)
    assert.equal(sip.exchanges.length, 1, 'the code is sent once')
  }

  async function accepted(options: Partial<CivicStrategyOptions> = {}): Promise<void> {
    const strategy = strategyFor(sip, options)
    const outcome = await outcomeOf(AREA, 'accepted', strategy, post({ authToken: sip.token() }))
    assert.equal(outcome.kind, 'success')
  }

  describe('with any other status than 200', () => {
    const meanings: Record<number, [kind: string, code: string, status: number]> = {
      400: ['fail', 'CIVIC_CODE_REJECTED', 401],
      404: ['fail', 'CIVIC_CODE_REJECTED', 401],
      410: ['fail', 'CIVIC_CODE_REJECTED', 401],
      401: ['error', 'CIVIC_APP_REJECTED', 500],
      403: ['error', 'CIVIC_APP_REJECTED', 500],
      405: ['error', 'CIVIC_APP_REJECTED', 500],
      409: ['error', 'CIVIC_APP_REJECTED', 500],
      429: ['error', 'CIVIC_THROTTLED', 503],
      504: ['error', 'CIVIC_TIMEOUT', 504],
    }
    it('is never a login, even with the body of one: 201 to 599', async () => {
      for (let code = 201; code <= 599; code++) {
        sip.answers = [(res) => json(res, code, sip.successBody())]
        const usual = code >= 500 ? 'CIVIC_UNAVAILABLE' : 'CIVIC_BAD_ANSWER'
        const expected = meanings[code] ?? ['error', usual, 502]
        const { kind, code: got, status } = await refused({ retries: 0 })
        assert.deepEqual([kind, got, status], expected, `status ${code}`)
      }
    })

    it('is never a login if the status is unknown to HTTP', async () => {
      for (const code of [600, 700, 999]) {
        sip.answers = [status(code)]
        const { kind, code: got, status: given } = await refused({ retries: 0 })
        assert.deepEqual([kind, got, given], ['error', 'CIVIC_BAD_ANSWER', 502], `status ${code}`)
      }
    })

    it('may come after an interim one', async () => {
      sip.answers = [
        (res, exchange) => {
          res.writeProcessing()
          res.writeEarlyHints({ link: '</x>; rel=preload' })
          return sip.success()(res, exchange)
        },
      ]
      await accepted()
    })
  })

  describe('is one JSON object', () => {
    const success = (changes: Record<string, unknown> = {}): string =>
      JSON.stringify(sip.successBody(changes))
    const bodies: Record<string, () => string | Buffer> = {
      nothing: () => '',
      'white space': () => ' \n',
      'a page': () => '<!doctype html><title>Sign in</title>',
      'an array': () => `[${success()}]`,
      'a string': () => JSON.stringify(success()),
      null: () => 'null',
      'a number': () => '200',
      'an empty object': () => '{}',
      'JSON cut off': () => success().slice(0, -1),
      'JSON cut in the data': () => success().slice(0, 300),
      'JSON twice': () => success() + success(),
      'JSON and a page': () => `${success()}<html>`,
      'a byte order mark': () => `\ufeff${success()}`,
      'UTF-16': () => Buffer.from(success(), 'utf16le'),
      'no UTF-8': () => Buffer.from(success({ userId: 'caf\xe9' }), 'latin1'),
      'a member twice': () => success().replace('"userId"', '"userId":"x","userId"'),
      'a member twice, once escaped': () => success().replace('"userId"', '"\\u0075serId":"x","userId"'),
      'all on __proto__': () => `{"__proto__":${success()}}`,
      'brackets without end': () => '['.repeat(1_000_000),
      'nesting without end': () => `{"data":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
    }
    for (const [name, body] of Object.entries(bodies)) {
      it(`refuses ${name}`, async () => {
        sip.answers = [(res: ServerResponse) => res.writeHead(200).end(body())]
        await bad()
      })
    }
    it('accepts any content type and extra members', async () => {
      sip.answers = [(res) => res.writeHead(200, { 'Content-Type': 'image/png' }).end(success({ more: {} }))]
      await accepted()
    })
  })

  describe('has members of the right types', () => {
    const wrong: Record<string, unknown[]> = {
      userId: [
        undefined,
        null,
        '',
        ' ',
        '\u00a0\ufeff',
        1,
        true,
        {},
        [],
        [USER_ID],
        'a\nb',
        'a\0',
        'x'.repeat(513),
      ],
      encrypted: [undefined, null, false, 0, 1, '', 'true', 'false', 'yes', [], {}],
      alg: [undefined, null, '', 'AES', 'aes-256-gcm', 'none', 'des', 1, ['aes'], {}],
      data: [undefined, null, '', 'x', 1, true, [], {}, ITEMS, JSON.stringify(ITEMS)],
      processed: [null, 'true', 'false', 0, 1, [], {}],
    }
    for (const [member, values] of Object.entries(wrong)) {
      for (const value of values) {
        const shown = value === undefined ? 'its absence' : JSON.stringify(value).slice(0, 40)
        it(`refuses ${shown} for ${member}`, async () => {
          sip.answers = [sip.success({ [member]: value })]
          await bad()
        })
      }
    }
    it('accepts any printable userId of up to 512 characters', async () => {
      for (const userId of ['1', 'Zoë 🔑', 'x'.repeat(512)]) {
        sip.answers = [sip.success({ userId })]
        await accepted()
      }
    })
  })

  describe('holds a data token that SIP signed for this app and this time', () => {
    const now = (): number => Date.now() / 1000
    const data = (): string => sealPayload(JSON.stringify(ITEMS), APP_SECRET)
    const tokens: Record<string, () => string> = {
      expired: () => sip.dataToken({ iat: now() - 3600, exp: now() - 1800 }),
      'from the future': () => sip.dataToken({ iat: now() + 600, exp: now() + 1200 }),
      'that lives for two days': () => sip.dataToken({ exp: now() + 2 * 86_400 }),
      'with no times': () => sip.dataToken({ iat: undefined, exp: undefined }),
      'for another app': () => sip.dataToken({ sub: 'app54321' }),
      'for another audience': () => sip.dataToken({ aud: 'https://api.civic.com/sip/' }),
      'of another issuer': () => sip.dataToken({ iss: 'civic' }),
      'of a stranger': () => forge({ alg: 'ES256' }, sip.claims({ data: data() }), newKeys().privateKey),
      'of the app itself': () => forge({ alg: 'ES256' }, sip.claims({ data: data() }), sip.app.privateKey),
      'that is unsigned': () => sip.dataToken().replace(/[^.]*$/, ''),
      'of alg none': () => sip.sign(sip.claims({ data: data() }), { alg: 'none' }),
      'with one character changed': () => sip.dataToken().replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
      'that is a code token': () => sip.token(),
      'that is JSON': () => JSON.stringify({ data: data() }),
      'that is the bare ciphertext': () => data(),
    }
    for (const [name, token] of Object.entries(tokens)) {
      it(`refuses one ${name}`, async () => {
        sip.answers = [sip.success({ data: token() })]
        await bad()
      })
    }
    it('accepts any jti in it, or no jti', async () => {
      for (const jti of [undefined, null, 1, '']) {
        sip.answers = [sip.success({ data: sip.dataToken({ jti }) })]
        await accepted()
      }
    })
  })

  describe('that cannot be decrypted', () => {
    const key = Buffer.from(APP_SECRET, 'hex')
    /** Encrypts raw bytes, with padding of one's own if asked. */
    const seal = (bytes: Uint8Array, padded = true): string => {
      const iv = Buffer.alloc(16, 7)
      const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(padded)
      return iv.toString('hex') + Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64')
    }
    const passesPadding = (data: string, secret: string): boolean => {
      const [iv, bytes] = [Buffer.from(data.slice(0, 32), 'hex'), Buffer.from(data.slice(32), 'base64')]
      const decipher = createDecipheriv('aes-128-cbc', Buffer.from(secret, 'hex'), iv)
      decipher.update(bytes)
      try {
        decipher.final()
        return true
      } catch {
        return false
      }
    }
    const good = (): string => sealPayload(JSON.stringify(ITEMS), APP_SECRET)
    const block = (last: number): Buffer => Buffer.concat([Buffer.alloc(31, 0x20), Buffer.from([last])])
    const payloads: Record<string, () => unknown> = {
      'no data': () => undefined,
      'data null': () => null,
      'data a number': () => 1,
      'data an array': () => [good()],
      'data an object': () => ({ data: good() }),
      'data of code token shape': () => ({ codeToken: 'x' }),
      nothing: () => '',
      'an IV alone': () => good().slice(0, 32),
      'an IV cut': () => good().slice(1),
      'an IV of 31 digits and a letter': () => `${good().slice(0, 31)}g${good().slice(32)}`,
      'an IV of other digits': () => `٠${good().slice(1)}`,
      'ciphertext cut by a character': () => good().slice(0, -1),
      'ciphertext cut by a block': () =>
        good().slice(0, 32) + Buffer.from(good().slice(32), 'base64').subarray(0, -16).toString('base64'),
      'ciphertext cut by a byte': () =>
        good().slice(0, 32) + Buffer.from(good().slice(32), 'base64').subarray(0, -1).toString('base64'),
      'ciphertext in base64url': () => good().slice(0, 32) + Buffer.alloc(16, 0xff).toString('base64url'),
      'ciphertext with a line break': () => good().replace(/.{64}$/, '\n$&'),
      'ciphertext without its padding': () => {
        const iv = good().slice(0, 32)
        return `${iv}${Buffer.alloc(16, 1).toString('base64').replace(/=+$/, '')}`
      },
      'ciphertext in hex': () =>
        good().slice(0, 32) + Buffer.from(good().slice(32), 'base64').toString('hex'),
      'padding of 0': () => seal(block(0), false),
      'padding of 17': () => seal(block(17), false),
      'padding of 255': () => seal(block(255), false),
      'padding that disagrees': () => seal(block(2), false),
      'another secret': () => sealPayload(JSON.stringify(ITEMS), 'ff'.repeat(16)),
      'another key length': () => sealPayload(JSON.stringify(ITEMS), APP_SECRET.repeat(2)),
      'no UTF-8': () => seal(Buffer.from('["\xff"]', 'latin1')),
      'UTF-8 cut': () => seal(Buffer.from('[{"value":"\u{1F511}"}]').subarray(0, 14)),
      'no JSON': () => seal(Buffer.from('zoe@example.org')),
      'JSON cut': () => seal(Buffer.from('[{"label":"a"}')),
      'JSON twice': () => seal(Buffer.from('[][]')),
      'a byte order mark': () => seal(Buffer.from('\ufeff[]')),
      'JSON null': () => seal(Buffer.from('null')),
      'a JSON string': () => seal(Buffer.from('"[]"')),
      'a JSON object': () => seal(Buffer.from('{"0":{},"length":1}')),
      'an array of strings': () => seal(Buffer.from('["a"]')),
      'an array of null': () => seal(Buffer.from('[null]')),
      'an array of arrays': () => seal(Buffer.from('[[]]')),
      'items and a number': () => seal(Buffer.from('[{},1]')),
      'nothing, sealed': () => seal(Buffer.alloc(0)),
    }

    const errorOf = async (data: unknown): Promise<CivicError> => {
      sip.answers = [sip.success({ data: sip.token({ data }) })]
      const client = new CivicClient(sip.options)
      return client.exchangeCode(sip.token()).then(accepts, (error: unknown) => error as CivicError)
    }

    it('is the same error, whatever is wrong', async () => {
      const seen = new Map<string, string>()
      for (const [name, make] of Object.entries(payloads)) {
        sip.answers = [sip.success({ data: sip.token({ data: make() }) })]
        const { kind, code, status } = await refused()
        assert.deepEqual({ kind, code, status }, BAD, name)
        const { message, cause, stack = '', ...rest } = await errorOf(make())
        // Line numbers of one and the same place
        seen.set(JSON.stringify({ message, cause, rest, first: stack.split('\n').slice(0, 2) }), name)
      }
      assert.equal(seen.size, 1, `told apart: ${[...seen.values()].join(', ')}`)
      assert.match([...seen.keys()][0]!, /cannot be decrypted/)
    })

    it('is the same error with two secrets, and the right one is used', async () => {
      const appSecret = ['ab'.repeat(16), APP_SECRET] as const
      sip.answers = [sip.success({ data: sip.token({ data: seal(block(2), false) }) })]
      assert.equal((await refused({ appSecret })).code, 'CIVIC_BAD_ANSWER')
      sip.answers = []
      await accepted({ appSecret })
      // The wrong key passes the padding once in 250, and must be told from the right one all the same
      let data = good()
      while (!passesPadding(data, appSecret[0])) data = good()
      sip.answers = [sip.success({ data: sip.token({ data }) })]
      await accepted({ appSecret })
    })

    it('takes the same time for right and wrong padding', async function () {
      this.timeout(60_000)
      const { openAnswer } = await import('../../lib/answer.ts')
      const { readOptions } = await import('../../lib/options.ts')
      const { Deadline } = await import('../../lib/deadline.ts')
      const settings = readOptions(sip.options)
      const deadline = new Deadline(60_000)
      const kinds = [
        'padding that disagrees',
        'padding of 255',
        'no UTF-8',
        'no JSON',
        'JSON null',
        'an array of strings',
      ]
      const bodies = kinds.map((kind) =>
        JSON.stringify(sip.successBody({ data: sip.token({ data: payloads[kind]!() }) })),
      )
      const times = kinds.map((): number[] => [])
      for (let round = 0; round < 400; round++) {
        for (const [index, body] of bodies.entries()) {
          const started = performance.now()
          await assert.rejects(openAnswer(body, settings, accepts, deadline))
          times[index]!.push(performance.now() - started)
        }
      }
      deadline.stop()
      const medians = times.map((list) => list.sort((a, b) => a - b)[list.length / 2]!)
      const spread = Math.max(...medians) - Math.min(...medians)
      // A network's jitter is more, and only what SIP has signed is decrypted at all
      assert.ok(spread < 0.5, `medians in ms: ${medians.map((ms) => ms.toFixed(3)).join(', ')}`)
    })
  })

  describe('that is plain, with allowUnencrypted', () => {
    const options = { allowUnencrypted: true }
    const plain = (data: unknown): void => {
      sip.answers = [sip.success({ encrypted: false, alg: undefined, data: sip.token({ data }) })]
    }
    it('is a login with an array of objects, or the JSON text of one', async () => {
      plain(ITEMS)
      await accepted(options)
      plain(JSON.stringify(ITEMS))
      await accepted(options)
    })
    for (const data of [
      undefined,
      null,
      '',
      'zoe@example.org',
      '[',
      '"[]"',
      'null',
      1,
      {},
      ['x'],
      [null],
      '[1]',
    ]) {
      it(`refuses ${data === undefined ? 'its absence' : JSON.stringify(data)}, and shows nothing of it`, async () => {
        plain(data)
        const outcome = await refused(options)
        assert.deepEqual({ kind: outcome.kind, code: outcome.code, status: outcome.status }, BAD)
        assert.ok(!String((outcome.thrown as Error).stack).includes('zoe'))
      })
    }
    it('is still signed by SIP', async () => {
      sip.answers = [sip.success({ encrypted: false, data: JSON.stringify(ITEMS) })]
      await bad(options)
    })
    it('is still decrypted if it says that it is encrypted', () => accepted(options))
  })
})
