import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readConfig, SetupError } from '../../example/src/config.ts'

const { d = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const CREDENTIALS = {
  CIVIC_APP_ID: 'app',
  CIVIC_APP_SECRET: 'ab'.repeat(16),
  CIVIC_PRIVATE_KEY: Buffer.from(d, 'base64url').toString('hex'),
}
const SESSION_SECRET = '0123456789abcdef0123456789abcdef'

describe('example: configuration', () => {
  it('without anything is for this machine, with a sandbox', () => {
    const { sip, host, port, https, trustProxy, redisUrl } = readConfig({})
    assert.deepEqual(
      { sip, host, port, https, trustProxy, redisUrl },
      {
        sip: undefined,
        host: '127.0.0.1',
        port: undefined,
        https: false,
        trustProxy: 0,
        redisUrl: undefined,
      },
    )
  })

  it('with the credentials talks to Civic', () => {
    const { sip } = readConfig(CREDENTIALS)
    assert.equal(sip?.civic.appId, 'app')
    assert.equal(sip.civic.api, undefined)
    assert.equal(sip.scriptUrl, 'https://hosted-sip.civic.com/js/civic.sip.min.js')
  })

  it('loads CivicJS from the API’s host, or from the configured one', () => {
    const env = { ...CREDENTIALS, CIVIC_API: 'http://127.0.0.1:4000/sip/' }
    assert.equal(readConfig(env).sip?.scriptUrl, 'http://127.0.0.1:4000/js/civic.sip.min.js')
    const CIVIC_SCRIPT = 'https://cdn.example.org/civic.js'
    assert.equal(readConfig({ ...env, CIVIC_SCRIPT }).sip?.scriptUrl, CIVIC_SCRIPT)
  })

  it('in production is https behind one proxy, unless SITE_URL and TRUST_PROXY say otherwise', () => {
    const env = { ...CREDENTIALS, NODE_ENV: 'production', SESSION_SECRET }
    const of = (more: NodeJS.ProcessEnv) => {
      const { https, trustProxy } = readConfig({ ...env, ...more })
      return [https, trustProxy]
    }
    assert.deepEqual(of({}), [true, 1])
    assert.deepEqual(of({ TRUST_PROXY: '2' }), [true, 2])
    assert.deepEqual(of({ SITE_URL: 'http://intranet.example.org' }), [false, 0])
  })

  it('signs sessions with SESSION_SECRET, the current one first', () => {
    assert.equal(readConfig({}).sessionSecrets, undefined)
    assert.deepEqual(readConfig({ SESSION_SECRET }).sessionSecrets, [SESSION_SECRET])
    const previous = SESSION_SECRET.toUpperCase()
    const rotated = readConfig({ SESSION_SECRET: `${SESSION_SECRET}, ${previous}` })
    assert.deepEqual(rotated.sessionSecrets, [SESSION_SECRET, previous])
  })

  for (const [what, env, message] of [
    ['production without credentials', { NODE_ENV: 'production' }, /NODE_ENV.*CIVIC_APP_ID/],
    ['one credential of three', { CIVIC_APP_ID: 'app' }, /CIVIC_APP_SECRET and CIVIC_PRIVATE_KEY/],
    ['two credentials of three', { ...CREDENTIALS, CIVIC_APP_SECRET: '' }, /CIVIC_APP_SECRET/],
    ['an empty credential', { ...CREDENTIALS, CIVIC_PRIVATE_KEY: ' ' }, /CIVIC_PRIVATE_KEY/],
    ['production without a session secret', { ...CREDENTIALS, NODE_ENV: 'production' }, /SESSION_SECRET/],
    ['a short session secret', { SESSION_SECRET: 'secret' }, /SESSION_SECRET must be 32/],
    [
      'a short previous session secret',
      { SESSION_SECRET: `${SESSION_SECRET},` },
      /SESSION_SECRET must be 32/,
    ],
    ['a port that is not a number', { PORT: '3000x' }, /PORT/],
    ['a port that is too high', { PORT: '65536' }, /PORT/],
    ['an invalid site URL', { SITE_URL: 'example.org' }, /SITE_URL/],
    ['an invalid script URL', { ...CREDENTIALS, CIVIC_SCRIPT: 'civic.js' }, /CIVIC_SCRIPT/],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => readConfig(env),
        (error) => error instanceof SetupError && message.test(error.message),
      )
    })
  }
})
