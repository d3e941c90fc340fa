import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { Wallet, WalletError } from 'civic-wallet'
import type { WalletOptions } from 'civic-wallet'
import { signRequestToken, wellKnownKey } from '../../lib/direct/index.ts'
import type { WellKnown } from '../../lib/direct/index.ts'
import { newKey } from '../support/shop.ts'
import { Requester } from '../support/requester.ts'

const SEED = '000102030405060708090a0b0c0d0e0f'
const SIP_ID = '0123456789abcdef0123456789abcdef'
type Json = Record<string, unknown>

function newWallet(options: Partial<WalletOptions> = {}): Wallet {
  return new Wallet({ seed: SEED, allowPrivate: true, ...options })
}

function rejects(work: Promise<unknown>, code: string, status?: number): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof WalletError, String(error))
    assert.deepEqual([error.code, error.status], [code, status])
    return true
  })
}

describe('a wallet that reads a request', () => {
  let site: Requester
  let wallet: Wallet
  beforeEach(async () => {
    site = await new Requester().start()
    wallet = newWallet()
  })
  afterEach(() => site.stop())

  it('returns who asks for what, from where and until when, and no key', async () => {
    const request = await wallet.read(`https://wallet.example/#${site.url}`)
    const { issuedAt, expiresAt, ...rest } = request
    assert.deepEqual(rest, {
      uuid: site.uuid,
      host: new URL(site.origin).host,
      name: 'Shop',
      clientId: site.origin,
      role: 'site',
      isTest: false,
      level: 'Anonymous_Login',
      labels: [],
      optionalLabels: [],
      channel: 'scan',
      requester: { origin: site.origin, address: '192.0.2.0/24', userAgent: 'Firefox on Linux' },
      description: 'Shop asks',
    })
    assert.equal(expiresAt - issuedAt, 180_000)
    assert.ok(Math.abs(issuedAt - Date.now()) < 5000)
    assert.ok(Object.isFrozen(request))
  })

  it('accepts the callback URL without the wallet’s URL', async () => {
    assert.equal((await wallet.read(site.url)).uuid, site.uuid)
  })

  it('contacts only the requester, twice, without cookie or referrer', async () => {
    await wallet.read(site.url)
    assert.deepEqual(
      site.requests.map(({ method, path }) => `${method} ${path}`),
      [`GET ${site.path}`, 'GET /.well-known/civic-sip'],
    )
    for (const { headers } of site.requests) {
      assert.deepEqual(
        [headers.cookie, headers.referer, headers.authorization],
        [undefined, undefined, undefined],
      )
    }
  })

  it('fetches the well-known document once more for a key that it does not know', async () => {
    await wallet.read(site.url)
    await wallet.read(site.url)
    const documents = () => site.requests.filter(({ path }) => path === '/.well-known/civic-sip').length
    assert.equal(documents(), 1)
    const next = newKey()
    site.token = (claims) => signRequestToken(claims as never, next)
    site.wellKnown = (document) => ({ ...document, keys: [wellKnownKey(next), ...document.keys] })
    await wallet.read(site.url)
    assert.equal(documents(), 2)
  })

  describe('opens no link', () => {
    const uuid = '0b0e5b6c-7a0f-4b2e-9d3a-1f2e3d4c5b6a'
    const path = `/civic/${uuid}/callback`
    for (const [what, link] of Object.entries({
      'that is no URL': 'hello',
      'that is empty': '',
      'of another scheme': `ftp://shop.example${path}`,
      'of a script': 'javascript:alert(1)//civic/callback',
      'with credentials': `https://ada:secret@shop.example${path}`,
      'with an empty user': `https://@shop.example${path}`,
      'with a query': `https://shop.example${path}?a`,
      'with an empty query': `https://shop.example${path}?`,
      'with a fragment': `https://wallet.example/#https://shop.example${path}#x`,
      'with an escape in its path': `https://shop.example/%2e%2e/civic/${uuid}/callback`,
      'with an escaped slash': `https://shop.example/civic%2f${uuid}/callback`,
      'with two slashes': `https://shop.example//civic/${uuid}/callback`,
      'with a backslash': `https://shop.example\\civic/${uuid}/callback`,
      'with a step up': `https://shop.example/x/../civic/${uuid}/callback`,
      'with a host in capitals': `https://SHOP.example${path}`,
      'with the default port': `https://shop.example:443${path}`,
      'with a host that is not ASCII': `https://shöp.example${path}`,
      'with another end': `https://shop.example/civic/${uuid}/callback/`,
      'without a uuid': 'https://shop.example/civic/1/callback',
      'with a uuid in capitals': `https://shop.example/civic/${uuid.toUpperCase()}/callback`,
      'longer than 2048 characters': `https://shop.example/${'x'.repeat(2048)}${path}`,
      'with white space around it': ` https://shop.example${path} `,
    })) {
      it(what, async () => {
        const reached: string[] = []
        const careful = newWallet({
          fetch: (url) => {
            reached.push(url)
            return Promise.reject(new Error('no network'))
          },
        })
        await rejects(careful.read(link), 'LINK_REFUSED')
        assert.deepEqual(reached, [])
      })
    }
    it('that is not a string', async () => rejects(wallet.read(7 as never), 'LINK_REFUSED'))
  })

  const changed = (change: (claims: Json & { data: Json }) => void) => (claims: Json) => {
    change(claims as Json & { data: Json })
    return signRequestToken(claims as never, site.key)
  }
  const inData = (data: Json) => changed((claims) => Object.assign(claims.data, data))
  const inClaims = (more: Json) => changed((claims) => Object.assign(claims, more))
  const now = Math.floor(Date.now() / 1000)

  describe('refuses a request', () => {
    const cases: Record<string, (claims: Json) => string> = {
      'that is no token': () => 'x',
      'of four parts': (claims) => `${signRequestToken(claims as never, site.key)}.x`,
      'of another issuer': inClaims({ iss: 'https://bank.example' }),
      'for another audience': inClaims({ aud: 'https://api.civic.com/sip/' }),
      'with the id of another': inClaims({ jti: 'x' }),
      'that has expired': inClaims({ iat: now - 300, exp: now - 61 }),
      'from the future': inClaims({ iat: now + 3600, exp: now + 3690 }),
      'that lives longer than ten minutes': inClaims({ iat: now, exp: now + 601 }),
      'that ends before it begins': inClaims({ iat: now, exp: now }),
      'without times': inClaims({ iat: 'now' }),
      'without data': inClaims({ data: 'x' }),
      'whose subject is not its client': inClaims({ sub: 'app' }),
      'for another URL': inData({ callbackUrl: 'https://bank.example/civic/x/callback' }),
      'of an unknown level': inData({ verificationLevel: 'everything' }),
      'for an unknown label': inData({ attributes: ['documents.genericId.secret'] }),
      'for labels that are no list': inData({ optionalAttributes: 'all' }),
      'for a label twice': inData({
        attributes: ['contact.personal.email'],
        optionalAttributes: ['contact.personal.email'],
      }),
      'with a key off the curve': inData({ encPubKey: `04${'1'.repeat(128)}` }),
      'with a compressed key': inData({ encPubKey: `02${'1'.repeat(64)}` }),
      'by an unknown channel': inData({ channel: 'mail' }),
      'that does not say whether it is a test': inData({ isTest: 'no' }),
      'with a logo to fetch': inData({ logo: 'https://shop.example/logo.png' }),
      'with a logo of more than 16 KiB': inData({ logo: `data:image/png;base64,${'A'.repeat(17_000)}` }),
      'with a drawing as its logo': inData({ logo: 'data:image/svg+xml;base64,AAAA' }),
      'without a name': inData({ name: undefined }),
      'with a colour that is no text': inData({ primaryColor: 7 }),
      'that does not say where it is from': inData({ requester: undefined }),
      'signed by a foreign key': (claims) => signRequestToken(claims as never, newKey()),
      'signed by a foreign key under the right kid': (claims) => {
        const [, body = ''] = signRequestToken(claims as never, site.key).split('.')
        const header = Buffer.from(
          JSON.stringify({ alg: 'ES256', typ: 'civic-scope-request+jwt', kid: wellKnownKey(site.key).kid }),
        )
        const text = `${header.toString('base64url')}.${body}`
        const signature = sign('sha256', Buffer.from(text), { key: newKey(), dsaEncoding: 'ieee-p1363' })
        return `${text}.${signature.toString('base64url')}`
      },
      ...Object.fromEntries(
        [
          { alg: 'none' },
          { typ: 'JWT' },
          { kid: 7 },
          { crit: ['exp'] },
          { jwk: {} },
          { jku: 'https://evil.example' },
          { b64: false },
          { cty: 'JWT' },
          { x5c: [] },
        ].map((member) => [
          `with a header ${JSON.stringify(member)}`,
          (claims: Json) => {
            const header = {
              alg: 'ES256',
              typ: 'civic-scope-request+jwt',
              kid: wellKnownKey(site.key).kid,
              ...member,
            }
            const text = [header, claims]
              .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
              .join('.')
            const signature = sign('sha256', Buffer.from(text), { key: site.key, dsaEncoding: 'ieee-p1363' })
            return `${text}.${signature.toString('base64url')}`
          },
        ]),
      ),
    }
    for (const [what, token] of Object.entries(cases)) {
      it(what, async () => {
        site.token = token
        await rejects(wallet.read(site.url), 'REQUEST_REFUSED')
      })
    }

    it('that its requester does not know', async () => {
      site.handlers.set(site.path, (_req, res) => {
        res.writeHead(410).end(JSON.stringify({ statusCode: 410, code: 'OVER', message: 'over' }))
      })
      await assert.rejects(
        wallet.read(site.url),
        (error) => error instanceof WalletError && error.status === 410 && error.reason === 'OVER',
      )
    })

    it('without a token', async () => {
      site.handlers.set(site.path, (_req, res) => res.end('{}'))
      await rejects(wallet.read(site.url), 'REQUEST_REFUSED')
    })

    it('that was planted under the origin, but not below its callback', async () => {
      const planted = `/civic-uploads/${site.uuid}/callback`
      site.handlers.set(planted, (_req, res) => {
        const { claims } = site
        claims.data.callbackUrl = site.origin + planted
        res.end(JSON.stringify({ token: signRequestToken(claims as never, site.key) }))
      })
      await rejects(wallet.read(site.origin + planted), 'REQUEST_REFUSED')
    })
  })

  describe('refuses a well-known document', () => {
    const other = (change: (document: WellKnown) => object) => change
    const cases: Record<string, (document: WellKnown) => unknown> = {
      'of another version': other((document) => ({ ...document, version: 2 })),
      'of another role': other((document) => ({ ...document, role: 'wallet' })),
      'of another origin': other((document) => ({ ...document, clientId: 'https://bank.example' })),
      'without a name': other((document) => ({ ...document, name: '' })),
      'with a sipId of another form': other((document) => ({ ...document, sipId: 'x' })),
      'with a callback without its slash': other((document) => ({
        ...document,
        callback: `${site.origin}/civic`,
      })),
      'with a callback elsewhere': other((document) => ({
        ...document,
        callback: 'https://bank.example/civic/',
      })),
      'with a callback that climbs': other((document) => ({
        ...document,
        callback: `${site.origin}/a/../civic/`,
      })),
      'with a callback that is escaped': other((document) => ({
        ...document,
        callback: `${site.origin}/%63ivic/`,
      })),
      'with a callback that is no text': other((document) => ({ ...document, callback: 7 })),
      'without keys': other((document) => ({ ...document, keys: [] })),
      'with five keys': other((document) => ({ ...document, keys: Array(5).fill(document.keys[0]) })),
      'with a key that is null': other((document) => ({ ...document, keys: [null] })),
      'with a key of another name': other(({ keys: [key], ...document }) => ({
        ...document,
        keys: [{ ...key, kid: 'x' }],
      })),
      'with a key off the curve': other(({ keys: [key], ...document }) => {
        const crv = 'P-256'
        const [x, y] = [key!.x, key!.x]
        return {
          ...document,
          keys: [{ kty: 'EC', crv, x, y, use: 'sig', alg: 'ES256', kid: thumbprintOf(x, y) }],
        }
      }),
      'that is an array': () => [],
      'that is no JSON': () => 'document',
      'larger than 16 KiB': other((document) => ({ ...document, more: 'x'.repeat(17_000) })),
    }
    for (const [what, change] of Object.entries(cases)) {
      it(what, async () => {
        site.wellKnown = change
        await rejects(wallet.read(site.url), 'RESPONSE_REFUSED')
      })
    }
    it('that is missing', async () => {
      site.handlers.set('/.well-known/civic-sip', (_req, res) => res.writeHead(404).end())
      await rejects(wallet.read(site.url), 'RESPONSE_REFUSED', 404)
    })
  })

  describe('follows no redirect', () => {
    for (const path of ['callback', 'well-known']) {
      it(`of the ${path}`, async () => {
        let reached = 0
        site.handlers.set('/elsewhere', (_req, res) => {
          reached++
          res.end('{}')
        })
        site.handlers.set(path === 'callback' ? site.path : '/.well-known/civic-sip', (_req, res) =>
          res.writeHead(302, { Location: '/elsewhere' }).end(),
        )
        await rejects(wallet.read(site.url), 'UNREACHABLE')
        await rejects(newWallet({ fetch }).read(site.url), 'UNREACHABLE')
        assert.equal(reached, 0)
      })
    }
  })

  it('reads no more than 64 KiB, whatever the transport', async () => {
    site.handlers.set(site.path, (_req, res) => res.end(JSON.stringify({ token: 'x'.repeat(65_536) })))
    await rejects(wallet.read(site.url), 'RESPONSE_REFUSED')
    await rejects(newWallet({ fetch }).read(site.url), 'RESPONSE_REFUSED')
  })

  describe('of a SIP', () => {
    const asSip = (given: string | null = SIP_ID): void => {
      const sipId = given ?? undefined
      site.wellKnown = (document) => ({ ...document, role: 'sip', sipId })
      site.token = changed((claims) => {
        claims['sub'] = claims.data['clientId'] = 'app12345'
        Object.assign(claims.data, { sipId, requester: { origin: 'https://shop.example' } })
      })
    }

    it('refuses one that it does not trust', async () => {
      asSip()
      await rejects(wallet.read(site.url), 'SIP_UNTRUSTED')
    })

    it('accepts a trusted one, with the given sipId or the first one that it sees', async () => {
      asSip()
      const trusting = newWallet({ trustedSips: [site.origin] })
      const { clientId, host, role, requester } = await trusting.read(site.url)
      assert.deepEqual(
        [clientId, host, role, requester],
        ['app12345', new URL(site.origin).host, 'sip', { origin: 'https://shop.example' }],
      )
      asSip('f'.repeat(32))
      // The document is fetched anew for a key that is not known
      const next = newKey()
      const { token } = site
      site.token = (claims) => {
        token(claims)
        return signRequestToken(claims as never, next)
      }
      site.wellKnown = (document) => ({
        ...document,
        role: 'sip',
        sipId: 'f'.repeat(32),
        keys: [wellKnownKey(next)],
      })
      await rejects(trusting.read(site.url), 'SIP_UNTRUSTED')
      await newWallet({ trustedSips: [{ origin: site.origin, sipId: 'f'.repeat(32) }] }).read(site.url)
    })

    for (const [what, sipId, told] of [
      ['without a sipId', null, undefined],
      ['with another sipId than it was told', SIP_ID, 'f'.repeat(32)],
    ] as const) {
      it(`refuses one ${what}`, async () => {
        asSip(sipId)
        const trustedSips = [told ? { origin: site.origin, sipId: told } : site.origin]
        await rejects(newWallet({ trustedSips }).read(site.url), 'SIP_UNTRUSTED')
      })
    }

    it('refuses a request that names another sipId than the document', async () => {
      asSip()
      site.wellKnown = (document) => ({ ...document, role: 'sip', sipId: 'f'.repeat(32) })
      await rejects(newWallet({ trustedSips: [site.origin] }).read(site.url), 'SIP_UNTRUSTED')
    })

    it('refuses a sipId that it knows under another origin', async () => {
      asSip()
      const trustedSips = [{ origin: 'https://sip.example', sipId: SIP_ID }, site.origin]
      await rejects(newWallet({ trustedSips }).read(site.url), 'SIP_UNTRUSTED')
    })

    for (const sips of [
      'https://sip.example',
      [7],
      ['https://sip.example/'],
      [{ origin: 'https://a.example', sipId: 'x' }],
      [null],
    ]) {
      it(`takes no list such as ${JSON.stringify(sips)}`, () => {
        assert.throws(() => newWallet({ trustedSips: sips as never }), TypeError)
      })
    }
  })
})

function thumbprintOf(x: string, y: string): string {
  return wellKnownKey({ export: () => ({ x, y }) } as never).kid
}
