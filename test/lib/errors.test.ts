import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { REASONS } from '../../lib/errors.ts'
import { CivicError } from '../../lib/index.ts'
import type { CivicErrorCode } from '../../lib/index.ts'

describe('CivicError', () => {
  it('has every code explained, with its status, at the type that an editor shows', () => {
    const source = readFileSync(new URL('../../lib/errors.ts', import.meta.url), 'utf8')
    const docstring = source.slice(0, source.indexOf('export type CivicErrorCode'))
    const rows = [...docstring.matchAll(/^ \* - `(\w+)`: .+ (\d{3})\.$/gm)].map(([, ...row]) => row.join(' '))
    const codes = Object.keys(REASONS) as CivicErrorCode[]
    assert.deepEqual(
      rows,
      codes.map((code) => `${code} ${new CivicError(code, 'x').status}`),
    )
  })

  it('has its status as statusCode too, which NestJS, Fastify and http-errors read', () => {
    const rows = { CIVIC_TOKEN_INVALID: 401, CIVIC_UNAVAILABLE: 502, CIVIC_STORE_UNAVAILABLE: 503 } as const
    for (const [code, status] of Object.entries(rows)) {
      const error = new CivicError(code as keyof typeof rows, 'a message')
      assert.deepEqual([error.status, error.statusCode], [status, status])
    }
  })
})
