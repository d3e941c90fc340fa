import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { mock } from 'node:test'
import { CivicClient } from '../../lib/index.ts'
import { FakeSip } from '../support/sip.ts'

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

describe('fifty clients', () => {
  const sip = new FakeSip()
  before(() => sip.start())
  after(() => sip.stop())

  it('keep at most one connection each, and none after their traffic has stopped', async () => {
    const before = openSockets()
    const clients = Array.from({ length: 50 }, () => new CivicClient(sip.options))
    assert.equal(openSockets(), before)
    for (let round = 0; round < 2; round++)
      await Promise.all(clients.map((client) => client.exchangeCode(sip.token())))
    const sockets = new Set(sip.exchanges.map(({ req }) => req.socket))
    assert.equal(sip.exchanges.length, 100)
    assert.equal(sockets.size, 50)
    // The client ends it: this server would keep it for a minute
    await Promise.all([...sockets].filter(({ closed }) => !closed).map((socket) => once(socket, 'close')))
  }).timeout(20_000)

  it('use no AsyncLocalStorage, which would slow every promise of the process', async () => {
    const run = mock.method(AsyncLocalStorage.prototype, 'run')
    try {
      await new CivicClient(sip.options).exchangeCode(sip.token())
      assert.equal(run.mock.callCount(), 0)
    } finally {
      run.mock.restore()
    }
  })
})
