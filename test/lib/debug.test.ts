import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expectation } from '../../lib/debug.ts'
import { CivicError } from '../../lib/errors.ts'
import { APP_ID } from '../support/sip.ts'

describe('what NODE_DEBUG=passport-civic-sip prints', function () {
  this.timeout(60_000)
  let lines: [what: string, event: Record<string, unknown>][]
  let text: string
  let api: string

  before(async () => {
    const program = fileURLToPath(new URL('support/debug-process.ts', import.meta.url))
    const env = { ...process.env, NODE_DEBUG: 'passport-civic-sip' }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import=tsx/esm', program], {
      env,
    })
    api = stdout.trim()
    text = stderr
    lines = [...stderr.matchAll(/^PASSPORT-CIVIC-SIP \d+: (\w+) (.+)$/gm)].map(([, what = '', json = '']) => [
      what,
      JSON.parse(json) as Record<string, unknown>,
    ])
  })

  it('is a line for every login, with status, code, reason and what was expected', () => {
    const fail = (status: number, code: string, reason: string, expected?: string): object => ({
      outcome: 'fail',
      status,
      code,
      reason,
      ...(expected !== undefined && { expected }),
    })
    const logins = lines.filter(([what]) => what === 'login').map(([, event]) => event)
    assert.deepEqual(logins, [
      { outcome: 'success', status: 200 },
      fail(400, 'CIVIC_TOKEN_MISSING', 'missing', 'req.body.authToken'),
      fail(400, 'CIVIC_TOKEN_MISSING', 'missing', 'req.body.jwtToken'),
      fail(400, 'CIVIC_TOKEN_MISSING', 'missing', 'tokenFromRequest'),
      fail(400, 'CIVIC_TOKEN_MALFORMED', 'type'),
      fail(401, 'CIVIC_TOKEN_INVALID', 'issuer', 'civic-sip-hosted-service'),
      fail(401, 'CIVIC_TOKEN_INVALID', 'audience', api),
      fail(401, 'CIVIC_TOKEN_INVALID', 'app', APP_ID),
      fail(401, 'CIVIC_TOKEN_INVALID', 'code'),
      fail(403, 'CIVIC_CROSS_ORIGIN', 'site'),
      fail(401, 'CIVIC_CODE_REJECTED', 'rejected'),
      { outcome: 'fail', status: 401, reason: 'the verify callback gave no user' },
      { outcome: 'error', reason: 'the verify callback failed' },
      { outcome: 'error', reason: 'the options or the request cannot be read' },
      { outcome: 'error', reason: 'the options or the request cannot be read' },
    ])
  })

  it('is a line for every exchange, and for a token that a client refuses before it', () => {
    const exchanges = lines.filter(([what]) => what === 'exchange').map(([, event]) => event)
    assert.deepEqual(
      exchanges.map(({ status, reason }) => [status, reason]),
      [
        [200, undefined],
        [401, 'rejected'],
        [200, undefined],
        [200, undefined],
        [401, 'audience'],
      ],
    )
    const expected = { status: 401, code: 'CIVIC_TOKEN_INVALID', reason: 'audience', expected: api }
    assert.deepEqual(exchanges.at(-1), expected)
  })

  it('contains nothing from the app or a caller', () => {
    assert.doesNotMatch(text, /SECRET|another|REMOTE-BODY|eyJ/)
  })
})

describe('what a debug line says was expected', () => {
  const claims = { issuer: 'the issuer', audience: 'the audience', subject: 'the app', clockTolerance: 1 }

  for (const [reason, value] of [
    ['issuer', claims.issuer],
    ['audience', claims.audience],
    ['app', claims.subject],
  ] as const) {
    it(`is the configured value if the ${reason} is another`, () => {
      const error = new CivicError('CIVIC_TOKEN_INVALID', 'invalid', { reason })
      assert.equal(expectation(error, claims), value)
    })
  }

  it('is nothing if anything else is wrong', () => {
    const error = new CivicError('CIVIC_TOKEN_INVALID', 'invalid', { reason: 'expired' })
    assert.equal(expectation(error, claims), undefined)
  })
})
