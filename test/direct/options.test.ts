import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { DirectRequests } from '../../lib/direct/index.ts'
import type { DirectOptions } from '../../lib/direct/index.ts'
import { privateKeyHex } from '../../lib/crypto.ts'
import { coreOf } from '../../lib/direct/requests.ts'
import { newKey, OPTIONS, Shop } from '../support/shop.ts'

function png(length: number): string {
  const head = 'data:image/png;base64,'
  return head + 'A'.repeat(length - head.length)
}

describe("the Direct option's options", () => {
  const wrong: Record<string, [keyof DirectOptions, unknown][]> = {
    origin: [
      ['origin', 'https://shop.example/'],
      ['origin', 'http://shop.example'],
      ['origin', 'http://192.168.1.7'],
      ['origin', 'ftp://shop.example'],
      ['origin', undefined],
    ],
    mount: [
      ['mount', 'civic'],
      ['mount', '/civic/'],
      ['mount', '/'],
      ['mount', '/a//b'],
      ['mount', '/../x'],
      ['mount', 7],
    ],
    name: [
      ['name', ''],
      ['name', 'x'.repeat(101)],
    ],
    prvKey: [
      ['prvKey', 'secret-and-wrong'],
      ['prvKey', undefined],
      ['prvKey', [newKey(), newKey(), newKey()]],
    ],
    scopeRequests: [
      ['scopeRequests', []],
      ['scopeRequests', 'BASIC_SIGNUP'],
      ['scopeRequests', ['EVERYTHING']],
      ['scopeRequests', [7]],
    ],
    ledger: [['ledger', {}]],
    authorities: [
      ['authorities', 'xpub'],
      ['authorities', [7]],
    ],
    walletUrl: [
      ['walletUrl', 'http://wallet.example'],
      ['walletUrl', 'https://wallet.example/#x'],
      ['walletUrl', 'wallet'],
      ['walletUrl', 7],
    ],
    confirmations: [
      ['confirmations', 0],
      ['confirmations', 1.5],
    ],
    confirm: [
      ['confirm', 'yes'],
      ['confirm', false],
    ],
    proximity: [['proximity', 'near']],
    returnTo: [
      ['returnTo', 'https://evil.example/'],
      ['returnTo', '//evil.example'],
      ['returnTo', '/\\evil.example'],
      ['returnTo', '/#x'],
      ['returnTo', '/a\tb'],
      ['returnTo', 'login'],
      ['returnTo', 7],
    ],
    timeout: [
      ['timeout', 0],
      ['timeout', 180_001],
      ['timeout', '1'],
    ],
    maxOpen: [['maxOpen', 0]],
    store: [['store', {}]],
    logo: [
      ['logo', 'https://shop.example/logo.png'],
      ['logo', png(16 * 1024 + 1)],
      ['logo', 7],
    ],
    primaryColor: [
      ['primaryColor', '#112233'],
      ['primaryColor', 7],
    ],
    secondaryColor: [['secondaryColor', 'red']],
    description: [
      ['description', ''],
      ['description', 7],
    ],
    trustedOrigins: [
      ['trustedOrigins', 'https://www.example.org'],
      ['trustedOrigins', ['https://www.example.org/']],
    ],
    insecureLan: [['insecureLan', 1]],
    wellKnown: [['wellKnown', 1]],
  }
  for (const [name, values] of Object.entries(wrong)) {
    it(`refuse a wrong ${name}, which they name`, () => {
      for (const [option, value] of values) {
        assert.throws(
          () => new DirectRequests({ ...OPTIONS, [option]: value }),
          (error: Error) =>
            error instanceof TypeError &&
            error.message.includes(name) &&
            !error.message.includes('secret-and'),
          `${option}: ${inspect(value)}`,
        )
      }
    })
  }

  it('refuse one that is not known', () => {
    assert.throws(() => new DirectRequests({ ...OPTIONS, wellknown: false } as DirectOptions), /wellknown/)
  })

  it('must be an object', () => {
    assert.throws(() => new DirectRequests(undefined as never), TypeError)
  })

  it('take every option', () => {
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
  })

  it('take a key in place of a pair whose second is not there', () => {
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
    assert.throws(() => coreOf({}), TypeError)
    assert.throws(() => coreOf(Object.create(DirectRequests.prototype)), TypeError)
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

  it('is told which request it is of', async () => {
    const description = await begin((_req, uuid) => `Request ${uuid}`)
    assert.match(String(description), /^Request [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it('that is invalid is an error of the site', async () => {
    assert.equal(await begin(() => ''), 500)
  })
})
