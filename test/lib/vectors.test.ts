import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  canonicalJson,
  openPayload,
  privateKey,
  requestExtension,
  sealPayload,
  signToken,
} from '../../lib/crypto.ts'

interface Vectors {
  hmac: { bodyJson: string; canonical: string; secret: string; ext: string }[]
  aes: { keyHex: string; plaintext: string; data: string }[]
  keys: { format: string; hex: string; verifiesUnderExpectedKey: boolean | string }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/civic-sip-api.json', import.meta.url), 'utf8'),
) as Vectors

describe('the vectors that the official client made', () => {
  for (const { bodyJson, canonical, secret, ext } of vectors.hmac) {
    it(`request extension of ${bodyJson} under ${secret.slice(0, 4)}…`, () => {
      assert.equal(canonicalJson(JSON.parse(bodyJson)), canonical)
      assert.equal(requestExtension(JSON.parse(bodyJson), secret), ext)
    })
  }

  for (const { keyHex, plaintext, data } of vectors.aes) {
    it(`AES-${keyHex.length * 4} of ${JSON.stringify(plaintext.slice(0, 20))}`, () => {
      assert.equal(openPayload(data, keyHex), plaintext)
      assert.equal(openPayload(sealPayload(plaintext, keyHex), keyHex), plaintext)
    })
  }

  for (const { format, hex, verifiesUnderExpectedKey } of vectors.keys) {
    if (verifiesUnderExpectedKey === true && !format.includes('AES secret')) {
      it(`a key as ${format} signs`, () => {
        const key = privateKey(hex)
        const token = signToken({ iss: 'a', aud: 'b', sub: 'c', iat: 1, exp: 2 }, key)
        const [header = '', payload = '', signature = ''] = token.split('.')
        assert.equal(Buffer.from(header, 'base64url').toString(), '{"alg":"ES256","typ":"JWT"}')
        assert.ok(
          verify(
            'sha256',
            Buffer.from(`${header}.${payload}`),
            { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' },
            Buffer.from(signature, 'base64url'),
          ),
        )
      })
    } else {
      it(`a key as ${format} is refused, and not shown`, () => {
        assert.throws(
          () => privateKey(hex),
          (error: unknown) =>
            error instanceof TypeError &&
            error.message.startsWith('prvKey must be') &&
            !error.message.includes(hex.slice(0, 16)) &&
            (hex.length !== 32 || error.message.includes('appSecret')),
        )
      })
    }
  }
})
