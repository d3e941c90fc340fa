import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { allowsOrigin, cspSources, parseWhitelist } from '../../sip/lib/apps/allowed-domains.ts'

describe('sandbox: the domain white list', () => {
  it('normalises entries to the form that browsers send', () => {
    const entries = [
      ' HTTPS://Shop.Example.ORG:443/ ',
      'http://localhost:3000',
      'Localhost',
      'localhost',
      'http://[::1]:80',
    ]
    assert.deepEqual(parseWhitelist(entries), [
      'https://shop.example.org',
      'http://localhost:3000',
      'localhost',
      'http://[::1]',
    ])
  })

  const wrong = [
    'https://shop.example.org/login',
    'https://user@shop.example.org',
    'https://shop.example.org?x',
    'https://shop.example.org#',
    'shop.example.org:8443',
    'ftp://shop.example.org',
    'https://*.example.org',
    '*',
    'shop.example.org;script-src',
    'shop example',
    '-shop.example.org',
    'javascript:alert(1)//',
    '',
    '//shop.example.org',
  ]
  for (const entry of wrong) {
    it(`refuses ${JSON.stringify(entry)}`, () => {
      assert.throws(() => parseWhitelist([entry]), { name: 'InputError', message: /^whitelist: / })
    })
  }

  it('accepts origins of native apps and extensions, and matches them exactly', () => {
    const apps = [
      'capacitor://localhost',
      'tauri://localhost',
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    ]
    assert.deepEqual(parseWhitelist(apps), apps)
    for (const origin of apps) assert.ok(allowsOrigin(apps, origin))
    for (const origin of [
      'capacitor://local',
      'ionic://localhost',
      'http://localhost',
      'capacitor://localhost/',
      'null',
    ]) {
      assert.ok(!allowsOrigin(apps, origin), origin)
    }
    assert.ok(!allowsOrigin(['localhost'], 'capacitor://localhost'))
  })

  for (const entry of [
    'null://x/',
    'capacitor://',
    'capacitor://localhost:1',
    'file://localhost',
    'ws://localhost',
  ]) {
    it(`refuses ${entry}`, () => assert.throws(() => parseWhitelist([entry]), /^InputError: whitelist: /))
  }

  it('never allows the origin null', () => {
    assert.ok(!allowsOrigin(['null', 'localhost'], 'null'))
  })

  it('refuses anything but a list of strings', () => {
    for (const list of ['localhost', undefined, [7], [null]]) {
      assert.throws(() => parseWhitelist(list), { name: 'InputError', message: /^whitelist: / })
    }
  })

  const list = parseWhitelist(['https://shop.example.org', 'http://shop.example.org:8080', 'localhost'])
  const origins: [string, boolean][] = [
    ['https://shop.example.org', true],
    ['http://shop.example.org:8080', true],
    ['http://shop.example.org', false],
    ['https://shop.example.org:8080', false],
    ['https://www.shop.example.org', false],
    ['https://shop.example.org.evil.example', false],
    ['http://localhost:3000', true],
    ['https://localhost', true],
    ['http://localhost.evil.example', false],
    ['http://evil.example/localhost', false],
    ['localhost', false],
    ['null', false],
    ['', false],
  ]
  for (const [origin, allowed] of origins) {
    it(`${allowed ? 'allows' : 'refuses'} ${JSON.stringify(origin)}`, () => {
      assert.equal(allowsOrigin(list, origin), allowed)
    })
  }

  it('becomes the sources of a content security policy', () => {
    assert.deepEqual(cspSources(['https://shop.example.org', 'localhost']), [
      'https://shop.example.org',
      'http://localhost:*',
      'https://localhost:*',
    ])
  })

  it('is checked when an app is made', async () => {
    const sandbox: Sandbox = await createSandbox()
    try {
      assert.throws(
        () => sandbox.createApp({ name: 'Shop', whitelist: ['shop.example.org:1'] }),
        /whitelist: /,
      )
      assert.throws(() => sandbox.createApp({ name: ' ' }), /name: /)
      assert.throws(
        () => sandbox.createApp({ name: 'Shop', scopes: ['ALL'] }),
        /"ALL" is not a scope request/,
      )
      const environment = 'staging' as 'test'
      assert.throws(() => sandbox.createApp({ name: 'Shop', environment }), /environment: /)
      const made = sandbox.createApp({ name: 'Shop', whitelist: ['http://localhost:3000'] })
      assert.deepEqual(Object.keys(made).sort(), ['appId', 'appSecret', 'prvKey', 'pubKey'])
      assert.match(made.appSecret, /^[0-9a-f]{32}$/)
      assert.match(made.prvKey, /^[0-9a-f]{64}$/)
      assert.match(made.pubKey, /^04[0-9a-f]{128}$/)
    } finally {
      await sandbox.close()
    }
  })
})
