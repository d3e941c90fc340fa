import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { inspect } from 'node:util'
import nodeFetch from 'node-fetch'
import { fetch as undiciFetch } from 'undici'
import { CivicClient, CivicStrategy, MemoryReplayStore, RedisReplayStore } from '../../lib/index.ts'
import { outcomesOf, post } from '../support/drive.ts'
import { newKeys } from '../support/sip.ts'

const valid = { appId: 'app', appSecret: '44bbae32d1e02bf481074177002bbdef', prvKey: '7'.repeat(64) }

function nothing(): Promise<never> {
  return Promise.reject(new Error('nothing asks it'))
}

const ledger = { txHex: nothing, txStatus: nothing, outspend: nothing, tipHeight: nothing }
const attestations = { ledger, authorities: ['xpub'], origins: ['https://www.example.org'] }

function create(changes: object): CivicStrategy {
  return new CivicStrategy({ ...valid, ...changes }, () => false)
}

describe('options', () => {
  describe('a wrong one throws a TypeError that names it and shows no value', () => {
    const wrong: Record<string, unknown[]> = {
      appId: [undefined, '', ' ', 7],
      appSecret: [
        undefined,
        'SENTINEL',
        '44bbae32d1e02bf481074177002bbde',
        `${valid.appSecret}0`,
        `${valid.appSecret}\n`,
        [[valid.appSecret]],
        [],
        [valid.appSecret, 'SENTINEL'],
        Array(3).fill(valid.appSecret),
      ],
      prvKey: [undefined, 'SENTINEL', valid.appSecret, {}, [], Array(3).fill(valid.prvKey)],
      env: ['', 'a/b', '..', '?x', 7],
      api: [
        'SENTINEL',
        7,
        new URL('https://sip.example.org/'),
        'http://api.civic.com/sip/',
        'http://10.0.0.1/',
        'http://localhost.example.org/',
        'http://127.0.0.1.example.org/',
        'ftp://127.0.0.1/',
        'https://user:SENTINEL@example.org/',
        'https://example.org/?SENTINEL',
        'https://example.org/#SENTINEL',
      ],
      includeStageInURL: ['yes'],
      audience: ['', 7, ['a']],
      issuer: ['', 7],
      sipPublicKey: ['SENTINEL', [], [valid.prvKey], newKeys().privateKey],
      clockTolerance: [-1, 301, NaN, '60'],
      timeout: [0, -1, NaN, 2 ** 31, Infinity, '10'],
      retries: [-1, 0.5, Infinity, '1'],
      maxResponseBytes: [0, 0.5, Infinity, '1'],
      payloadHosts: ['.s3.amazonaws.com', ['https://example.org'], ['Example.org'], ['*'], ['.'], [7]],
      attestations: [null, 'x', [], 7],
      'attestations.ledger': [undefined, {}, 'SENTINEL', { ...ledger, txHex: 1 }].map((wrong) => ({
        attestations: { ...attestations, ledger: wrong },
      })),
      'attestations.authorities': [undefined, 'SENTINEL', [7]].map((wrong) => ({
        attestations: { ...attestations, authorities: wrong },
      })),
      'attestations.origins': [
        undefined,
        'https://example.org',
        [],
        ['https://example.org/'],
        ['SENTINEL'],
        ['*'],
      ].map((wrong) => ({ attestations: { ...attestations, origins: wrong } })),
      allowUnencrypted: ['yes', 1],
      agent: [7, 'proxy'],
      fetch: [7, {}],
      name: ['', 7],
      passReqToCallback: ['yes', 1],
      tokenField: ['', 7],
      tokenFromRequest: ['x'],
      maxTokenLength: [0, 0.5, '1'],
      originCheck: ['lax', 1],
      trustedOrigins: [
        'https://example.org',
        ['https://example.org/'],
        ['example.org'],
        ['HTTPS://EXAMPLE.ORG'],
        ['*'],
        ['https://*.example.org'],
        ['chrome-extension://*'],
        ['null'],
        ['capacitor://'],
        ['capacitor://localhost/'],
        ['CAPACITOR://localhost'],
        ['capacitor:localhost'],
        ['file://'],
        ['data:text/html,x'],
        ['about:blank'],
        [7],
      ],
      replayStore: [
        true,
        null,
        'x',
        {},
        { consume: () => true },
        { release: () => true },
        { consume: () => true, release: true },
        { consume: true, release: () => true },
      ],
    }
    for (const [name, values] of Object.entries(wrong)) {
      it(name, () => {
        for (const value of values) {
          assert.throws(
            () => create(name.includes('.') ? (value as object) : { [name]: value }),
            (error: unknown) =>
              error instanceof TypeError &&
              error.message.startsWith(`${name} must`) &&
              !error.message.includes('SENTINEL'),
            `${name}: ${inspect(value)}`,
          )
        }
      })
    }

    it('audience, if attestations are verified: SIP signs as its origin', () => {
      assert.ok(create({ attestations }))
      assert.ok(create({ audience: 'sip' }))
      assert.throws(
        () => create({ attestations, audience: 'sip' }),
        /^TypeError: audience must be a URL where attestations are verified$/,
      )
    })

    it('options themselves', () => {
      for (const options of [undefined, null, 'x']) {
        assert.throws(() => new CivicStrategy(options as never, () => false), /^TypeError: options must/)
        assert.throws(() => new CivicClient(options as never), /^TypeError: options must/)
      }
    })

    it('verify', () => {
      assert.throws(() => new CivicStrategy(valid, undefined as never), /^TypeError: verify must/)
      assert.throws(() => new CivicStrategy(() => valid, 'x' as never), /^TypeError: verify must/)
      const alone = CivicStrategy as unknown as new (options: unknown) => CivicStrategy
      for (const options of [valid, () => valid])
        assert.throws(() => new alone(options), /^TypeError: verify must/)
    })

    it("a store's own", () => {
      assert.throws(() => new MemoryReplayStore({ max: 0 }), /^TypeError: max must/)
      const client = { sendCommand: () => Promise.resolve() }
      const set = { set: client.sendCommand, del: client.sendCommand }
      for (const wrong of [undefined, null, 'x', {}, set, { call: 'x' }, { sendCommand: 'x' }])
        assert.throws(() => new RedisReplayStore(wrong as never), /^TypeError: client must/)
      assert.throws(() => new RedisReplayStore(client, { prefix: 7 as never }), /^TypeError: prefix must/)
    })
  })

  describe('an unknown one throws a TypeError that names it and the nearest known one, and shows no value', () => {
    const known: Readonly<Record<string, string>> = {
      tokenfield: 'tokenField',
      token_field: 'tokenField',
      appID: 'appId',
      secret: 'appSecret',
      retry: 'retries',
      timeoutMs: 'timeout',
      trustedOrigin: 'trustedOrigins',
      includeStageInUrl: 'includeStageInURL',
      payloadhost: 'payloadHosts',
      replaystore: 'replayStore',
      't-o-k-e-n-f-i-e-l-d': 'tokenField',
      stage: 'includeStageInURL',
      theTokenFieldName: 'tokenField',
    }
    const says = (name: string, nearest: string) => (error: unknown) =>
      error instanceof TypeError && error.message === `${name} is not an option. Did you mean ${nearest}?`
    for (const [name, nearest] of Object.entries(known)) {
      it(`${name}: ${nearest}`, () => {
        for (const value of ['SENTINEL', undefined])
          assert.throws(() => create({ [name]: value }), says(name, nearest))
      })
    }

    it('also from an options function', async () => {
      const strategy = new CivicStrategy(
        () => ({ ...valid, tokenfield: 'x' }),
        () => false,
      )
      const [outcome] = await outcomesOf(strategy, post({}))
      assert.ok(says('tokenfield', 'tokenField')(outcome?.thrown))
    })

    it('of a client, which takes an object meant for a strategy as well', () => {
      assert.throws(() => new CivicClient({ ...valid, retry: 1 } as never), says('retry', 'retries'))
      assert.ok(new CivicClient({ ...valid, name: 'civic', tokenField: 'x' } as never))
    })

    it('of attestations', () => {
      const { origins, ...others } = attestations
      assert.throws(() => create({ attestations: { ...others, origin: origins } }), {
        name: 'TypeError',
        message: 'attestations: origin is not an option. Did you mean origins?',
      })
    })

    it('of a store', () => {
      const client = { sendCommand: () => Promise.resolve() }
      assert.throws(() => new MemoryReplayStore({ maxx: 1 } as never), says('maxx', 'max'))
      assert.throws(() => new RedisReplayStore(client, { prefx: 'x' } as never), says('prefx', 'prefix'))
    })

    it('shortened if it is long', () => {
      assert.throws(() => create({ ['x'.repeat(1e5)]: 1 }), /^TypeError: x{64} is not an option/)
    })

    it('but inherited properties are not checked, and are used', () => {
      class Shared {
        appId = valid.appId
        appSecret = valid.appSecret
        get prvKey(): string {
          return valid.prvKey
        }
        describe(): string {
          return 'ours'
        }
      }
      assert.equal(new CivicStrategy(new Shared(), () => false).name, 'civic')
      const inherited = Object.assign(Object.create({ timeout: 'x' }) as object, valid)
      assert.throws(() => new CivicStrategy(inherited, () => false), /^TypeError: timeout must/)
    })
  })

  describe('agent', () => {
    const agent = new Agent()

    it('is refused with another fetch, which would ignore it', () => {
      for (const other of [fetch, undiciFetch, (url: string) => nodeFetch(url)])
        for (const given of [agent, () => agent])
          assert.throws(
            () => create({ agent: given, fetch: other }),
            /^TypeError: agent must be left out with/,
          )
    })

    it('is accepted with node-fetch itself', () => {
      create({ agent, fetch: nodeFetch })
      create({ agent, fetch: undefined })
      create({ agent: undefined, fetch })
    })

    it('is refused under Bun, whose node-fetch would ignore it', () => {
      const versions = Object.getOwnPropertyDescriptor(process, 'versions') ?? assert.fail()
      Object.defineProperty(process, 'versions', {
        ...versions,
        value: { ...process.versions, bun: '1.4.5' },
      })
      try {
        create({})
        assert.throws(() => create({ agent }), /^TypeError: agent must be left out under Bun/)
      } finally {
        Object.defineProperty(process, 'versions', versions)
      }
    })
  })

  describe('a valid one is accepted', () => {
    const right: Record<string, unknown[]> = {
      appSecret: [
        valid.appSecret.toUpperCase(),
        'a'.repeat(48),
        'a'.repeat(64),
        [valid.appSecret],
        [valid.appSecret, 'b'.repeat(32)],
        [valid.appSecret, undefined],
      ],
      prvKey: [newKeys().privateKey, [newKeys().privateKey, '7'.repeat(62)]],
      env: ['dev', 'test-2'],
      api: [
        'https://sip.example.org',
        'http://localhost:4000/sip',
        'http://127.8.0.1/',
        'http://127.10.200.255/',
        'http://0x7f.1:80/',
        'http://[::1]:4000/sip/',
      ],
      sipPublicKey: [newKeys().publicKey, [newKeys().publicKey, newKeys().publicKey]],
      clockTolerance: [0, 300],
      timeout: [1, 2 ** 31 - 1],
      payloadHosts: [[], ['.s3.example.org', 'files.example.org']],
      agent: [() => undefined],
      fetch: [fetch],
      originCheck: [true, false, 'strict'],
      trustedOrigins: [
        ['https://www.example.org', 'http://localhost:3000'],
        ['capacitor://localhost', 'tauri://localhost', 'ionic://localhost:8080', 'chrome-extension://abc'],
      ],
      replayStore: [false, new MemoryReplayStore()],
    }
    for (const [name, values] of Object.entries(right)) {
      it(name, () => {
        for (const value of values) create({ [name]: value })
      })
    }
  })

  it('name is what Passport calls the strategy', () => {
    assert.equal(create({}).name, 'civic')
    assert.equal(create({ name: 'civic-admin' }).name, 'civic-admin')
    assert.equal(
      new CivicStrategy(
        () => valid,
        () => false,
      ).name,
      'civic',
    )
  })

  it('secrets show in no inspection of a strategy or a client', () => {
    for (const object of [create({}), new CivicClient(valid)]) {
      const shown = inspect(object, { depth: 12, showHidden: true }) + JSON.stringify(object)
      assert.ok(!shown.includes(valid.appSecret) && !shown.includes(valid.prvKey))
    }
  })
})
