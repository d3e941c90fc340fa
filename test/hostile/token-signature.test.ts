import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { publicKeyHex } from '../../lib/crypto.ts'
import { base64url, FakeSip, forge, newKeys } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import { HEADER, N, scalar, signatureOf, signingInput, withS, withSignature } from './support/tokens.ts'

const AREA = 'Tokens: algorithm and signature'

describe('the signature of an authorization code token', () => {
  const sip = new FakeSip()
  let strategy: object
  const stranger = newKeys()

  before(async () => {
    await sip.start()
    strategy = strategyFor(sip)
  })
  after(() => sip.stop())
  beforeEach(() => {
    sip.exchanges.length = 0
  })

  async function refused(token: string): Promise<void> {
    const outcome = await outcomeOf(AREA, 'refused', strategy, post({ authToken: token }))
    assert.deepEqual({ ...outcome }, { kind: 'fail', code: 'CIVIC_TOKEN_INVALID', status: 401 })
    assert.equal(sip.exchanges.length, 0, 'nothing is sent')
  }

  async function accepted(token: string): Promise<void> {
    const outcome = await outcomeOf(AREA, 'accepted', strategy, post({ authToken: token }))
    assert.equal(outcome.kind, 'success')
    assert.equal(sip.exchanges.length, 1)
  }

  const unsigned = (header: object): string => `${base64url(header)}.${base64url(sip.claims())}.`

  describe('demands alg ES256, exactly', () => {
    const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', '', 'es256', 'ES256 ', 'ES256\0', 'ＥＳ256']
    for (const alg of spellings) {
      it(`refuses ${JSON.stringify(alg)}, unsigned or signed`, async () => {
        await refused(unsigned({ alg, typ: 'JWT' }))
        await refused(sip.sign(sip.claims(), { alg, typ: 'JWT' }))
      })
    }
    const values: unknown[] = [undefined, null, true, 256, ['ES256'], { alg: 'ES256' }, ['none'], []]
    for (const alg of values) {
      it(`refuses ${alg === undefined ? 'its absence' : JSON.stringify(alg)}, unsigned or signed`, async () => {
        await refused(unsigned({ alg, typ: 'JWT' }))
        await refused(sip.sign(sip.claims(), { alg, typ: 'JWT' }))
      })
    }
    it('refuses an alg that stands in another case or on a prototype', async () => {
      await refused(sip.sign(sip.claims(), { ALG: 'ES256', typ: 'JWT' }))
      await refused(sip.sign(sip.claims(), '{"__proto__":{"alg":"ES256"},"typ":"JWT"}'))
    })
  })

  describe('cannot be an HMAC with a public key', () => {
    const pub = (): KeyObject => sip.keys.publicKey
    const x = (): string => pub().export({ format: 'jwk' }).x!
    const pem = (): string => pub().export({ format: 'pem', type: 'spki' }).toString()
    const keys: Record<string, () => string | Buffer> = {
      'the public key as hex': () => publicKeyHex(pub()),
      'the bytes of that hex': () => Buffer.from(publicKeyHex(pub()), 'hex'),
      'the PEM': pem,
      'the PEM without its last line break': () => pem().trimEnd(),
      'the DER': () => pub().export({ format: 'der', type: 'spki' }),
      'the point’s x': () => Buffer.from(x(), 'base64url'),
      'x as base64url': x,
      'the JWK': () => JSON.stringify(pub().export({ format: 'jwk' })),
      nothing: () => '',
    }
    for (const [name, key] of Object.entries(keys)) {
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS384', 'sha384'],
        ['HS512', 'sha512'],
        ['ES256', 'sha256'],
      ] as const) {
        it(`refuses one by ${name}, called ${alg}`, async () => {
          const input = `${base64url({ alg, typ: 'JWT' })}.${base64url(sip.claims())}`
          await refused(`${input}.${createHmac(hash, key()).update(input).digest('base64url')}`)
        })
      }
    }
  })

  describe('cannot be of another kind of key', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const curve = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey
    const by = (alg: string, hash: string | null, key: KeyObject): string => {
      const input = `${base64url({ alg, typ: 'JWT' })}.${base64url(sip.claims())}`
      const signature = sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    }
    const kinds: Record<string, () => [alg: string, hash: string | null, key: KeyObject]> = {
      RSA: () => ['RS256', 'sha256', rsa],
      'P-384': () => ['ES384', 'sha384', curve('P-384')],
      'P-521': () => ['ES512', 'sha512', curve('P-521')],
      secp256k1: () => ['ES256K', 'sha256', curve('secp256k1')],
      brainpoolP256r1: () => ['ESB256', 'sha256', curve('brainpoolP256r1')],
      Ed25519: () => ['EdDSA', null, generateKeyPairSync('ed25519').privateKey],
      'a stranger’s P-256': () => ['ES256', 'sha256', stranger.privateKey],
      'the app’s own P-256': () => ['ES256', 'sha256', sip.app.privateKey],
    }
    for (const [name, kind] of Object.entries(kinds)) {
      it(`refuses ${name}, called by its own name and called ES256`, async () => {
        const [alg, hash, key] = kind()
        await refused(by(alg, hash, key))
        await refused(by('ES256', hash, key))
      })
    }
    it('refuses SIP’s own key over another hash or under another name', async () => {
      for (const hash of ['sha384', 'sha512', 'sha1', 'sha3-256'])
        await refused(by('ES256', hash, sip.keys.privateKey))
      for (const alg of ['RS256', 'PS256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'HS256', 'dir'])
        await refused(by(alg, 'sha256', sip.keys.privateKey))
    })
  })

  describe('is not checked with a key the token brings', () => {
    const jwk = stranger.publicKey.export({ format: 'jwk' })
    const der = stranger.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    const headers: Record<string, () => object> = {
      jwk: () => ({ ...HEADER, jwk }),
      'jwk with a kid': () => ({ ...HEADER, jwk: { ...jwk, kid: '1' }, kid: '1' }),
      jku: () => ({ ...HEADER, jku: `${sip.origin}/keys.json` }),
      x5u: () => ({ ...HEADER, x5u: `${sip.origin}/cert.pem` }),
      x5c: () => ({ ...HEADER, x5c: [der] }),
      'a kid that is a path': () => ({ ...HEADER, kid: '../../../../dev/null' }),
      'a kid that is a URL': () => ({ ...HEADER, kid: `${sip.origin}/key` }),
      'a kid that is SQL': () => ({ ...HEADER, kid: "' UNION SELECT 'key" }),
      'a kid that is the key': () => ({ ...HEADER, kid: der }),
      'a kid of __proto__': () => ({ ...HEADER, kid: '__proto__' }),
    }
    for (const [name, header] of Object.entries(headers)) {
      it(`refuses ${name}, and fetches nothing`, async () => {
        await refused(forge(header(), sip.claims(), stranger.privateKey))
      })
    }
  })

  describe('cannot require an unknown extension', () => {
    const headers = [
      { crit: ['exp'], exp: 1 },
      { crit: ['b64'], b64: false },
      { crit: ['b64'], b64: true },
      { crit: [] },
      { crit: null },
      { crit: 'b64' },
      { b64: false },
      { b64: true },
      { b64: null },
    ]
    for (const header of headers) {
      it(`refuses ${JSON.stringify(header)}`, () => refused(sip.sign(sip.claims(), { ...HEADER, ...header })))
    }
    it('refuses a payload that b64 leaves unencoded', async () => {
      const head = base64url({ ...HEADER, b64: false, crit: ['b64'] })
      const input = `${head}.${JSON.stringify(sip.claims({ jti: 'no dot', aud: 'x' }))}`
      const signature = sign('sha256', Buffer.from(input), {
        key: sip.keys.privateKey,
        dsaEncoding: 'ieee-p1363',
      })
      await refused(`${input}.${signature.toString('base64url')}`)
    })
  })

  it('demands typ JWT, or none', async () => {
    for (const typ of ['jwt', 'JWE', 'JOSE', 'at+jwt', 'application/jwt', '', null, ['JWT'], 1])
      await refused(sip.sign(sip.claims(), { alg: 'ES256', typ }))
    await accepted(sip.sign(sip.claims(), { alg: 'ES256' }))
  })

  describe('is r and s, 32 bytes each', () => {
    const zero = scalar(0n)
    const one = scalar(1n)
    const n = scalar(N)
    const ones = Buffer.alloc(32, 0xff)
    const halves: Record<string, (r: Buffer, s: Buffer) => Uint8Array[]> = {
      nothing: () => [],
      '64 zero bytes': () => [zero, zero],
      'r of zero': (_r, s) => [zero, s],
      's of zero': (r) => [r, zero],
      'r and s of one': () => [one, one],
      'r of n': (_r, s) => [n, s],
      's of n': (r) => [r, n],
      'r of n and s of n': () => [n, n],
      'r all ones': (_r, s) => [ones, s],
      's all ones': (r) => [r, ones],
      's and r': (r, s) => [s, r],
      'r twice': (r) => [r, r],
      'r alone': (r) => [r],
      '63 bytes': (r, s) => [r, s.subarray(1)],
      '65 bytes': (r, s) => [r, s, zero.subarray(0, 1)],
      '65 bytes, the first zero': (r, s) => [zero.subarray(0, 1), r, s],
      '96 bytes': (r, s) => [r, s, s],
      '128 bytes': (r, s) => [r, s, r, s],
      '4,000 bytes': () => [Buffer.alloc(4000, 1)],
    }
    for (const [name, make] of Object.entries(halves)) {
      it(`refuses ${name}`, async () => {
        const token = sip.token()
        const signature = signatureOf(token)
        const forged = make(signature.subarray(0, 32), signature.subarray(32))
        await refused(withSignature(token, Buffer.concat(forged)))
      })
    }

    it('refuses DER, hex, and base64 of the JSON kind', async () => {
      const token = sip.token()
      await refused(
        withSignature(token, sign('sha256', Buffer.from(signingInput(token)), sip.keys.privateKey)),
      )
      await refused(`${signingInput(token)}.${signatureOf(token).toString('hex')}`)
      await refused(`${signingInput(token)}.${base64url(JSON.stringify([...signatureOf(token)]))}`)
    })

    it('refuses another token’s', () => refused(withSignature(sip.token(), signatureOf(sip.token()))))

    it('accepts high s and low s', async () => {
      await accepted(withS(sip.token(), 'high'))
      sip.exchanges.length = 0
      await accepted(withS(sip.token(), 'low'))
    })

    it('treats a second signature of a token as the same token', async () => {
      const token = withS(sip.token(), 'high')
      await accepted(token)
      const again = await outcomeOf(AREA, 'refused', strategy, post({ authToken: withS(token, 'low') }))
      assert.equal(again.code, 'CIVIC_TOKEN_REPLAYED')
      assert.equal(sip.exchanges.length, 1)
    })
  })
})
