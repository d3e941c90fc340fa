import assert from 'node:assert/strict'
import request from 'supertest'
import { createApp, type Outcome } from './support/app.ts'
import { FakeSip, ITEMS, USER_ID } from './support/sip.ts'

describe('x', () => {
  it('logs in', async () => {
    const sip = await new FakeSip().start()
    const res = await request(createApp(sip.options)).post('/auth/civic').send({ authToken: sip.token() })
    assert.deepEqual(res.body, {
      outcome: 'success',
      user: { userId: USER_ID, scopeData: ITEMS },
    } satisfies Outcome)
    await sip.stop()
  })
})
