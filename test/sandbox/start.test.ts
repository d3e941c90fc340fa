import assert from 'node:assert/strict'
import { Server } from 'node:net'
import { mock } from 'node:test'
import { createSandbox } from 'civic-sip-sandbox'

describe('sandbox: its start', () => {
  afterEach(() => mock.reset())

  it('needs no timers that are objects: in jsdom they are numbers', async () => {
    mock.method(globalThis, 'setInterval', () => 1)
    const sandbox = await createSandbox()
    assert.ok(await sandbox.authCode())
    await sandbox.close()
  })

  it('leaves no server behind if it fails after it listens', async () => {
    const listen = mock.method(Server.prototype, 'listen')
    mock.method(globalThis, 'setInterval', () => {
      throw new Error('no timers here')
    })
    await assert.rejects(createSandbox(), /no timers here/)
    const server = listen.mock.calls[0]?.this as Server
    assert.equal(server.listening, false)
  })
})
