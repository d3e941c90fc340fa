import assert from 'node:assert/strict'
import { createECDH, createHash, createPrivateKey, sign } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, importJWK, jwtVerify } from 'jose'
import { createOneTimeKey, openAnswer, readSealedAnswer } from '../../lib/direct/answer-jwe.ts'
import { AnswerRefused, signRequestToken, verifyRequestToken, wellKnownKey } from '../../lib/direct/index.ts'
import type { RequestClaims } from '../../lib/direct/index.ts'
import { pointOfHex, sealAnswer } from '../../wallet/lib/jose.ts'
import { claimsOf, Person, seal } from '../support/person.ts'
import { REGISTERED } from '../support/registered-headers.ts'
import { newKey, Shop } from '../support/shop.ts'

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

const claims = { iss: 'https://shop.example', data: {} } as unknown as RequestClaims

describe('a request token', () => {
  const key = newKey()

  it('is one that jose verifies by the key in the well-known document', async () => {
    const jwk = wellKnownKey(key)
    const { payload, protectedHeader } = await jwtVerify(
      signRequestToken(claims, key),
      await importJWK({ ...jwk }, 'ES256'),
    )
    assert.deepEqual(payload, claims)
    assert.deepEqual(protectedHeader, { alg: 'ES256', typ: 'civic-scope-request+jwt', kid: jwk.kid })
  })

  it('is verified by any of several keys', () => {
    assert.deepEqual(verifyRequestToken(signRequestToken(claims, key), [newKey(), key]), claims)
  })

  const forged = (header: object, payload: unknown = claims): string => {
    const text = `${base64url(header)}.${typeof payload === 'string' ? payload : base64url(payload)}`
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signature.toString('base64url')}`
  }
  const header = { alg: 'ES256', typ: 'civic-scope-request+jwt', kid: wellKnownKey(key).kid }

  it('is verified if another program signs it in this form', () => {
    assert.deepEqual(verifyRequestToken(forged(header), [key]), claims)
  })

  for (const [name, value] of Object.entries(REGISTERED)) {
    it(`is refused with another header parameter ${name}`, () => {
      if (name === 'alg')
        assert.equal(verifyRequestToken(forged({ ...header, alg: 'none' }), [key]), undefined)
      else assert.equal(verifyRequestToken(forged({ ...header, [name]: value }), [key]), undefined)
    })
  }

  for (const [what, token] of Object.entries({
    'two parts': 'a.b',
    'four parts': `${forged(header)}.x`,
    'slack bits': `${forged(header).slice(0, -1)}${forged(header).endsWith('A') ? 'B' : 'h'}`,
    'a header that is no JSON': `x.${base64url(claims)}.${'A'.repeat(86)}`,
    'claims that are an array': forged(header, []),
    'a claim twice': forged(header, Buffer.from('{"data":{},"data":{}}').toString('base64url')),
    'a claim data that is no object': forged(header, { data: 'x' }),
    'a short signature': `${base64url(header)}.${base64url(claims)}.AAAA`,
    "another key's signature": signRequestToken(claims, newKey()),
  })) {
    it(`is refused with ${what}`, () => assert.equal(verifyRequestToken(token, [key]), undefined))
  }

  it("is refused with the right kid, and another key's signature", () => {
    const signed = signRequestToken(claims, newKey()).split('.')
    assert.equal(verifyRequestToken([base64url(header), ...signed.slice(1)].join('.'), [key]), undefined)
  })
})

describe("a wallet's response, as JWE", () => {
  const { point, secret } = createOneTimeKey()
  const jwk = () => {
    const [x, y] = [point.slice(2, 66), point.slice(66)].map((hex) =>
      Buffer.from(hex, 'hex').toString('base64url'),
    )
    return { kty: 'EC', crv: 'P-256', x: x!, y: y! }
  }
  const token = 'header.claims.signature'
  const apv = createHash('sha256').update(token).digest()
  const open = (jwe: string) => openAnswer(readSealedAnswer(jwe, token), secret)

  it('by the wallet is one that jose opens', async () => {
    const key = createPrivateKey({
      key: { ...jwk(), d: Buffer.from(secret, 'hex').toString('base64url') },
      format: 'jwk',
    })
    const { plaintext } = await compactDecrypt(
      sealAnswer('{"status":"denied"}', pointOfHex(point), token),
      key,
    )
    assert.equal(Buffer.from(plaintext).toString(), '{"status":"denied"}')
  })

  it('by the wallet is one that we open', () => {
    assert.deepEqual(open(sealAnswer('{"status":"denied"}', pointOfHex(point), token)), { status: 'denied' })
  })

  it('by jose is one that we open', async () => {
    const jwe = await new CompactEncrypt(Buffer.from('{"status":"denied"}'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'civic-answer+jwe' })
      .setKeyManagementParameters({ apv })
      .encrypt(await importJWK(jwk(), 'ECDH-ES'))
    assert.deepEqual(open(jwe), { status: 'denied' })
  })

  describe('is refused, in one and the same way,', () => {
    const good = sealAnswer('{"status":"denied"}', pointOfHex(point), token)
    const [head = '', key = '', iv = '', ciphertext = '', tag = ''] = good.split('.')
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>
    const epk = header['epk'] as Record<string, unknown>
    const with_ = (changed: unknown): string => [base64url(changed), key, iv, ciphertext, tag].join('.')
    const flipped = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
    const cases: Record<string, string> = {
      'for another token': sealAnswer('{}', pointOfHex(point), 'another token'),
      'for another key': sealAnswer('{}', pointOfHex(createOneTimeKey().point), token),
      'with another apv': with_({ ...header, apv: apv.toString('base64') }),
      'with a point off the curve': with_({ ...header, epk: { ...epk, y: epk['x'] } }),
      'with a short coordinate': with_({ ...header, epk: { ...epk, y: 'AAAA' } }),
      'with a coordinate that is no text': with_({ ...header, epk: { ...epk, y: 7 } }),
      'with a private part': with_({ ...header, epk: { ...epk, d: 'AAAA' } }),
      'with another curve': with_({ ...header, epk: { ...epk, crv: 'P-384' } }),
      'with another kind of key': with_({ ...header, epk: { ...epk, kty: 'OKP' } }),
      'without a point': with_({ ...header, epk: 'x' }),
      'with alg changed': with_({ ...header, alg: 'ECDH-ES+A256KW' }),
      'with enc changed': with_({ ...header, enc: 'A128CBC-HS256' }),
      'with typ changed': with_({ ...header, typ: 'JWE' }),
      'with a member twice': [
        Buffer.from(`{"alg":"dir",${JSON.stringify(header).slice(1)}`).toString('base64url'),
        key,
        iv,
        ciphertext,
        tag,
      ].join('.'),
      'with a header that is an array': with_([]),
      'with an encrypted key': [head, 'AAAA', iv, ciphertext, tag].join('.'),
      'with a long iv': [head, key, `${iv}AAAA`, ciphertext, tag].join('.'),
      'with a short tag': [head, key, iv, ciphertext, tag.slice(0, 16)].join('.'),
      'with another tag': [head, key, iv, ciphertext, flipped(tag)].join('.'),
      'with another ciphertext': [head, key, iv, flipped(ciphertext), tag].join('.'),
      'with a ciphertext that is no base64url': [head, key, iv, `${ciphertext}=`, tag].join('.'),
      'with another recipient': `${good}.x`,
      'in the JSON form': JSON.stringify({ protected: head, iv, ciphertext, tag }),
      'that is empty': '',
      'that holds no JSON': sealAnswer('denied', pointOfHex(point), token),
      'that holds a member twice': sealAnswer('{"status":1,"status":2}', pointOfHex(point), token),
      ...Object.fromEntries(
        Object.entries(REGISTERED)
          .filter(([name]) => !(name in header))
          .map(([name, value]) => [`with a header parameter ${name}`, with_({ ...header, [name]: value })]),
      ),
    }
    it('before it is decrypted, where its parts have wrong lengths', () => {
      for (const parts of [
        [head, 'AAAA', iv, ciphertext, tag],
        [head, key, `${iv}AAAA`, ciphertext, tag],
        [head, key, iv, ciphertext, `${tag}AAAA`],
      ]) {
        assert.throws(() => readSealedAnswer(parts.join('.'), token), { code: 'UNREADABLE' })
      }
    })

    for (const [what, jwe] of Object.entries(cases)) {
      it(what, () => {
        assert.throws(
          () => open(jwe),
          (error) =>
            error instanceof AnswerRefused &&
            error.status === 400 &&
            error.code === 'UNREADABLE' &&
            error.message === 'The response cannot be read: it is not encrypted for this request',
        )
      })
    }
  })

  it('is made to a one-time key whose secret has all of its 64 digits, zeros too', () => {
    // One in 256 begins with two zeros
    let key = createOneTimeKey()
    for (let n = 0; n < 5_000 && !key.secret.startsWith('00'); n++) key = createOneTimeKey()
    assert.match(key.secret, /^00[0-9a-f]{62}$/)
    const pair = createECDH('prime256v1')
    pair.setPrivateKey(key.secret, 'hex')
    assert.equal(pair.getPublicKey('hex'), key.point)
  })
})

describe('tokens of another kind', () => {
  it('from the wallet protocol are not responses, and responses are not tokens', async () => {
    const shop = await Shop.start()
    try {
      const begun = await shop.begin({ channel: 'scan', scopeRequest: 'ANONYMOUS_LOGIN' })
      const token = await shop.token(begun)
      assert.equal((await shop.answer(begun, token)).status, 400)
      assert.equal((await shop.answer(begun, undefined)).status, 400)
      assert.equal((await shop.answer(begun, { jwe: 1 })).status, 400)
      const sealed = seal(new Person('ada').answer(token), token)
      assert.equal(verifyRequestToken(sealed, [newKey()]), undefined)
      assert.equal(claimsOf(token).jti, begun.uuid)
      assert.equal((await shop.answer(begun, sealed)).status, 200)
    } finally {
      await shop.stop()
    }
  })
})
