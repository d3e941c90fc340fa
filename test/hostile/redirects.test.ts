import assert from 'node:assert/strict'
import { fetch as undiciFetch } from 'undici'
import type { Fetch } from '../../lib/index.ts'
import { FakeSip, json } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import { serve } from '../support/http.ts'
import type { Listening } from '../support/http.ts'

const AREA = 'Answers: redirects'

const FETCHES: Readonly<Record<string, Fetch | undefined>> = {
  'node-fetch': undefined,
  undici: undiciFetch as Fetch,
  "Node's own fetch": globalThis.fetch as Fetch,
}

describe('a redirect', () => {
  const sip = new FakeSip()
  let second: Listening
  let seen = 0
  before(async () => {
    await sip.start()
    second = await serve((_req, res) => {
      seen++
      json(res, 200, sip.successBody())
    })
  })
  after(async () => {
    await sip.stop()
    await second.close()
  })
  beforeEach(() => {
    seen = 0
    sip.answers = []
    sip.exchanges.length = 0
  })

  const places: Record<string, () => string> = {
    'another server': () => `${second.origin}/sip/prod/scopeRequest/authCode`,
    'another server, without a scheme': () => second.origin.slice('http:'.length),
    'another server, under another name': () => second.origin.replace('127.0.0.1', 'localhost'),
    'the same server': () => '/sip/prod/scopeRequest/authCode',
    'the same server, with a user': () => sip.origin.replace('//', '//user:password@'),
    https: () => second.origin.replace('http', 'https'),
    'a file': () => 'file:///etc/hostname',
    data: () => 'data:application/json,{}',
    'no URL': () => 'http://[',
    'an empty place': () => '',
  }

  for (const [name, fetch] of Object.entries(FETCHES)) {
    describe(`given to ${name}`, () => {
      const options = fetch ? { fetch } : {}
      for (const [place, location] of Object.entries(places)) {
        it(`to ${place} is not followed, from the exchange or from the storage`, async () => {
          for (const status of [300, 301, 302, 303, 304, 305, 307, 308]) {
            const headers = { Location: location(), Refresh: `0; url=${second.origin}` }
            for (const payload of [false, true]) {
              sip.exchanges.length = 0
              sip.answers = [(res) => res.writeHead(status, headers).end()]
              if (payload)
                sip.answers.unshift(sip.success({ processed: true, data: `${sip.origin}/payload` }))
              const strategy = strategyFor(sip, options)
              const outcome = await outcomeOf(AREA, 'refused', strategy, post({ authToken: sip.token() }))
              const { kind, code, status: got } = outcome
              const shown = `${status} ${String(outcome.thrown)}`
              assert.deepEqual([kind, code, got], ['error', 'CIVIC_BAD_ANSWER', 502], shown)
              assert.equal(sip.exchanges.length, payload ? 2 : 1, shown)
              assert.equal(seen, 0, 'the second server sees nothing')
            }
          }
        })
      }

      it('without a place is not followed', async () => {
        for (const status of [301, 302, 303, 307, 308]) {
          sip.answers = [(res) => res.writeHead(status).end()]
          const outcome = await outcomeOf(
            AREA,
            'refused',
            strategyFor(sip, options),
            post({ authToken: sip.token() }),
          )
          assert.equal(outcome.code, 'CIVIC_BAD_ANSWER')
        }
      })

      it('is not followed if a 200 has a Location header', async () => {
        sip.answers = [
          (res) => {
            res.setHeader('Refresh', `0; url=${second.origin}`)
            res.setHeader('Location', second.origin)
            res.setHeader('Content-Location', second.origin)
            res.writeHead(200).end(`<meta http-equiv="refresh" content="0; url=${second.origin}">`)
          },
        ]
        const outcome = await outcomeOf(
          AREA,
          'refused',
          strategyFor(sip, options),
          post({ authToken: sip.token() }),
        )
        assert.equal(outcome.code, 'CIVIC_BAD_ANSWER')
        assert.equal(seen, 0)
      })
    })
  }

  it('that a fetch has followed is refused', async () => {
    const fetch: Fetch = (url, init: RequestInit) => globalThis.fetch(url, { ...init, redirect: 'follow' })
    sip.answers = [(res) => res.writeHead(303, { Location: `${second.origin}/x` }).end()]
    const outcome = await outcomeOf(
      AREA,
      'refused',
      strategyFor(sip, { fetch }),
      post({ authToken: sip.token() }),
    )
    assert.equal(seen, 1)
    assert.equal(outcome.code, 'CIVIC_BAD_ANSWER')
  })

  it('that Bun’s fetch has met is one, and its error, which names the place, is not shown', async () => {
    const code = 'UnexpectedRedirect'
    const error = Object.assign(new TypeError(`${code} fetching "${second.origin}"`), { code, errno: 0 })
    const strategy = strategyFor(sip, { fetch: () => Promise.reject(error) })
    const outcome = await outcomeOf(AREA, 'refused', strategy, post({ authToken: sip.token() }))
    assert.equal(outcome.code, 'CIVIC_BAD_ANSWER')
    assert.equal(String(outcome.thrown), "CivicError: SIP's response is refused: it is a redirect")
  })
})
