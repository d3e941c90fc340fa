import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { sealPayload } from '../../lib/crypto.ts'
import { REASONS } from '../../lib/errors.ts'
import { CivicClient, CivicError } from '../../lib/index.ts'
import type { CivicClientOptions, CivicErrorCode } from '../../lib/index.ts'
import { APP_SECRET, FakeSip, ITEMS, json, status } from '../support/sip.ts'

describe('an error says why', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())
  beforeEach(() => {
    sip.answers = []
  })

  describe('a token is refused', () => {
    const now = (): number => Date.now() / 1000
    const parts = (): string[] => sip.token().split('.')
    const header = (changes: object): string =>
      sip.sign(sip.claims(), { alg: 'ES256', typ: 'JWT', ...changes })
    const refusals: Record<string, readonly [reason: string, ...tokens: (() => string)[]]> = {
      'it is not a compact JWS of JSON objects': [
        'structure',
        () => '',
        () => 'one.two',
        () => `${sip.token()}.`,
        () => parts().with(1, '').join('.'),
        () => parts().with(0, '').join('.'),
        () => sip.sign(`{"iss":1,${JSON.stringify(sip.claims()).slice(1)}`),
      ],
      'its algorithm is not ES256': ['algorithm', () => header({ alg: 'none' })],
      'its type is not JWT': ['type', () => header({ typ: 'JOSE' })],
      'it demands an extension that SIP does not use': [
        'extension',
        () => header({ crit: [] }),
        () => header({ b64: true }),
      ],
      'no trusted key signed it': [
        'signature',
        () => parts().with(2, '').join('.'),
        () => sip.token().replace(/.{20}$/, 'A'.repeat(20)),
      ],
      'its issuer is not trusted': ['issuer', () => sip.token({ iss: 'somebody' })],
      'it is for another audience': ['audience', () => sip.token({ aud: 'https://example.org/' })],
      'it is for another app': ['app', () => sip.token({ sub: 'another12' })],
      'its times are missing or not numbers': [
        'times',
        () => sip.token({ iat: undefined }),
        () => sip.token({ exp: '9' }),
      ],
      'its lifetime is not between zero and a day': [
        'lifetime',
        () => sip.token({ exp: now() + 90_000 }),
        () => sip.token({ iat: now(), exp: now() - 1 }),
      ],
      'it is from the future': ['iat', () => sip.token({ iat: now() + 120 })],
      'it is not valid yet': ['nbf', () => sip.token({ nbf: now() + 120 })],
      'its nbf is not a number': ['nbf', () => sip.token({ nbf: '9' })],
      'it contains no authorization code': [
        'code',
        ...[{ jti: '' }, { jti: 7 }, { data: 'x' }, { data: {} }, { data: { codeToken: 7 } }].map(
          (changes) => () => sip.token(changes),
        ),
      ],
    }
    it('for each reason', () => {
      const reasons = new Set(Object.values(refusals).map(([reason]) => reason))
      assert.deepEqual([...reasons], REASONS.CIVIC_TOKEN_INVALID)
    })

    for (const [why, [reason, ...tokens]] of Object.entries(refusals)) {
      it(`${reason}: ${why}`, () => {
        for (const token of tokens) {
          assert.throws(() => new CivicClient(sip.options).verifyAuthCode(token()), {
            code: 'CIVIC_TOKEN_INVALID',
            reason,
            message: `The token is refused: ${why}`,
          })
        }
      })
    }

    it('it is not a string', async () => {
      await assert.rejects(new CivicClient(sip.options).exchangeCode(7 as never), {
        name: 'CivicError',
        code: 'CIVIC_TOKEN_MALFORMED',
        message:
          'An authorization code token must be a string, or what verifyAuthCode of this client returned, once',
      })
    })

    it('it has expired', () => {
      const client = new CivicClient(sip.options)
      assert.throws(() => client.verifyAuthCode(sip.token({ iat: now() - 200, exp: now() - 100 })), {
        code: 'CIVIC_TOKEN_EXPIRED',
        reason: 'expired',
        message: 'The token has expired',
      })
    })
  })

  describe('a response is refused', () => {
    const says = async (
      code: string,
      reason: string,
      message: string,
      options: Partial<CivicClientOptions> = {},
    ): Promise<void> => {
      const client = new CivicClient({ ...sip.options, retries: 0, ...options })
      await assert.rejects(client.exchangeCode(sip.token()), { code, reason, message })
    }
    const plain = { encrypted: false, alg: undefined }

    const answers: Record<string, readonly [reason: string, ...changes: Record<string, unknown>[]]> = {
      'its userId is not a string of 1 to 512 printable characters': [
        'user',
        { userId: 7 },
        { userId: ' ' },
        { userId: 'x'.repeat(513) },
        { userId: 'a\nb' },
        { userId: 'half a pair: \ud83d' },
        { userId: '\udc4d the other half' },
      ],
      'it is not encrypted': ['encryption', plain, { encrypted: 'true' }],
      'its encryption is not AES': ['encryption', { alg: 'AES' }, { alg: undefined }],
      'it contains no data token': ['data', { data: undefined }, { data: {} }, { processed: 'true' }],
      'its data token is not signed by SIP for this app and this time': ['token', { data: 'x' }],
    }
    for (const [why, [reason, ...changes]] of Object.entries(answers)) {
      it(why, async () => {
        for (const change of changes) {
          sip.answers = [sip.success(change)]
          await says('CIVIC_BAD_ANSWER', reason, `SIP's response is refused: ${why}`)
        }
      })
    }

    it('it is not a JSON object', async () => {
      for (const body of [[], 'text', null]) {
        sip.answers = [(res) => json(res, 200, body)]
        await says('CIVIC_BAD_ANSWER', 'json', "SIP's response is refused: it is not a JSON object")
      }
    })

    it('its data is not an array of objects', async () => {
      sip.answers = [sip.success({ ...plain, data: sip.token({ data: [7] }) })]
      const message = "SIP's response is refused: its data is not an array of objects"
      await says('CIVIC_BAD_ANSWER', 'items', message, { allowUnencrypted: true })
    })

    it('it cannot be decrypted', async () => {
      const sealed = sealPayload(JSON.stringify(ITEMS), '0'.repeat(APP_SECRET.length))
      sip.answers = [sip.success({ data: sip.token({ data: sealed }) })]
      await says(
        'CIVIC_BAD_ANSWER',
        'decryption',
        "SIP's response cannot be decrypted: is appSecret this app's?",
      )
    })

    const statuses: Record<number, readonly [code: string, reason: string, message: string]> = {
      204: ['CIVIC_BAD_ANSWER', 'status', "SIP's response is refused: its status is 204"],
      400: [
        'CIVIC_CODE_REJECTED',
        'rejected',
        'SIP does not accept this authorization code: it is unknown, used or expired',
      ],
      401: [
        'CIVIC_APP_REJECTED',
        'credentials',
        'SIP does not accept the signature of this app: check appId, prvKey and appSecret',
      ],
      403: [
        'CIVIC_APP_REJECTED',
        'forbidden',
        'SIP forbids this app the exchange: check its state in the partner portal',
      ],
      405: ['CIVIC_APP_REJECTED', 'endpoint', 'SIP does not allow the exchange here: check api and env'],
      409: ['CIVIC_APP_REJECTED', 'funds', "The partner's account with Civic is out of funds"],
      429: ['CIVIC_THROTTLED', 'throttled', 'SIP asks to slow down'],
      500: ['CIVIC_UNAVAILABLE', 'status', 'SIP failed (status 500)'],
      504: ['CIVIC_TIMEOUT', 'status', 'SIP did not respond in time'],
    }
    for (const [code, [error, reason, message]] of Object.entries(statuses)) {
      it(`its status is ${code}`, async () => {
        sip.answers = [status(Number(code))]
        await says(error, reason, message)
      })
    }

    it('its status is 401, and its Date is of another time', async () => {
      const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString()
      const plain = statuses[401]!
      const clocks =
        "SIP does not accept this app's signature, and the clocks of SIP and this host differ by over a minute: check this host's clock first, then appId, prvKey and appSecret"
      for (const [date, message] of [
        [at(-120), clocks],
        [at(120), clocks],
        [at(-30), plain[2]],
        ['once', plain[2]],
      ] as const) {
        sip.answers = [status(401, { Date: date })]
        await says(plain[0], plain[1], message)
      }
      // Only a 401 can come of it
      sip.answers = [status(403, { Date: at(-120) })]
      await says(...statuses[403]!)
    })

    it('its payload cannot be fetched', async () => {
      const payload = sip.success({ processed: true, data: `${sip.origin}/payload` })
      sip.answers = [payload, status(404)]
      await says(
        'CIVIC_BAD_ANSWER',
        'payload-url',
        "SIP's response is refused: its payload URL responds with status 404",
      )
      sip.answers = [payload, status(503)]
      await says('CIVIC_UNAVAILABLE', 'storage', "SIP's storage failed (status 503)")
      sip.answers = [sip.success({ processed: true, data: 'https://files.example.org/payload' })]
      const message = "SIP's response is refused: its payload URL is not on an allowed host (payloadHosts)"
      await says('CIVIC_BAD_ANSWER', 'payload-url', message)
    })
  })

  it('with a word that docs/outcomes.md explains, for each check of each code', async () => {
    const page = await readFile('docs/outcomes.md', 'utf8')
    const rows = [...page.matchAll(/^\| `(CIVIC_\w+)` +\| `([a-z-]+)` +\|/gm)].map(([, ...row]) =>
      row.join(' '),
    )
    const words = Object.entries(REASONS).flatMap(([code, reasons]) =>
      reasons.map((reason) => `${code} ${reason}`),
    )
    assert.deepEqual(rows, words)
  })

  it('and an error that an app makes has the first reason of its code', () => {
    for (const [code, [first]] of Object.entries(REASONS))
      assert.equal(new CivicError(code as CivicErrorCode, 'x').reason, first)
  })
})
