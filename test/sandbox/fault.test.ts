import assert from 'node:assert/strict'
import { subscribe } from 'node:diagnostics_channel'
import { createSandbox } from 'civic-sip-sandbox'
import type { Fault, Sandbox, SandboxStrategyOptions } from 'civic-sip-sandbox'
import { postCode } from '../support/partner.ts'

describe('sandbox: fault()', () => {
  let sandbox: Sandbox
  let partner: SandboxStrategyOptions
  before(async () => {
    sandbox = await createSandbox()
    partner = sandbox.strategyOptions()
  })
  afterEach(() => sandbox.fault({ times: 0 }))
  after(() => sandbox.close())

  it('responds with a status once, and the code stays valid', async () => {
    const token = await sandbox.authCode()
    sandbox.fault({ status: 503, headers: { 'Retry-After': '3' } })
    const response = await postCode(partner, token)
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('retry-after'), '3')
    assert.deepEqual(Object.keys((await response.json()) as object), ['message'])
    assert.equal((await postCode(partner, token)).status, 200)
  })

  it('fails as often as the option says, and stops when told to', async () => {
    sandbox.fault({ status: 500, times: 2 })
    const statuses = []
    for (let i = 0; i < 3; i += 1) statuses.push((await postCode(partner, await sandbox.authCode())).status)
    assert.deepEqual(statuses, [500, 500, 200])
    sandbox.fault({ status: 500, times: Infinity })
    assert.equal((await postCode(partner, '')).status, 500)
    sandbox.fault({ times: 0 })
    assert.equal((await postCode(partner, await sandbox.authCode())).status, 200)
  })

  it('sends a body as it is, or as JSON', async () => {
    sandbox.fault({ body: 'Unauthorized', status: 401 })
    const text = await postCode(partner, '')
    assert.equal(await text.text(), 'Unauthorized')
    assert.match(text.headers.get('content-type')!, /^application\/json/)
    sandbox.fault({ body: { data: 7 } })
    const json = await postCode(partner, '')
    assert.equal(json.status, 200)
    assert.deepEqual(await json.json(), { data: 7 })
  })

  it('delays, and then responds as usual', async () => {
    const token = await sandbox.authCode()
    sandbox.fault({ delayMs: 50 })
    const start = performance.now()
    assert.equal((await postCode(partner, token)).status, 200)
    assert.ok(performance.now() - start >= 49)
  })

  it('breaks the connection in the middle of the response', async () => {
    const token = await sandbox.authCode()
    sandbox.fault({ cut: true })
    const response = await postCode(partner, token)
    assert.equal(response.status, 200)
    await assert.rejects(response.text())
    assert.equal((await postCode(partner, token)).status, 200)
  })

  it('does not keep the sandbox from closing', async () => {
    sandbox.fault({ delayMs: 3_600_000 })
    const arrived = new Promise((resolve) => subscribe('http.server.request.start', resolve))
    const cut = assert.rejects(postCode(partner, await sandbox.authCode()))
    await arrived
    await sandbox.close()
    await cut
    sandbox = await createSandbox()
  })

  it('says which option is wrong', () => {
    const wrong: [Fault, RegExp][] = [
      [{ status: 99 }, /status/],
      [{ status: 200.5 }, /status/],
      [{ delayMs: -1 }, /delayMs/],
      [{ delayMs: NaN }, /delayMs/],
      [{ times: -1 }, /times/],
      [{ cut: 'yes' } as unknown as Fault, /cut is true or false/],
    ]
    for (const [fault, error] of wrong) assert.throws(() => sandbox.fault(fault), error)
  })
})
