import assert from 'node:assert/strict'
import { CivicError } from '../../lib/index.ts'

describe('CivicError', () => {
  it('has its status as statusCode too, which NestJS, Fastify and http-errors read', () => {
    const rows = { CIVIC_TOKEN_INVALID: 401, CIVIC_UNAVAILABLE: 502, CIVIC_STORE_UNAVAILABLE: 503 } as const
    for (const [code, status] of Object.entries(rows)) {
      const error = new CivicError(code as keyof typeof rows, 'a message')
      assert.deepEqual([error.status, error.statusCode], [status, status])
    }
  })
})
