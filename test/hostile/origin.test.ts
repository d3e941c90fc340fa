import assert from 'node:assert/strict'
import type { CivicStrategyOptions } from '../../lib/index.ts'
import { FakeSip } from '../support/sip.ts'
import { strategyFor } from '../support/drive.ts'
import { EXPRESS } from './support/frameworks.ts'
import { send, serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'
import { createSite } from './support/site.ts'
import type { Told } from './support/site.ts'
import { count } from '../support/tally.ts'

const AREA = 'Login CSRF: origins'
const HOST = 'www.example.org'
const OTHER = 'https://shop.example.net'

type Headers = Readonly<Record<string, string>>
interface Row {
  readonly says: string
  readonly headers: Headers
  readonly passes: boolean
  readonly method?: string
  /** Whether the same passes with `originCheck: 'strict'`, where that differs. */
  readonly strict?: boolean
}

function site(value: string, more: Headers = {}): Headers {
  return { 'Sec-Fetch-Site': value, ...more }
}

/** A site at http://www.example.org, as its framework sees it, that trusts one other origin. */
const ROWS: readonly Row[] = [
  { says: 'Sec-Fetch-Site same-origin', headers: site('same-origin'), passes: true },
  {
    says: 'same-origin, whatever Origin says',
    headers: site('same-origin', { Origin: 'null' }),
    passes: true,
  },
  { says: 'same-site and no Origin', headers: site('same-site'), passes: false },
  {
    says: 'same-site and a stranger',
    headers: site('same-site', { Origin: `http://evil.${HOST}` }),
    passes: false,
  },
  {
    says: 'same-site and our own origin',
    headers: site('same-site', { Origin: `http://${HOST}` }),
    passes: false,
  },
  { says: 'same-site and a trusted origin', headers: site('same-site', { Origin: OTHER }), passes: true },
  { says: 'cross-site and no Origin', headers: site('cross-site'), passes: false },
  {
    says: 'cross-site and a stranger',
    headers: site('cross-site', { Origin: 'https://evil.example' }),
    passes: false,
  },
  { says: 'cross-site and null', headers: site('cross-site', { Origin: 'null' }), passes: false },
  {
    says: 'cross-site and our own origin',
    headers: site('cross-site', { Origin: `http://${HOST}` }),
    passes: false,
  },
  { says: 'cross-site and a trusted origin', headers: site('cross-site', { Origin: OTHER }), passes: true },
  {
    says: 'a trusted host over http',
    headers: site('cross-site', { Origin: 'http://shop.example.net' }),
    passes: false,
  },
  {
    says: 'a trusted host on another port',
    headers: site('cross-site', { Origin: `${OTHER}:8443` }),
    passes: false,
  },
  {
    says: 'a trusted origin and more',
    headers: site('cross-site', { Origin: `${OTHER}.evil.example` }),
    passes: false,
  },
  {
    says: 'a trusted origin in capitals',
    headers: site('cross-site', { Origin: OTHER.toUpperCase() }),
    passes: false,
  },
  {
    says: 'a trusted origin with a slash',
    headers: site('cross-site', { Origin: `${OTHER}/` }),
    passes: false,
  },
  { says: 'none, from an app', headers: site('none'), passes: true },
  { says: 'none, and a put', headers: site('none'), method: 'PUT', passes: false },
  { says: 'a word nobody knows', headers: site('same-planet'), passes: false },
  { says: 'an empty word', headers: site(''), passes: false },
  { says: 'two words', headers: site('same-origin, cross-site'), passes: false },
  { says: 'a word in capitals', headers: site('SAME-ORIGIN'), passes: false },
  {
    says: 'an unknown word and our own origin',
    headers: site('x', { Origin: `http://${HOST}` }),
    passes: false,
  },
  { says: 'an unknown word and a trusted origin', headers: site('x', { Origin: OTHER }), passes: false },
  { says: 'Origin alone, our own', headers: { Origin: `http://${HOST}` }, passes: true },
  { says: 'Origin alone, https before a proxy', headers: { Origin: `https://${HOST}` }, passes: true },
  { says: 'Origin alone, trusted', headers: { Origin: OTHER }, passes: true },
  { says: 'Origin alone, null', headers: { Origin: 'null' }, passes: false },
  { says: 'Origin alone, empty', headers: { Origin: '' }, passes: false },
  { says: 'Origin alone, a stranger', headers: { Origin: 'https://evil.example' }, passes: false },
  { says: 'Origin alone, a subdomain', headers: { Origin: `http://evil.${HOST}` }, passes: false },
  { says: 'Origin alone, a parent domain', headers: { Origin: 'http://example.org' }, passes: false },
  {
    says: 'Origin alone, a host that starts like ours',
    headers: { Origin: `http://${HOST}.evil.example` },
    passes: false,
  },
  {
    says: 'Origin alone, a host that ends like ours',
    headers: { Origin: `http://evil${HOST}` },
    passes: false,
  },
  { says: 'Origin alone, another port', headers: { Origin: `http://${HOST}:8080` }, passes: false },
  { says: 'Origin alone, another scheme', headers: { Origin: `ftp://${HOST}` }, passes: false },
  { says: 'Origin alone, with a path', headers: { Origin: `http://${HOST}/` }, passes: false },
  { says: 'Origin alone, with a user', headers: { Origin: `http://user@${HOST}` }, passes: false },
  { says: 'Origin alone, no URL', headers: { Origin: HOST }, passes: false },
  { says: 'Origin alone, two', headers: { Origin: `http://${HOST} https://evil.example` }, passes: false },
  {
    says: 'Referer alone, a stranger',
    headers: { Referer: 'https://evil.example/' },
    passes: true,
    strict: false,
  },
  { says: 'no header at all', headers: {}, passes: true, strict: false },
  { says: 'get and same-origin', headers: site('same-origin'), method: 'GET', passes: true },
  { says: 'get and none', headers: site('none'), method: 'GET', passes: false },
  { says: 'get and no header', headers: {}, method: 'GET', passes: false },
  { says: 'get and our own origin', headers: { Origin: `http://${HOST}` }, method: 'GET', passes: false },
  {
    says: 'get and a trusted origin',
    headers: site('cross-site', { Origin: OTHER }),
    method: 'GET',
    passes: false,
  },
]

describe('the origin of a login', () => {
  const sip = new FakeSip()
  const servers: Listening[] = []
  before(() => sip.start())
  after(() => sip.stop())
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

  for (const [version, framework] of Object.entries(EXPRESS)) {
    const start = async (
      options: Partial<CivicStrategyOptions>,
      more: { trustProxy?: boolean } = {},
    ): Promise<number> => {
      const strategy = strategyFor(sip, { trustedOrigins: [OTHER], ...options })
      const server = await serve(createSite(strategy, { express: framework, ...more }))
      servers.push(server)
      return server.port
    }
    const post = async (
      port: number,
      headers: Headers,
      method = 'POST',
    ): Promise<[number, string | undefined]> => {
      const body = JSON.stringify({ authToken: sip.token() })
      const type = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }
      const reply = await send(port, {
        path: '/auth/civic',
        method,
        headers: { Host: HOST, ...type, ...headers },
        body,
      })
      return [reply.status, (JSON.parse(reply.text) as Told).code]
    }
    const expectRow = async (
      port: number,
      { headers, method, says }: Row,
      passes: boolean,
    ): Promise<void> => {
      const got = await post(port, headers, method)
      count(AREA, passes ? 'accepted' : 'refused', got[0] === 200 ? 'accepted' : 'refused')
      assert.deepEqual(got, passes ? [200, undefined] : [403, 'CIVIC_CROSS_ORIGIN'], says)
    }

    describe(version, () => {
      for (const row of ROWS) {
        const { says, passes, strict = passes } = row
        it(`${passes ? 'lets in' : 'keeps out'}: ${says}${strict === passes ? '' : ' (not if strict)'}`, async () => {
          await expectRow(await start({}), row, passes)
          await expectRow(await start({ originCheck: 'strict' }), row, strict)
          if (row.method === undefined) await expectRow(await start({ originCheck: false }), row, true)
        })
      }

      it('compares the port that the browser named', async () => {
        const port = await start({})
        const own: Row = {
          says: 'own port',
          headers: { Host: `${HOST}:8080`, Origin: `http://${HOST}:8080` },
          passes: true,
        }
        await expectRow(port, own, true)
        for (const origin of [`http://${HOST}`, `http://${HOST}:8081`, `https://${HOST}`])
          await expectRow(
            port,
            { ...own, says: origin, headers: { Host: `${HOST}:8080`, Origin: origin } },
            false,
          )
        const usual = { Host: `${HOST}:80`, Origin: `http://${HOST}` }
        await expectRow(port, { ...own, headers: usual }, true)
      })

      it('trusts only the proxies that the framework trusts', async () => {
        const headers = { Host: 'internal:3000', 'X-Forwarded-Host': HOST, 'X-Forwarded-Proto': 'https' }
        const row = (Origin: string): Row => ({ says: Origin, headers: { ...headers, Origin }, passes: true })
        const trusting = await start({}, { trustProxy: true })
        await expectRow(trusting, row(`https://${HOST}`), true)
        // TLS was on: a page of plain http is another origin
        await expectRow(trusting, row(`http://${HOST}`), false)
        await expectRow(trusting, row('https://internal:3000'), false)
        const wary = await start({})
        await expectRow(wary, row(`https://${HOST}`), false)
        await expectRow(wary, row('http://internal:3000'), true)
      })

      it('is strict for a person who is logged in already, and cannot be turned off', async () => {
        for (const originCheck of [true, false, 'strict'] as const) {
          const port = await start({ originCheck })
          const loggedIn = async (): Promise<string> => {
            const body = JSON.stringify({ authToken: sip.token() })
            const headers = {
              Host: HOST,
              'Content-Type': 'application/json',
              'Sec-Fetch-Site': 'same-origin',
            }
            const login = await send(port, { path: '/auth/civic', method: 'POST', headers, body })
            assert.equal(login.status, 200)
            return String(login.headers['set-cookie']).split(';')[0]!
          }
          for (const row of ROWS) {
            const passes = row.strict ?? row.passes
            const Cookie = await loggedIn()
            await expectRow(port, { ...row, headers: { ...row.headers, Cookie } }, passes)
          }
        }
      })
    })
  }
})
