import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { DirectRequests } from '../../lib/direct/index.ts'
import type { DirectOptions } from '../../lib/direct/index.ts'
import { privateKeyHex } from '../../lib/crypto.ts'
import { coreOf } from '../../lib/direct/requests.ts'
import { ScopeRequests } from '../../lib/user-data.ts'
import { claimsOf } from '../support/person.ts'
import { newKey, OPTIONS, Shop } from '../support/shop.ts'

function png(length: number): string {
  const head = 'data:image/png;base64,'
  return head + 'A'.repeat(length - head.length)
}

describe("the Direct option's options", () => {
  const wrong: Partial<Record<keyof DirectOptions, readonly [message: string, ...values: unknown[]]>> = {
    origin: [
      'origin must be an exact https origin, such as https://shop.example (http only on loopback)',
      'https://shop.example/',
      'http://shop.example',
      'http://192.168.1.7',
      'ftp://shop.example',
      'ftp://localhost',
      'shop.example',
      ['https://shop.example'],
      undefined,
    ],
    mount: [
      'mount must be a path such as /civic, without a slash at its end',
      'civic',
      '/civic/',
      '/',
      '/a//b',
      '/../x',
      7,
      ['/civic'],
    ],
    name: ['name must be a string of 1 to 100 characters', '', ' \t', 'x'.repeat(101), 7],
    prvKey: [
      'prvKey must be a P-256 private key: 64 hex digits, PEM, JWK or KeyObject',
      'secret-and-wrong',
      undefined,
      [undefined, newKey()],
    ],
    scopeRequests: [
      `scopeRequests must be an array of ${Object.keys(ScopeRequests).join(', ')}`,
      [],
      'BASIC_SIGNUP',
      ['EVERYTHING'],
      [7],
      [['BASIC_SIGNUP']],
    ],
    ledger: ['ledger must be a ledger of civic-attestations', {}],
    authorities: ['authorities must be an array of xpubs', 'xpub', [7]],
    walletUrl: [
      'walletUrl must be an https URL without a fragment (http only on loopback)',
      'http://wallet.example',
      'ftp://localhost/wallet',
      'https://wallet.example/#x',
      'wallet',
      7,
      ['https://wallet.example'],
    ],
    confirmations: ['confirmations must be a whole number, from 1', 0, 1.5],
    confirm: ['confirm must be true or false', 'yes'],
    proximity: ["proximity must be 'off', 'report' or 'same-network'", 'near'],
    returnTo: [
      'returnTo must be a path of the site, such as /login',
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/a\\b',
      '/#x',
      '/a\tb',
      'login',
      'log/in',
      7,
      ['/login'],
    ],
    timeout: ['timeout must be milliseconds, from 1 to 180,000', 0, 0.9, 180_001, '1'],
    maxOpen: ['maxOpen must be a whole number, from 1', 0],
    store: ['store must be an object with set, add, get and take', {}],
    logo: [
      'logo must be a PNG or JPEG as a data: URI of at most 16 KiB',
      'https://shop.example/logo.png',
      png(16 * 1024 + 1),
      7,
      [png(100)],
    ],
    primaryColor: ['primaryColor must be six hex digits', '#112233', 7, ['112233']],
    secondaryColor: ['secondaryColor must be six hex digits', 'red'],
    description: [
      'description must be a string of 1 to 1000 characters, or a function from a request to one',
      '',
      'x'.repeat(1001),
      7,
    ],
    trustedOrigins: [
      'trustedOrigins must be an array of exact origins, such as https://www.example.org',
      'https://www.example.org',
      ['https://www.example.org/'],
    ],
    insecureLan: ['insecureLan must be true or false', 1],
    wellKnown: ['wellKnown must be true or false', 1],
  }
  for (const [name, [message, ...values]] of Object.entries(wrong)) {
    it(`refuse a wrong ${name}, and name it`, () => {
      for (const value of values) {
        const make = (): unknown => new DirectRequests({ ...OPTIONS, [name]: value })
        assert.throws(make, { name: 'TypeError', message }, inspect(value))
      }
    })
  }

  it('refuse three keys, and a login without a code from any network', () => {
    const three = { ...OPTIONS, prvKey: [newKey(), newKey(), newKey()] as never }
    assert.throws(() => new DirectRequests(three), {
      message: 'prvKey must be one key, or [current, previous]',
    })
    const message = "confirm: false needs proximity: 'same-network'"
    assert.throws(() => new DirectRequests({ ...OPTIONS, confirm: false }), { message })
  })

  it('refuse an unknown one', () => {
    assert.throws(() => new DirectRequests({ ...OPTIONS, wellknown: false } as DirectOptions), /wellknown/)
  })

  it('must be an object', () => {
    assert.throws(() => new DirectRequests(undefined as never), { message: 'options must be an object' })
  })

  it('accept every option', () => {
    const settings = coreOf(
      new DirectRequests({
        ...OPTIONS,
        origin: 'http://10.0.0.7:3000',
        walletUrl: 'http://[fe80::1]:4001',
        prvKey: [privateKeyHex(newKey()), newKey()],
        confirmations: 6,
        confirm: false,
        proximity: 'same-network',
        returnTo: '/login?by=civic',
        timeout: 180_000,
        maxOpen: 1,
        logo: png(16 * 1024),
        primaryColor: '112233',
        secondaryColor: 'aAbBcC',
        description: '$name asks',
        trustedOrigins: ['https://www.example.org'],
        insecureLan: true,
        wellKnown: false,
      }),
    ).settings
    assert.equal(settings.keys().length, 2)
    assert.equal(settings.description({ headers: {} }, ''), 'Shop asks')
    assert.equal(settings.trust.confirmations, 6)
    assert.deepEqual([...settings.trustedOrigins], ['http://10.0.0.7:3000', 'https://www.example.org'])
  })

  it('take the least and the most of what has an end', () => {
    for (const options of [
      { timeout: 1, maxOpen: 1, confirmations: 1, name: 'x', mount: '/a', description: 'x' },
      { timeout: 180_000, name: 'x'.repeat(100), mount: '/auth/civic-1.0/_', description: 'x'.repeat(1000) },
    ]) {
      assert.ok(new DirectRequests({ ...OPTIONS, ...options }))
    }
  })

  it('leave out of requests and of the well-known document what the site does not say of its look', () => {
    const core = coreOf(new DirectRequests(OPTIONS))
    assert.deepEqual(core.settings.look, {})
    const { keys: _, ...document } = core.wellKnown()
    const [clientId, callback] = ['https://shop.example', 'https://shop.example/civic/']
    assert.deepEqual(document, { version: 1, role: 'site', clientId, name: 'Shop', callback })
  })

  it('accept a pair without a second key', () => {
    assert.equal(
      coreOf(new DirectRequests({ ...OPTIONS, prvKey: [newKey(), undefined] as never })).settings.keys()
        .length,
      1,
    )
  })

  for (const host of ['localhost', '127.0.0.1', '[::1]', '127.9.9.9']) {
    it(`take http on loopback: ${host}`, () => {
      assert.ok(new DirectRequests({ ...OPTIONS, origin: `http://${host}:3000` }))
    })
  }

  for (const host of ['172.16.0.1', '172.31.0.1', '169.254.1.1', '[fe80::1]', '192.168.0.1']) {
    it(`take http on a private network with insecureLan: ${host}`, () => {
      assert.ok(new DirectRequests({ ...OPTIONS, origin: `http://${host}`, insecureLan: true }))
      assert.throws(() => new DirectRequests({ ...OPTIONS, origin: `http://${host}` }), /origin/)
    })
  }

  it('show no secret', () => {
    const key = newKey()
    const shown = inspect(new DirectRequests({ ...OPTIONS, prvKey: key }), { depth: 9, showHidden: true })
    assert.ok(!shown.includes(privateKeyHex(key)))
    assert.ok(!shown.includes('KeyObject'))
  })

  it('belong to a DirectRequests', () => {
    const error = { name: 'TypeError', message: 'direct must be a DirectRequests' }
    assert.throws(() => coreOf({}), error)
    assert.throws(() => coreOf(Object.create(DirectRequests.prototype)), error)
  })
})

describe('a request looks as the site does', () => {
  it('with its logo and colors', async () => {
    const look = { logo: png(100), primaryColor: '112233', secondaryColor: '445566' }
    const shop = await Shop.start(look)
    try {
      const { data } = claimsOf(await shop.token(await shop.begin()))
      const { logo, primaryColor, secondaryColor } = data as { [name in keyof typeof look]?: string }
      assert.deepEqual({ logo, primaryColor, secondaryColor }, look)
    } finally {
      await shop.stop()
    }
  })
})

describe('the description of a request', () => {
  const begin = async (description: DirectOptions['description']) => {
    const shop = await Shop.start(description === undefined ? {} : { description })
    try {
      const reply = await shop.send('POST', '/civic/start', {
        body: { channel: 'scan' },
        headers: { 'Sec-Fetch-Site': 'same-origin', 'Accept-Language': 'de' },
      })
      if (reply.status !== 201) return reply.status
      const token = await shop.token(reply.json as { uuid: string })
      const { data } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
        data: { description: string }
      }
      return data.description
    } finally {
      await shop.stop()
    }
  }

  it('names the site', async () => {
    assert.equal(await begin(undefined), 'Shop would like to access the following data on your identity')
  })

  it('may depend on the request', async () => {
    const description = await begin(({ headers }) => `$name: ${headers['accept-language'] as string}`)
    assert.equal(description, 'Shop: de')
  })

  it('gets the id of its request', async () => {
    const description = await begin((_req, uuid) => `Request ${uuid}`)
    assert.match(String(description), /^Request [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it('that is invalid is an error of the site', async () => {
    assert.equal(await begin(() => ''), 500)
  })
})
