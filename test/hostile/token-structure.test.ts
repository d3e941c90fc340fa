import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { CivicClient } from '../../lib/index.ts'
import { base64url, FakeSip } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import { HEADER, signBytes, signParts, slackSpellings } from './support/tokens.ts'

const AREA = 'Tokens: structure, encoding and JSON'

describe('the structure of an authorization code token', () => {
  const sip = new FakeSip()
  let strategy: object

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
  }

  const parts = (): [head: string, body: string, mac: string] =>
    sip.token().split('.') as [string, string, string]
  /** Signed by SIP's own key, whatever the bytes are. */
  const payload = (bytes: Uint8Array | string): string => signBytes(bytes, sip.keys.privateKey)
  const header = (text: string): string => sip.sign(sip.claims(), text)
  const text = (changes: Record<string, unknown> = {}): string => JSON.stringify(sip.claims(changes))

  describe('is three parts', () => {
    const shapes: Record<string, () => string> = {
      'one part': () => parts()[0],
      'two parts': () => parts().slice(0, 2).join('.'),
      'a fourth part': () => `${sip.token()}.${parts()[2]}`,
      'an empty fourth part': () => `${sip.token()}.`,
      'a dot in front': () => `.${sip.token()}`,
      'five parts, as a JWE has': () => {
        const head = base64url({ alg: 'ECDH-ES', enc: 'A256GCM' })
        return [head, '', ...parts()].join('.')
      },
      'five parts around a genuine token': () => `${sip.token()}..`,
      'a detached payload': () => `${parts()[0]}..${parts()[2]}`,
      'no header': () => ['', ...parts().slice(1)].join('.'),
      'dots alone': () => '..',
      'a thousand dots': () => '.'.repeat(1000),
      'two tokens': () => `${sip.token()}.${sip.token()}`,
      'another separator': () => sip.token().replaceAll('.', ':'),
      'a scheme in front': () => `Bearer ${sip.token()}`,
      'JSON, flattened': () => {
        const [head, body, signature] = parts()
        return JSON.stringify({ protected: head, payload: body, signature })
      },
      'JSON, general': () => {
        const [head, body, signature] = parts()
        return JSON.stringify({ payload: body, signatures: [{ protected: head, signature }] })
      },
      'JSON of the compact form': () => JSON.stringify(sip.token()),
    }
    for (const [name, make] of Object.entries(shapes)) it(`refuses ${name}`, () => refused(make()))
  })

  describe('is canonical base64url', () => {
    const names = ['header', 'payload', 'signature']
    /** The token with one part respelt; what is signed is the spelling, so that only the spelling is wrong. */
    const respell = (at: number, how: (part: string) => string): string => {
      const [head, body, mac] = parts()
      if (at === 2) return [head, body, how(mac)].join('.')
      return signParts(at === 0 ? how(head) : head, at === 1 ? how(body) : body, sip.keys.privateKey)
    }
    const spellings: Record<string, (part: string) => string> = {
      'padding it does not need': (part) => `${part}=`,
      'two signs of padding': (part) => `${part}==`,
      'the padding that makes it whole': (part) => part.padEnd(Math.ceil(part.length / 4) * 4 + 4, '='),
      'a space in front': (part) => ` ${part}`,
      'a space behind': (part) => `${part} `,
      'a line break inside': (part) => `${part.slice(0, 8)}\n${part.slice(8)}`,
      'CR LF inside': (part) => `${part.slice(0, 8)}\r\n${part.slice(8)}`,
      'a tab': (part) => `${part}\t`,
      'a NUL': (part) => `${part}\0`,
      'a zero-width space': (part) => `${part}\u200b`,
      'a percent sign': (part) => `${part}%3D`,
      'a full-width letter': (part) =>
        part.slice(0, -1) + String.fromCharCode(part.charCodeAt(part.length - 1) + 0xfee0),
      'a character beyond 16 bits': (part) => `${part}\u{1F511}`,
      'one character too many': (part) => `${part}A`.padEnd(Math.ceil(part.length / 4) * 4 + 1, 'A'),
      'its first character cut': (part) => part.slice(1),
      'its last character cut': (part) => part.slice(0, -1),
    }
    for (const at of [0, 1, 2]) {
      for (const [name, how] of Object.entries(spellings)) {
        it(`refuses a ${names[at]} with ${name}`, () => refused(respell(at, how)))
      }
    }

    it('refuses every spelling with slack bits, each part', async () => {
      // Lengths that leave slack, since a multiple of three bytes leaves none
      for (const fill of ['', 'x', 'xx']) {
        const body = base64url(sip.claims({ fill }))
        const head = base64url({ ...HEADER, kid: fill })
        const key = sip.keys.privateKey
        for (const other of slackSpellings(head)) await refused(signParts(other, body, key))
        for (const other of slackSpellings(body)) await refused(signParts(head, other, key))
      }
      const [head, body, mac] = parts()
      const others = slackSpellings(mac)
      assert.equal(others.length, 15, '64 bytes leave four bits of slack')
      for (const other of others) await refused(`${head}.${body}.${other}`)
    })

    it('refuses the alphabet of plain base64', async () => {
      const standard = (part: string): string => part.replaceAll('-', '+').replaceAll('_', '/')
      let tried = 0
      while (tried < 4) {
        const [head, , mac] = parts()
        const body = base64url(sip.claims({ fill: '>>>???' }))
        assert.notEqual(standard(body), body)
        await refused(signParts(head, standard(body), sip.keys.privateKey))
        if (standard(mac) === mac) continue
        await refused(`${head}.${parts()[1]}.${standard(mac)}`)
        tried++
      }
    })
  })

  describe('is one JSON object a part', () => {
    const claims = (): Record<string, unknown> => sip.claims()
    const payloads: Record<string, () => Uint8Array | string> = {
      nothing: () => '',
      'an array': () => JSON.stringify([claims()]),
      'a string': () => '"x"',
      'a string that holds the JSON': () => JSON.stringify(text()),
      'a number': () => '1',
      null: () => 'null',
      true: () => 'true',
      'white space': () => ' ',
      'two objects': () => text() + text(),
      'an object and more': () => `${text()}x`,
      'an object cut off': () => text().slice(0, -1),
      'a trailing comma': () => text().replace(/\}$/, ',}'),
      'a comment': () => `/**/${text()}`,
      'single quotes': () => text().replaceAll('"', "'"),
      'an unquoted name': () => text().replace('"iss"', 'iss'),
      'a control character in a string': () => text().replace('"jti":"', '"jti":"\n'),
      'a byte order mark': () => `\ufeff${text()}`,
      'UTF-16': () => Buffer.from(text(), 'utf16le'),
      'a stray byte': () =>
        Buffer.concat([Buffer.from(text({ jti: 'x' }).slice(0, -1)), Buffer.from([0x80])]),
      'a byte in a string that is not UTF-8': () => Buffer.from(text({ jti: '\xff' }), 'latin1'),
      'an overlong slash in a string': () => Buffer.from(text({ jti: '\xc0\xaf' }), 'latin1'),
      'half a surrogate pair in a string': () => Buffer.from(text({ jti: '\xed\xa0\x80' }), 'latin1'),
      'NaN for a time': () => text().replace(/"exp":[\d.]+/, '"exp":NaN'),
      'Infinity for a time': () => text().replace(/"exp":[\d.]+/, '"exp":Infinity'),
      '1e400 for exp': () => text().replace(/"exp":[\d.]+/, '"exp":1e400'),
      '-1e400 for iat': () => text().replace(/"iat":[\d.]+/, '"iat":-1e400'),
      'a hexadecimal time': () => text().replace(/"exp":[\d.]+/, '"exp":0xffffffff'),
      'claims on __proto__': () => `{"__proto__":${text()}}`,
      'claims on constructor.prototype': () => `{"constructor":{"prototype":${text()}}}`,
      'the code on __proto__': () =>
        text({ data: null }).replace('"data":null', '"data":{"__proto__":{"codeToken":"x"}}'),
      'only open brackets': () => '['.repeat(3000),
      'only nesting': () => `${'['.repeat(3000)}${']'.repeat(3000)}`,
    }
    for (const [name, make] of Object.entries(payloads)) {
      it(`refuses a payload of ${name}`, () => refused(payload(make())))
    }

    const headers: Record<string, string> = {
      nothing: '',
      'an array': '[{"alg":"ES256","typ":"JWT"}]',
      'a string': '"ES256"',
      null: 'null',
      'two objects': '{"alg":"ES256"}{"alg":"ES256"}',
      'a byte order mark': '\ufeff{"alg":"ES256","typ":"JWT"}',
      'alg twice': '{"alg":"ES256","alg":"ES256","typ":"JWT"}',
      'alg none, then ES256': '{"alg":"none","alg":"ES256"}',
      'alg twice, once escaped': '{"alg":"none","\\u0061lg":"ES256"}',
      'typ twice': '{"alg":"ES256","typ":"JWT","typ":"JWT"}',
    }
    for (const [name, json] of Object.entries(headers)) {
      it(`refuses a header of ${name}`, () => refused(header(json)))
    }

    describe('no member twice', () => {
      const twice: Record<string, (json: string) => string> = {
        'the same iss': (json) => json.replace('"iss"', '"iss":"civic-sip-hosted-service","iss"'),
        'another sub first': (json) => json.replace('"sub"', '"sub":"another","sub"'),
        'another sub last': (json) => json.replace(/\}$/, ',"sub":"app12345"}'),
        'with white space': (json) => json.replace('"aud"', '"aud" \t\r\n : "x","aud"'),
        'escaped differently': (json) => json.replace('"exp"', '"\\u0065xp":1,"exp"'),
        'of the code': (json) => json.replace('"codeToken"', '"codeToken":"x","codeToken"'),
        'of __proto__': (json) => json.replace('"iss"', '"__proto__":1,"__proto__":2,"iss"'),
        'of the empty name': (json) => json.replace('"iss"', '"":1,"":2,"iss"'),
        'behind a string with escaped quotes': (json) =>
          json.replace('"iss"', '"a":"\\\\\\",\\"b\\":","a":1,"iss"'),
        'inside an array': (json) => json.replace('"iss"', '"a":[{"b":1,"b":1}],"iss"'),
      }
      for (const [name, how] of Object.entries(twice)) {
        it(`refuses one ${name}`, async () => {
          const json = text()
          assert.notEqual(how(json), json)
          await refused(payload(how(json)))
        })
      }
    })

    it('accepts extra claims, white space, both header orders and a kid', async () => {
      await accepted(
        payload(text({ extra: 'claim', nbf: 0, a: { 'b"c:': [':', '":', { d: '\\' }] }, é: '🔑' })),
      )
      await accepted(payload(text({ a: { b: 1 }, c: [{ d: null }, null], e: null })))
      await accepted(payload(` ${JSON.stringify(sip.claims(), null, 2)}\n`))
      await accepted(header('{"typ":"JWT","alg":"ES256"}'))
      await accepted(header('{"alg":"ES256","typ":"JWT"}'))
      await accepted(header('{"alg":"ES256","typ":"JWT","kid":"1"}'))
    })

    it('ignores a claim called __proto__', async () => {
      await accepted(payload(text().replace('"iss"', '"__proto__":{"isAdmin":true,"sub":"x"},"iss"')))
      assert.equal(({} as Record<string, unknown>)['isAdmin'], undefined)
    })
  })

  describe('that a stranger makes long', () => {
    const deep = `${'['.repeat(2900)}${']'.repeat(2900)}`

    /** How long a text a refusal parsed at most. */
    const parsed = (token: string): number => {
      const client = new CivicClient(sip.options)
      const parse = mock.method(JSON, 'parse')
      try {
        assert.throws(() => client.verifyAuthCode(token), { code: 'CIVIC_TOKEN_INVALID' })
        return Math.max(0, ...parse.mock.calls.map(({ arguments: [json] }) => json.length))
      } finally {
        parse.mock.restore()
      }
    }

    it('parses no unsigned claims', () => {
      const [head, , mac] = parts()
      assert.ok(parsed([head, base64url(deep), mac].join('.')) < 100)
    })

    it('parses no long header', () => {
      const [, body, mac] = parts()
      assert.ok(parsed([base64url(`{"alg":"ES256","a":${deep}}`), body, mac].join('.')) < 1000)
    })

    it('is read in a header of 1,024 characters, and no more', async () => {
      const head = (length: number): string => JSON.stringify({ ...HEADER, kid: 'x' }).padEnd(length)
      await refused(header(head(769)))
      await accepted(header(head(768)))
    })

    it('is still read if SIP signed it', () => {
      assert.ok(parsed(payload(`{"a":${deep}}`)) > 5000)
    })
  })

  it('may be nested deeper than the stack', () => {
    const client = new CivicClient(sip.options)
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const json = text().replace('"iss"', `"deep":${deep},"iss"`)
    assert.equal(client.verifyAuthCode(payload(json)).sub, sip.options.appId)
    assert.throws(() => client.verifyAuthCode(payload(deep)), { code: 'CIVIC_TOKEN_INVALID' })
    const objects = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    assert.throws(() => client.verifyAuthCode(payload(objects)), { code: 'CIVIC_TOKEN_INVALID' })
  })

  it('is read in linear time', () => {
    const client = new CivicClient(sip.options)
    const size = 2_000_000
    const slow = ['\\"'.repeat(size / 2), '\\\\'.repeat(size / 2), '\\"\\\\'.repeat(size / 4)]
    for (const filling of slow) {
      const json = text().replace('"iss"', `"fill":"${filling}","iss"`)
      const token = payload(json)
      const started = performance.now()
      client.verifyAuthCode(token)
      // Reading it in the square of its length would take an hour
      assert.ok(performance.now() - started < 10_000)
    }
  })
})
