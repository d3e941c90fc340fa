import assert from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { privateKey, privateKeyHex, publicKey, publicKeyHex } from '../../lib/crypto.ts'
import { newKeys } from '../support/sip.ts'

const PRIVATE = '8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf'
const key = privateKey(PRIVATE)
const { d, ...publicJwk } = key.export({ format: 'jwk' })
const point = publicKeyHex(key)
const compressed = (parseInt(point.slice(-1), 16) % 2 ? '03' : '02') + point.slice(2, 66)
const otherCurve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

describe('a private key', () => {
  const forms = {
    'hex in capitals': PRIVATE.toUpperCase(),
    'PKCS#8 PEM': key.export({ type: 'pkcs8', format: 'pem' }),
    'SEC1 PEM': key.export({ type: 'sec1', format: 'pem' }),
    JWK: { ...publicJwk, d },
    KeyObject: key,
  }
  for (const [form, input] of Object.entries(forms)) {
    it(`may be ${form}`, () => assert.equal(privateKeyHex(privateKey(input)), PRIVATE))
  }

  it('may be hex with leading zeros dropped, or a byte of them in front', () => {
    for (const digits of [62, 63]) {
      const hex = '7'.repeat(digits)
      assert.equal(privateKeyHex(privateKey(hex)), hex.padStart(64, '0'))
    }
    assert.equal(privateKeyHex(privateKey(`00${PRIVATE}`)), PRIVATE)
  })

  const refused = {
    'a public KeyObject': newKeys().publicKey,
    'a public PEM': newKeys().publicKey.export({ type: 'spki', format: 'pem' }),
    'a public JWK': publicJwk,
    'another curve': otherCurve.privateKey,
    'another curve as PEM': otherCurve.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'another curve as JWK': otherCurve.privateKey.export({ format: 'jwk' }),
    'an RSA key': rsa.privateKey,
    zero: '0'.repeat(64),
    'the order of the curve': 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    '61 digits': PRIVATE.slice(3),
    '66 digits that do not start with 00': `01${PRIVATE}`,
    'a broken PEM': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    undefined: undefined,
    null: null,
    'a number': 7,
    'an empty string': '',
    'a secret KeyObject': createSecretKey(PRIVATE, 'hex'),
  }
  for (const [form, input] of Object.entries(refused)) {
    it(`may not be ${form}`, () =>
      assert.throws(() => privateKey(input), { name: 'TypeError', message: /^prvKey must/ }))
  }

  it('may not be a JWK whose public point is another key’s', () => {
    const { x, y } = newKeys().publicKey.export({ format: 'jwk' })
    const prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
    const opposite = (prime - BigInt(`0x${point.slice(66)}`)).toString(16).padStart(64, '0')
    const points = [
      { x, y },
      { x: publicJwk.x, y: Buffer.from(opposite, 'hex').toString('base64url') },
    ]
    for (const other of points) {
      assert.throws(() => privateKey({ ...publicJwk, d, ...other }), {
        name: 'TypeError',
        message: 'prvKey has the public point of another key',
      })
    }
  })

  it('that is 32 digits is an appSecret in the wrong place, and the error says so', () => {
    assert.throws(() => privateKey('44bbae32d1e02bf481074177002bbdef'), /appSecret in the wrong place/)
  })
})

describe('a public key', () => {
  const forms = {
    'an uncompressed point': point,
    'a compressed point': compressed,
    'a point with white space around': ` ${point}\n`,
    'an SPKI PEM': publicKey(point).export({ type: 'spki', format: 'pem' }),
    'a JWK': publicJwk,
    'a KeyObject': publicKey(point),
  }
  for (const [form, input] of Object.entries(forms)) {
    it(`may be ${form}`, () => assert.equal(publicKeyHex(publicKey(input)), point))
  }

  const refused = {
    'a point off the curve': point.slice(0, -1) + (point.endsWith('0') ? '1' : '0'),
    'an x that no point has': `02${'f'.repeat(64)}`,
    'a JWK off the curve': { ...publicJwk, y: publicJwk.x },
    'another curve': otherCurve.publicKey,
    'another curve as PEM': otherCurve.publicKey.export({ type: 'spki', format: 'pem' }),
    'a private KeyObject': key,
    'a private PEM': key.export({ type: 'pkcs8', format: 'pem' }),
    'a private JWK': { ...publicJwk, d },
    '130 digits that start with 05': `05${point.slice(2)}`,
    'no hex': 'z'.repeat(130),
    'a secret KeyObject': createSecretKey(PRIVATE, 'hex'),
    undefined: undefined,
    null: null,
    'a number': 7,
    'a function': () => point,
  }
  for (const [form, input] of Object.entries(refused)) {
    it(`may not be ${form}`, () =>
      assert.throws(() => publicKey(input), { name: 'TypeError', message: /^sipPublicKey must/ }))
  }

  it('may have nothing before or after it, and is then not reported as off the curve', () => {
    for (const input of [`zz${point}`, `00${point}`, `${point}zz`, `${point}00`, `${compressed}zz`])
      assert.throws(() => publicKey(input), { name: 'TypeError', message: /PEM, JWK or KeyObject$/ })
  })
})
