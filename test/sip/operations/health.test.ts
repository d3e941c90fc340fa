import assert from 'node:assert/strict'
import { LedgerUnavailable } from 'civic-attestations'
import { GracefulServer } from '../../../sip/lib/http/graceful-server.ts'
import { Health } from '../../../sip/lib/operations/health.ts'
import type { HealthCheck } from '../../../sip/lib/operations/health.ts'
import { management } from '../../../sip/lib/operations/management.ts'
import { Metrics } from '../../../sip/lib/operations/metrics.ts'
import { freePort } from '../../support/servers.ts'

describe('civic-sip-server: health', () => {
  const well = (name: string): HealthCheck => ({
    name,
    isVital: true,
    check: () => Promise.resolve(undefined),
  })
  const ill = (name: string, isVital: boolean, error: unknown): HealthCheck => ({
    name,
    isVital,
    check: () => Promise.reject(error),
  })

  it('is ready while everything vital works', async () => {
    assert.deepEqual(await new Health([well('database')]).readiness(), { isReady: true, problems: [] })
  })

  it('names what fails, and stays ready if people can log in', async () => {
    const mail = Object.assign(new Error('550 ada@example.org'), { code: 'EENVELOPE' })
    assert.deepEqual(await new Health([well('database'), ill('mail', false, mail)]).readiness(), {
      isReady: true,
      problems: [{ what: 'mail', reason: 'Error EENVELOPE' }],
    })
    const ledger = new LedgerUnavailable('esplora.example.org did not respond')
    assert.deepEqual(await new Health([ill('ledger', true, ledger)]).readiness(), {
      isReady: false,
      problems: [{ what: 'ledger', reason: 'esplora.example.org did not respond' }],
    })
  })

  it('checks once for all callers within five seconds', async () => {
    let [now, looks] = [0, 0]
    const check = () => {
      looks++
      return Promise.resolve(undefined)
    }
    const health = new Health([{ name: 'ledger', isVital: true, check }], () => now)
    await Promise.all([health.readiness(), health.readiness()])
    now = 4_999
    await health.readiness()
    assert.equal(looks, 1)
    now = 5_000
    await health.readiness()
    assert.equal(looks, 2)
  })

  it('responds on the management port', async () => {
    const health = new Health(
      [{ name: 'funds', isVital: true, check: () => Promise.resolve(undefined) }],
      () => Infinity,
    )
    const port = await freePort()
    const server = await GracefulServer.listen(port, '127.0.0.1', management(health, new Metrics()))
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
      return [response.status, await response.text()] as const
    }
    try {
      assert.deepEqual(await get('/health/live'), [200, '{"status":"live"}'])
      assert.deepEqual(await get('/health/ready'), [200, '{"status":"ready","problems":[]}'])
      health.stop()
      assert.deepEqual(await get('/health/ready'), [
        503,
        '{"status":"not ready","problems":[{"what":"process","reason":"it is stopping"}]}',
      ])
      assert.equal((await get('/health/live'))[0], 200)
      assert.equal((await get('/'))[0], 404)
      assert.equal((await get('/health/live', 'POST'))[0], 405)
    } finally {
      await server.stop(1_000)
    }
  })
})
