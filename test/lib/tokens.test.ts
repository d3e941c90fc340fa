import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mock } from 'node:test'
import { openPayload, publicKeyHex, sealPayload, verifyToken } from '../../lib/crypto.ts'
import type { ExpectedClaims } from '../../lib/crypto.ts'
import { CivicError } from '../../lib/index.ts'
import { APP_ID, APP_SECRET, base64url, forge, newKeys } from '../support/sip.ts'

const keys = newKeys()
const ISSUER = 'civic-sip-hosted-service'
const AUDIENCE = 'https://api.civic.com/sip/'
const EXPECTED: ExpectedClaims = { issuer: ISSUER, audience: AUDIENCE, subject: APP_ID, clockTolerance: 60 }
const HEADER = { alg: 'ES256', typ: 'JWT' }

function now(): number {
  return Date.now() / 1000
}

function claims(changes: object = {}): Record<string, unknown> {
  const iat = now()
  return { iat, exp: iat + 1800, iss: ISSUER, aud: AUDIENCE, sub: APP_ID, ...changes }
}

function sign(payload: unknown, header: unknown = HEADER): string {
  return forge(header, payload, keys.privateKey)
}

function prove(token: string): unknown {
  return verifyToken(token, [newKeys().publicKey, keys.publicKey], EXPECTED)
}

function refuses(token: string, code = 'CIVIC_TOKEN_INVALID', why = /./): void {
  return assert.throws(
    () => prove(token),
    (error: unknown) => error instanceof CivicError && error.code === code && why.test(error.message),
    token,
  )
}

describe('a token', () => {
  it('that SIP signed is verified', () => {
    const payload = claims({ data: 'x', more: [1, { deep: true }] })
    assert.deepEqual(prove(sign(payload)), payload)
  })

  it('is verified without expectations too, only by its signature', () => {
    assert.deepEqual(verifyToken(sign({ any: 'thing' }), [keys.publicKey]), { any: 'thing' })
  })

  it('may have its header in either order, no typ, and a kid', () => {
    for (const header of [
      '{"typ":"JWT","alg":"ES256"}',
      '{"alg":"ES256"}',
      '{"alg":"ES256","typ":"JWT","kid":"1"}',
      ' {\n"alg" : "ES256" }',
    ]) {
      prove(sign(claims(), header))
    }
  })

  it('may be up to a minute off our clock', () => {
    prove(sign(claims({ iat: now() + 58, exp: now() + 1858 })))
    prove(sign(claims({ iat: now() - 1858, exp: now() - 58 })))
  })

  describe('is refused for its structure', () => {
    const token = sign(claims())
    const [head = '', body = '', mac = ''] = token.split('.')
    const slack = (part: string): string => {
      const last = part.slice(-1)
      return part.slice(0, -1) + (last === 'A' ? 'B' : String.fromCharCode(last.charCodeAt(0) + 1))
    }
    const wrong: Record<string, string> = {
      nothing: '',
      'one part': head,
      'two parts': `${head}.${body}`,
      'four parts': `${token}.`,
      'five parts, as JWE': `${token}.a.b`,
      padding: `${head}=.${body}.${mac}`,
      'white space': ` ${token}`,
      'a newline': `${token}\n`,
      'the other base64 alphabet': `${head}.${body}.+/${mac.slice(2)}`,
      'slack bits': `${head}.${body}.${slack(mac)}`,
      'a header that is no JSON': sign(claims(), '{'),
      'a header that is an array': sign(claims(), '[]'),
      'a payload that is a string': sign('"text"'),
      'a payload that is null': sign('null'),
      'a payload that is an array': sign('[{}]'),
      'a payload that is cut': sign('{"iss":"'),
      'a byte order mark': sign(`\uFEFF${JSON.stringify(claims())}`),
      'the same claim twice': sign(`{"sub":"other",${JSON.stringify(claims()).slice(1)}`),
      'the same claim twice, once escaped': sign(`{"su\\u0062":"other",${JSON.stringify(claims()).slice(1)}`),
      'the same member twice, deep inside': sign(
        JSON.stringify(claims({ data: 1 })).replace('"data":1', '"data":[{"a":1,"a":2}]'),
      ),
      'the same header twice': sign(claims(), '{"alg":"ES256","alg":"ES256"}'),
    }
    for (const [name, bad] of Object.entries(wrong)) it(name, () => refuses(bad))

    it('invalid UTF-8', () => {
      const bytes = Buffer.from(`{"x":"\xff",${JSON.stringify(claims()).slice(1)}`, 'latin1')
      const part = bytes.toString('base64url')
      assert.notEqual(bytes.toString(), bytes.toString('latin1'))
      refuses(`${head}.${part}.${mac}`, 'CIVIC_TOKEN_INVALID', /JSON objects/)
    })

    it('but not for quotes, colons and backslashes inside its strings', () => {
      const odd = claims({ 'a"b\\': '":"', 'c\\\\"': ['\\', '"', { ':': ':' }], empty: '' })
      assert.deepEqual(prove(sign(odd)), odd)
    })
  })

  describe('is refused for its algorithm, type and extensions', () => {
    for (const alg of [
      'none',
      'None',
      'NONE',
      'HS256',
      'RS256',
      'PS256',
      'ES384',
      'ES512',
      'ES256K',
      'es256',
      '',
      null,
      1,
      ['ES256'],
    ]) {
      it(`alg ${JSON.stringify(alg)}`, () =>
        refuses(sign(claims(), { alg, typ: 'JWT' }), undefined, /algorithm/))
    }
    it('no alg', () => refuses(sign(claims(), { typ: 'JWT' }), undefined, /algorithm/))
    for (const typ of ['JWS', 'jwt', 'at+jwt', '', null, 1]) {
      it(`typ ${JSON.stringify(typ)}`, () =>
        refuses(sign(claims(), { alg: 'ES256', typ }), undefined, /type/))
    }
    for (const more of [
      { crit: ['exp'] },
      { crit: [] },
      { crit: null },
      { b64: false },
      { crit: ['b64'], b64: false },
    ]) {
      it(JSON.stringify(more), () => refuses(sign(claims(), { ...HEADER, ...more }), undefined, /extension/))
    }
    it('HS256 keyed with the public key', () => {
      const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims())}`
      for (const secret of [
        publicKeyHex(keys.publicKey),
        keys.publicKey.export({ type: 'spki', format: 'pem' }),
      ]) {
        refuses(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`)
      }
    })
  })

  describe('is refused for its signature', () => {
    const [head = '', body = '', mac = ''] = sign(claims()).split('.')
    const bytes = Buffer.from(mac, 'base64url')
    const wrong: Record<string, Buffer> = {
      none: Buffer.alloc(0),
      zero: Buffer.alloc(64),
      'of another length': Buffer.concat([bytes, Buffer.alloc(1)]),
      cut: bytes.subarray(0, 63),
      'with one bit turned': Buffer.from(bytes.map((byte, index) => (index === 40 ? byte ^ 1 : byte))),
      'with r and s of the order': Buffer.alloc(64, 0xff),
    }
    for (const [name, signature] of Object.entries(wrong)) {
      it(name, () => refuses(`${head}.${body}.${signature.toString('base64url')}`, undefined, /trusted key/))
    }
    it('of a stranger', () =>
      refuses(forge(HEADER, claims(), newKeys().privateKey), undefined, /trusted key/))
    it('of a stranger whose key the header names', () => {
      const stranger = newKeys()
      const header = {
        ...HEADER,
        jwk: stranger.publicKey.export({ format: 'jwk' }),
        kid: 'x',
        x5u: 'https://evil.example.org',
      }
      refuses(forge(header, claims(), stranger.privateKey), undefined, /trusted key/)
    })
    it('of another token', () => refuses(`${head}.${base64url(claims({ sub: APP_ID, x: 1 }))}.${mac}`))
  })

  describe('is refused for its claims', () => {
    const day = 86_400
    const wrong: Record<string, [object, RegExp]> = {
      'no iss': [{ iss: undefined }, /issuer/],
      'another iss': [{ iss: 'other' }, /issuer/],
      'an array of iss': [{ iss: [ISSUER] }, /issuer/],
      'no aud': [{ aud: undefined }, /audience/],
      'aud without its slash': [{ aud: AUDIENCE.slice(0, -1) }, /audience/],
      'an array of aud': [{ aud: [AUDIENCE] }, /audience/],
      'no sub': [{ sub: undefined }, /another app/],
      'sub in other case': [{ sub: APP_ID.toUpperCase() }, /another app/],
      'no exp': [{ exp: undefined }, /times/],
      'no iat': [{ iat: undefined }, /times/],
      'exp as text': [{ exp: '9999999999' }, /times/],
      'iat as null': [{ iat: null }, /times/],
      'exp not after iat': [{ iat: now(), exp: now() - 1 }, /lifetime/],
      'a lifetime over a day': [{ iat: now(), exp: now() + day + 1 }, /lifetime/],
      'iat below zero': [{ iat: -1 }, /lifetime/],
      'from the future': [{ iat: now() + 600, exp: now() + 700 }, /future/],
      'nbf in the future': [{ nbf: now() + 600 }, /not valid yet/],
      'nbf as text': [{ nbf: String(now()) }, /nbf/],
      'nbf as null': [{ nbf: null }, /nbf/],
    }
    for (const [name, [changes, why]] of Object.entries(wrong)) {
      it(name, () => refuses(sign(claims(changes)), undefined, why))
    }
    it('infinite times', () => {
      const text = JSON.stringify(claims({ exp: 0 })).replace('"exp":0', '"exp":1e400')
      refuses(sign(text), undefined, /times/)
      const nbf = JSON.stringify(claims({ nbf: 0 })).replace('"nbf":0', '"nbf":-1e400')
      refuses(sign(nbf), undefined, /nbf/)
    })
    it('nbf is ignored if the caller says so', () => {
      for (const nbf of [now() + 600, String(now()), null]) {
        const token = sign(claims({ nbf }))
        void verifyToken(token, [keys.publicKey], { ...EXPECTED, ignoreNotBefore: true })
        refuses(token, undefined, /nbf|yet/)
      }
    })
    it('a lifetime of a day is accepted', () =>
      void prove(sign(claims({ iat: now(), exp: now() + day - 1 }))))
  })

  it('that was valid until now is expired', () => {
    refuses(sign(claims({ iat: now() - 1862, exp: now() - 61 })), 'CIVIC_TOKEN_EXPIRED')
    refuses(sign(claims({ iat: now() - 1862, exp: now() - 61, iss: 'other' })), 'CIVIC_TOKEN_INVALID')
  })

  describe('has times that are exact, to the clock difference allowed', () => {
    const seconds = 1_800_000_000
    before(() => mock.timers.enable({ apis: ['Date'], now: seconds * 1000 }))
    after(() => mock.timers.reset())
    const times = (iat: number, exp: number): string =>
      sign(claims({ iat: seconds + iat, exp: seconds + exp }))

    it('expires at `exp`, not after it', () => {
      void prove(times(-100, -59))
      refuses(times(-100, -60), 'CIVIC_TOKEN_EXPIRED')
    })

    it('may be issued that long from now', () => {
      void prove(times(60, 100))
      refuses(times(60.5, 100), undefined, /future/)
    })

    it('may be valid from that long from now', () => {
      const from = (nbf: number): string =>
        sign(claims({ iat: seconds, exp: seconds + 100, nbf: seconds + nbf }))
      void prove(from(60))
      void prove(from(-100_000))
      refuses(from(60.5), undefined, /not valid yet/)
    })

    it('may live for a day, and for some time', () => {
      void prove(times(0, 86_400))
      refuses(times(0, 86_400.5), undefined, /lifetime/)
      refuses(times(30, 30), undefined, /lifetime/)
    })
  })
})

describe('a payload', () => {
  const sealed = sealPayload('[{"label":"x"}]', APP_SECRET)

  it('is sealed with a fresh IV each time', () => {
    assert.notEqual(sealPayload('[]', APP_SECRET).slice(0, 32), sealPayload('[]', APP_SECRET).slice(0, 32))
  })

  it('opens, with the IV in either case', () => {
    assert.equal(
      openPayload(sealed.slice(0, 32).toUpperCase() + sealed.slice(32), APP_SECRET),
      '[{"label":"x"}]',
    )
  })

  it('that does not open always gives the same error', () => {
    // Another IV turns the first byte of the text into one that no UTF-8 starts with
    const iv = Buffer.from(sealed.slice(0, 32), 'hex')
    iv[0] = (iv[0] ?? 0) ^ 0x80
    const wrong = [
      '',
      sealed.slice(0, 32),
      sealed.slice(0, 31),
      `z${sealed.slice(1)}`,
      sealed.slice(0, -4),
      sealed.slice(0, -1),
      `${sealed}=`,
      `${sealed.slice(0, 32)} ${sealed.slice(33)}`,
      `${sealed.slice(0, 32)}${'A'.repeat(22)}==`,
      sealed.slice(0, 32) + Buffer.alloc(15).toString('base64'),
      iv.toString('hex') + sealed.slice(32),
    ]
    const messages = new Set<string>()
    for (const bad of wrong) {
      assert.throws(
        () => openPayload(bad, APP_SECRET),
        (error: unknown) =>
          error instanceof CivicError && error.code === 'CIVIC_BAD_ANSWER' && !!messages.add(error.message),
        bad,
      )
    }
    assert.equal(messages.size, 1)
  })
})
