import assert from 'node:assert/strict'
import type { RequestHandler } from 'express'
import { CivicStrategy } from '../../lib/index.ts'
import { APP_ID, FakeSip } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import { EXPRESS } from './support/frameworks.ts'
import { send, serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'
import { createSite } from './support/site.ts'
import type { Told } from './support/site.ts'
import { count } from '../support/tally.ts'
import type { Verdict } from '../support/tally.ts'

const AREA = 'Requests: bodies of every kind'
const MISSING = 'CIVIC_TOKEN_MISSING'
const MALFORMED = 'CIVIC_TOKEN_MALFORMED'

describe('the body of a request', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.exchanges.length = 0
  })

  describe('as a strategy sees it', () => {
    const token = (): string => sip.token()
    const hostile: Record<string, [make: () => unknown, code: string]> = {
      undefined: [() => undefined, MISSING],
      null: [() => null, MISSING],
      'a string that is a token': [token, MISSING],
      'a String that is a token': [() => Object(token()) as unknown, MISSING],
      'an array of a token': [() => [token()], MISSING],
      'a number': [() => 1, MISSING],
      'a Buffer': [() => Buffer.from(token()), MISSING],
      'a Map': [() => new Map([['authToken', token()]]), MISSING],
      'a function with the field': [() => Object.assign(() => undefined, { authToken: token() }), MISSING],
      'an object that inherits the field': [() => Object.create({ authToken: token() }) as unknown, MISSING],
      'a class that defines the field': [
        () => {
          class Body {
            get authToken(): string {
              return token()
            }
          }
          return new Body()
        },
        MISSING,
      ],
      'a field of another case': [() => ({ authtoken: token(), AuthToken: token() }), MISSING],
      'undefined for the field': [() => ({ authToken: undefined }), MISSING],
      'null for the field': [() => ({ authToken: null }), MISSING],
      'an empty string': [() => ({ authToken: '' }), MISSING],
      'a number for the field': [() => ({ authToken: 1 }), MALFORMED],
      'zero for the field': [() => ({ authToken: 0 }), MALFORMED],
      'false for the field': [() => ({ authToken: false }), MALFORMED],
      'NaN for the field': [() => ({ authToken: NaN }), MALFORMED],
      'a bigint for the field': [() => ({ authToken: 1n }), MALFORMED],
      'a symbol for the field': [() => ({ authToken: Symbol('x') }), MALFORMED],
      'an array for the field': [() => ({ authToken: [token()] }), MALFORMED],
      'an object for the field': [() => ({ authToken: { token: token() } }), MALFORMED],
      'an object with toString': [() => ({ authToken: { toString: token } }), MALFORMED],
      'an object with toPrimitive': [() => ({ authToken: { [Symbol.toPrimitive]: token } }), MALFORMED],
      'an object with a length and split': [
        () => ({ authToken: { length: 1, split: () => token().split('.') } }),
        MALFORMED,
      ],
      'a String object for the field': [() => ({ authToken: Object(token()) as unknown }), MALFORMED],
      'a Buffer for the field': [() => ({ authToken: Buffer.from(token()) }), MALFORMED],
      'a function for the field': [() => ({ authToken: token }), MALFORMED],
      'one character more than the limit': [() => ({ authToken: 'x'.repeat(8193) }), MALFORMED],
      'a genuine token past the limit': [
        () => ({ authToken: sip.token({ fill: 'x'.repeat(8192) }) }),
        MALFORMED,
      ],
      'ten million characters': [() => ({ authToken: 'x'.repeat(1e7) }), MALFORMED],
    }
    for (const [name, [make, code]] of Object.entries(hostile)) {
      it(`is refused: ${name}`, async () => {
        const outcome = await outcomeOf(AREA, 'refused', strategyFor(sip), post(make()))
        assert.deepEqual({ ...outcome }, { kind: 'fail', code, status: 400 })
        assert.equal(sip.exchanges.length, 0)
      })
    }

    it('may have no prototype, and the token up to 8,192 characters', async () => {
      const body = Object.assign(Object.create(null) as Record<string, string>, { authToken: sip.token() })
      assert.equal((await outcomeOf(AREA, 'accepted', strategyFor(sip), post(body))).kind, 'success')
      // Base64url makes four characters of three
      const claims = { ...sip.claims(), fill: '' }
      const short = sip.sign(claims)
      const fill = 'x'.repeat(Math.floor(((8192 - short.length) * 3) / 4) - 1)
      const long = sip.sign({ ...claims, fill })
      assert.ok(long.length > 8185 && long.length <= 8192)
      const outcome = await outcomeOf(AREA, 'accepted', strategyFor(sip), post({ authToken: long }))
      assert.equal(outcome.kind, 'success')
    })

    const throwing: Record<string, object> = {
      'a body that throws': {
        method: 'POST',
        headers: {},
        get body(): never {
          throw new Error('body')
        },
      },
      'a field that throws': post({
        get authToken(): never {
          throw new Error('field')
        },
      }),
      'a body that is a proxy which throws': post(
        new Proxy(
          {},
          {
            getOwnPropertyDescriptor: () => {
              throw new Error('proxy')
            },
          },
        ),
      ),
      'no headers': { method: 'POST', body: { authToken: 'x' } },
      'a request that is nothing but a token': { body: { authToken: 'x' } },
    }
    for (const [name, req] of Object.entries(throwing)) {
      it(`is one error: ${name}`, async () => {
        const outcome = await outcomeOf(AREA, 'refused', strategyFor(sip), req)
        assert.equal(outcome.kind, 'error')
        assert.ok(outcome.thrown instanceof Error)
        assert.equal(sip.exchanges.length, 0)
      })
    }

    it('is one error where tokenFromRequest throws or rejects, whatever it throws', async () => {
      for (const thrown of [new Error('x'), 'route', 'router', undefined, null, 0, '', Symbol('x')]) {
        const atOnce = (): unknown => {
          throw thrown
        }
        // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is its rejection
        const asynchronous = async (): Promise<unknown> => atOnce()
        for (const tokenFromRequest of [asynchronous, atOnce]) {
          const outcome = await outcomeOf(AREA, 'refused', strategyFor(sip, { tokenFromRequest }), post({}))
          assert.equal(outcome.kind, 'error')
          assert.ok(outcome.thrown && outcome.thrown !== 'route' && outcome.thrown !== 'router')
        }
      }
    })
  })

  for (const [version, framework] of Object.entries(EXPRESS)) {
    describe(`as the parsers of ${version} make it`, () => {
      const servers: Listening[] = []
      const start = async (...parsers: RequestHandler[]): Promise<number> => {
        const server = await serve(createSite(strategyFor(sip), { express: framework, parsers }))
        servers.push(server)
        return server.port
      }
      after(() => Promise.all(servers.map((server) => server.close())))

      let usual = 0
      let lax = 0
      let simple = 0
      let bare = 0
      before(async () => {
        usual = await start(framework.json(), framework.urlencoded({ extended: true }))
        lax = await start(framework.json({ strict: false }))
        simple = await start(framework.urlencoded({ extended: false }), framework.text(), framework.raw())
        bare = await start((_req, _res, next) => next())
      })

      const JSON_TYPE = 'application/json'
      const FORM = 'application/x-www-form-urlencoded'

      async function login(
        port: number,
        type: string | undefined,
        body: string | Uint8Array,
      ): Promise<[number, Told]> {
        const reply = await send(port, {
          path: '/auth/civic',
          method: 'POST',
          headers: { 'Content-Length': Buffer.byteLength(body), ...(type && { 'Content-Type': type }) },
          body,
        })
        return [reply.status, JSON.parse(reply.text) as Told]
      }

      type Case = [
        port: () => number,
        type: string | undefined,
        body: () => string | Uint8Array,
        code: string,
      ]
      const token = (): string => sip.token()
      const cases: Record<string, Case> = {
        'no body': [() => usual, JSON_TYPE, () => '', MISSING],
        'no content type': [() => usual, undefined, () => JSON.stringify({ authToken: token() }), MISSING],
        'no parser': [() => bare, JSON_TYPE, () => JSON.stringify({ authToken: token() }), MISSING],
        'another content type': [
          () => usual,
          'text/html',
          () => JSON.stringify({ authToken: token() }),
          MISSING,
        ],
        'a multipart form': [
          () => usual,
          'multipart/form-data; boundary=b',
          () => `--b\r\nContent-Disposition: form-data; name="authToken"\r\n\r\n${token()}\r\n--b--\r\n`,
          MISSING,
        ],
        'JSON null': [() => lax, JSON_TYPE, () => 'null', MISSING],
        'a JSON string': [() => lax, JSON_TYPE, () => JSON.stringify(token()), MISSING],
        'a JSON number': [() => lax, JSON_TYPE, () => '1', MISSING],
        'a JSON array': [() => usual, JSON_TYPE, () => JSON.stringify([{ authToken: token() }]), MISSING],
        'a JSON object without it': [() => usual, JSON_TYPE, () => '{}', MISSING],
        'JSON with __proto__': [
          () => usual,
          JSON_TYPE,
          () => `{"__proto__":${JSON.stringify({ authToken: token() })}}`,
          MISSING,
        ],
        'JSON null for the field': [() => usual, JSON_TYPE, () => '{"authToken":null}', MISSING],
        'a JSON number for the field': [() => usual, JSON_TYPE, () => '{"authToken":1}', MALFORMED],
        'a JSON array for the field': [
          () => usual,
          JSON_TYPE,
          () => JSON.stringify({ authToken: [token()] }),
          MALFORMED,
        ],
        'a JSON object for the field': [
          () => usual,
          JSON_TYPE,
          () => '{"authToken":{"toString":"x","length":1}}',
          MALFORMED,
        ],
        'a form with __proto__': [() => usual, FORM, () => `__proto__[authToken]=${token()}`, MISSING],
        'a form with constructor': [
          () => usual,
          FORM,
          () => `constructor[prototype][authToken]=${token()}`,
          MISSING,
        ],
        'an empty form': [() => usual, FORM, () => '', MISSING],
        'a form with an empty field': [() => usual, FORM, () => 'authToken=', MISSING],
        'a form with the field twice': [
          () => usual,
          FORM,
          () => `authToken=${token()}&authToken=${token()}`,
          MALFORMED,
        ],
        'a form with an array': [() => usual, FORM, () => `authToken[]=${token()}`, MALFORMED],
        'a form with an object': [() => usual, FORM, () => `authToken[a]=${token()}`, MALFORMED],
        'a form with toString': [() => usual, FORM, () => `authToken[toString]=${token()}`, MALFORMED],
        'a simple form with the field twice': [
          () => simple,
          FORM,
          () => `authToken=${token()}&authToken=${token()}`,
          MALFORMED,
        ],
        'a simple form with brackets': [() => simple, FORM, () => `authToken[]=${token()}`, MISSING],
        'a text': [() => simple, 'text/plain', token, MISSING],
        'raw bytes': [() => simple, 'application/octet-stream', token, MISSING],
      }
      for (const [name, [port, type, body, code]] of Object.entries(cases)) {
        it(`is refused: ${name}`, async () => {
          const [status, told] = await login(port(), type, body())
          count(AREA, 'refused', status === 200 ? 'accepted' : 'refused')
          assert.deepEqual([status, told], [400, { code }])
          assert.equal(sip.exchanges.length, 0)
        })
      }

      it('logs in from JSON and from forms', async () => {
        for (const [port, type, body] of [
          [usual, JSON_TYPE, JSON.stringify({ authToken: token() })],
          [usual, FORM, `authToken=${token()}`],
          [simple, FORM, `other=1&authToken=${token()}`],
          [lax, `${JSON_TYPE}; charset=utf-8`, JSON.stringify({ authToken: token() })],
        ] as const) {
          const [status] = await login(port, type, body)
          count(AREA, 'accepted', status === 200 ? 'accepted' : 'refused')
          assert.equal(status, 200)
        }
      })

      it('is never found in a query, a header or a cookie', async () => {
        const reply = await send(usual, {
          path: `/auth/civic?authToken=${token()}`,
          method: 'POST',
          headers: { Authorization: `Bearer ${token()}`, Cookie: `authToken=${token()}`, authToken: token() },
        })
        count(AREA, 'refused', reply.status === 200 ? 'accepted' : 'refused')
        assert.equal(reply.status, 400)
      })
    })
  }

  it('is only for this app, if one strategy serves several', async () => {
    const apps = new Map(
      [APP_ID, 'app54321'].map((appId) => [
        appId,
        { ...sip.options, appId, passReqToCallback: false as const },
      ]),
    )
    const strategy = new CivicStrategy(
      ({ headers }) => apps.get(String(headers['x-app']))!,
      (userId: string) => ({ userId }),
    )
    const login = (expected: Verdict, app: string) =>
      outcomeOf(AREA, expected, strategy, post({ authToken: sip.token() }, { 'x-app': app }))
    assert.equal((await login('refused', 'app54321')).code, 'CIVIC_TOKEN_INVALID')
    assert.equal((await login('refused', 'nobody knows it')).kind, 'error')
    assert.equal((await login('accepted', APP_ID)).kind, 'success')
  })
})
