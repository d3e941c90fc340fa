import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { requestExtension, verifyToken } from '../../lib/crypto.ts'
import { CivicClient, CivicError } from '../../lib/index.ts'
import type { CivicUser, VerifiedAuthCode } from '../../lib/index.ts'
import { APP_ID, APP_SECRET, FakeSip, ITEMS, json, newKeys, status, USER_ID } from '../support/sip.ts'
import { assertNoTimerLeft } from '../support/timers.ts'

function hasCode(code: string) {
  return (error: unknown) => error instanceof CivicError && error.code === code
}

describe('CivicClient', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
    sip.exchanges.length = 0
  })

  describe('exchangeCode', () => {
    it('returns a promise of userId and data', async () => {
      const { userId, data } = await new CivicClient(sip.options).exchangeCode(sip.token())
      assert.equal(userId, USER_ID)
      assert.deepEqual([...data], ITEMS)
      assert.equal(data.value('contact.personal.email'), 'zoe@example.org')
    })

    it('calls a callback as Civic’s documentation shows it, and returns nothing', async () => {
      const result = await new Promise<CivicUser | undefined>((resolve, reject) => {
        const returned: unknown = new CivicClient(sip.options).exchangeCode(sip.token(), (error, user) => {
          if (error) reject(error)
          else resolve(user)
        })
        assert.equal(returned, undefined)
      })
      assert.equal(result?.userId, USER_ID)
    })

    it('calls the callback with the error', async () => {
      const error = await new Promise((resolve) => {
        new CivicClient(sip.options).exchangeCode('x', resolve)
      })
      assert.ok(hasCode('CIVIC_TOKEN_INVALID')(error))
    })

    it('leaves no timer behind, however it ends', async () => {
      const client = new CivicClient(sip.options)
      await assertNoTimerLeft(async () => {
        await client.exchangeCode(sip.token())
        await assert.rejects(client.exchangeCode('x'))
        sip.answers = [status(500)]
        await assert.rejects(client.exchangeCode(sip.token()))
      })
    })

    it('rejects, and never throws, for a bad token', async () => {
      const client = new CivicClient(sip.options)
      for (const bad of [undefined, null, 7, {}, []]) {
        await assert.rejects(client.exchangeCode(bad as never), hasCode('CIVIC_TOKEN_MALFORMED'))
      }
      await assert.rejects(client.exchangeCode(''), hasCode('CIVIC_TOKEN_INVALID'))
      assert.equal(sip.exchanges.length, 0)
    })
  })

  describe('verifyAuthCode', () => {
    it('gives the claims, frozen, with no raw token in sight', () => {
      const token = sip.token()
      const claims = new CivicClient(sip.options).verifyAuthCode(token)
      assert.equal(claims.sub, APP_ID)
      assert.ok(Object.isFrozen(claims) && Object.isFrozen(claims.data))
      assert.ok(!(inspect(claims, { showHidden: true }) + JSON.stringify(claims)).includes(token.slice(-20)))
    })

    it('its result can be exchanged once', async () => {
      const client = new CivicClient(sip.options)
      const verified = client.verifyAuthCode(sip.token())
      assert.equal((await client.exchangeCode(verified)).userId, USER_ID)
      await assert.rejects(client.exchangeCode(verified), hasCode('CIVIC_TOKEN_MALFORMED'))
      assert.equal(sip.exchanges.length, 1)
    })

    it('another object, or another client’s, cannot', async () => {
      const client = new CivicClient(sip.options)
      const verified = client.verifyAuthCode(sip.token())
      await assert.rejects(client.exchangeCode({ ...verified }), hasCode('CIVIC_TOKEN_MALFORMED'))
      await assert.rejects(
        new CivicClient(sip.options).exchangeCode(verified),
        hasCode('CIVIC_TOKEN_MALFORMED'),
      )
      await assert.rejects(
        client.exchangeCode(Object.create(verified) as VerifiedAuthCode),
        hasCode('CIVIC_TOKEN_MALFORMED'),
      )
    })

    it('demands a string', () => {
      assert.throws(
        () => new CivicClient(sip.options).verifyAuthCode(7 as never),
        hasCode('CIVIC_TOKEN_MALFORMED'),
      )
    })

    it('demands jti and code', () => {
      const client = new CivicClient(sip.options)
      for (const changes of [
        { jti: undefined },
        { jti: '' },
        { jti: 7 },
        { data: undefined },
        { data: 'text' },
        { data: null },
        { data: [] },
        { data: { codeToken: '' } },
        { data: { codeToken: 7 } },
      ]) {
        assert.throws(() => client.verifyAuthCode(sip.token(changes)), hasCode('CIVIC_TOKEN_INVALID'))
      }
    })
  })

  describe('the request is the same as the official client’s', () => {
    it('URL, headers, token, extension and body', async () => {
      const authToken = sip.token()
      await new CivicClient(sip.options).exchangeCode(authToken)
      const [{ req, body } = assert.fail()] = sip.exchanges
      assert.equal(req.method, 'POST')
      assert.equal(req.url, '/sip/prod/scopeRequest/authCode')
      assert.equal(req.headers['content-type'], 'application/json')
      assert.equal(req.headers.accept, '*/*')
      assert.equal(body, `{"authToken":"${authToken}","allowS3UploadedPayload":true}`)
      const [, requestToken = '', extension] =
        /^Civic (.+)\.([^.]+)$/.exec(req.headers.authorization ?? '') ?? []
      assert.equal(extension, requestExtension(JSON.parse(body), APP_SECRET))
      const { jti, iat, exp, ...claims } = verifyToken(requestToken, [sip.app.publicKey])
      assert.match(String(jti), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.ok(Math.abs(Number(iat) - Date.now() / 1000) < 5)
      assert.equal(Number(exp) - Number(iat), 180)
      assert.deepEqual(claims, {
        iss: APP_ID,
        aud: sip.api,
        sub: APP_ID,
        data: { method: 'POST', path: 'scopeRequest/authCode' },
      })
    })

    it('api gets its slash, env its segment, and includeStageInURL leaves that out', async () => {
      await new CivicClient({ ...sip.options, api: sip.api.slice(0, -1), env: 'dev' }).exchangeCode(
        sip.token(),
      )
      await new CivicClient({ ...sip.options, includeStageInURL: false }).exchangeCode(sip.token())
      assert.deepEqual(
        sip.exchanges.map(({ req }) => req.url),
        ['/sip/dev/scopeRequest/authCode', '/sip/scopeRequest/authCode'],
      )
    })

    it('over a keep-alive connection', async () => {
      const client = new CivicClient(sip.options)
      await client.exchangeCode(sip.token())
      await client.exchangeCode(sip.token())
      const [first, second] = sip.exchanges.map(({ req }) => req.socket)
      assert.equal(first, second)
    })
  })

  describe('rotation', () => {
    it('takes a token that any of SIP’s keys signed', async () => {
      const sipPublicKey = [newKeys().publicKey, sip.keys.publicKey]
      assert.equal(
        (await new CivicClient({ ...sip.options, sipPublicKey }).exchangeCode(sip.token())).userId,
        USER_ID,
      )
    })

    const accepts = (prvKey: unknown, appSecret: unknown) => () =>
      new CivicClient({ ...sip.options, prvKey, appSecret, retries: 0 } as never).exchangeCode(sip.token())
    /** Answers 401 to all but the app's own key and secret. */
    const strict = (): void => {
      sip.answers = [
        (res, exchange) => {
          const [, token = '', extension] =
            /^Civic (.+)\.([^.]+)$/.exec(exchange.req.headers.authorization ?? '') ?? []
          try {
            verifyToken(token, [sip.app.publicKey])
            assert.equal(extension, requestExtension(JSON.parse(exchange.body), APP_SECRET))
          } catch {
            json(res, 401, 'Unauthorized')
            return undefined
          }
          return sip.success()(res, exchange)
        },
      ]
    }

    it('signs with the current pair and, on 401, once with the previous', async () => {
      strict()
      const old = sip.app.privateKey
      await accepts([newKeys().privateKey, old], APP_SECRET)()
      await accepts(old, ['b'.repeat(32), APP_SECRET])()
      await accepts([newKeys().privateKey, old], ['b'.repeat(32), APP_SECRET])()
      assert.equal(sip.exchanges.length, 6)
      await accepts([old, newKeys().privateKey], [APP_SECRET, 'b'.repeat(32)])()
      assert.equal(sip.exchanges.length, 7)
    })

    it('fails if neither pair works', async () => {
      strict()
      const keys = [newKeys().privateKey, newKeys().privateKey]
      await assert.rejects(accepts(keys, APP_SECRET), hasCode('CIVIC_APP_REJECTED'))
      assert.equal(sip.exchanges.length, 2)
    })

    it('decrypts with each secret until the JSON parses', async () => {
      await accepts(sip.app.privateKey, ['b'.repeat(32), APP_SECRET])()
      await accepts(sip.app.privateKey, [APP_SECRET, 'b'.repeat(32)])()
      await assert.rejects(
        accepts(sip.app.privateKey, ['b'.repeat(32), 'c'.repeat(32)]),
        hasCode('CIVIC_BAD_ANSWER'),
      )
    })
  })

  describe('allowUnencrypted', () => {
    const plain = (data: unknown): void => {
      sip.answers = [sip.success({ encrypted: false, alg: undefined, data: sip.token({ data }) })]
    }
    const exchange = (): Promise<CivicUser> =>
      new CivicClient({ ...sip.options, allowUnencrypted: true }).exchangeCode(sip.token())

    it('accepts plain data, as an array or its JSON', async () => {
      plain(ITEMS)
      assert.deepEqual([...(await exchange()).data], ITEMS)
      plain(JSON.stringify(ITEMS))
      assert.deepEqual([...(await exchange()).data], ITEMS)
    })

    it('is off unless it is set', async () => {
      plain(ITEMS)
      const client = new CivicClient(sip.options)
      await assert.rejects(client.exchangeCode(sip.token()), {
        code: 'CIVIC_BAD_ANSWER',
        message: /it is not encrypted/,
      })
    })

    it('accepts no response without `encrypted`', async () => {
      for (const encrypted of [undefined, 'false', 0, null]) {
        sip.answers = [sip.success({ encrypted, data: sip.token({ data: ITEMS }) })]
        await assert.rejects(exchange(), { code: 'CIVIC_BAD_ANSWER', message: /it is not encrypted/ })
      }
    })

    it('and still accepts encrypted data', async () => assert.deepEqual([...(await exchange()).data], ITEMS))

    it('refuses data that is not an array of objects', async () => {
      for (const data of [undefined, {}, 'no JSON', '{}', [1], [null], [[]]]) {
        plain(data)
        await assert.rejects(exchange(), hasCode('CIVIC_BAD_ANSWER'))
      }
    })
  })

  it('reports each exchange on the diagnostics channel, without secrets', async () => {
    const events: unknown[] = []
    const listener = (event: unknown): void => void events.push(event)
    const started = performance.now()
    subscribe('passport-civic-sip:exchange', listener)
    try {
      await new CivicClient(sip.options).exchangeCode(sip.token())
      sip.answers = [status(401)]
      await assert.rejects(new CivicClient(sip.options).exchangeCode(sip.token()))
    } finally {
      unsubscribe('passport-civic-sip:exchange', listener)
    }
    const [first, second] = events.map((event) => {
      const { duration, ...rest } = event as { duration: number }
      assert.ok(duration > 0 && duration < performance.now() - started)
      return rest
    })
    assert.deepEqual(first, { appId: APP_ID, code: undefined, status: 200 })
    assert.deepEqual(second, { appId: APP_ID, code: 'CIVIC_APP_REJECTED', status: 500 })
  })
})
