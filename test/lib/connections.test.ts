import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Agent } from 'node:http'
import { globalAgent } from 'node:http'
import { Connections } from '../../lib/connections.ts'

function options(agent: Agent): Record<string, unknown> {
  return Reflect.get(agent, 'options') as Record<string, unknown>
}

describe('the connections of a client', () => {
  const http = new URL('http://127.0.0.1/')

  it('are kept alive for less than five seconds', () => {
    const { keepAlive, timeout } = options(new Connections().agent(http))
    assert.deepEqual([keepAlive, timeout], [true, 4000])
  })

  it('use the proxy of the environment where Node’s own agent does, as NODE_USE_ENV_PROXY tells it', () => {
    const proxyEnv = { HTTP_PROXY: 'http://127.0.0.1:1' }
    const before = options(globalAgent)['proxyEnv']
    try {
      options(globalAgent)['proxyEnv'] = proxyEnv
      assert.equal(options(new Connections().agent(http))['proxyEnv'], proxyEnv)
      assert.equal(options(new Connections().agent(new URL('https://127.0.0.1/')))['proxyEnv'], undefined)
      options(globalAgent)['proxyEnv'] = undefined
      assert.equal(options(new Connections().agent(http))['proxyEnv'], undefined)
    } finally {
      options(globalAgent)['proxyEnv'] = before
    }
  })

  it('notes nothing of a request that is not the client’s', () => {
    const agent = new Connections().agent(http)
    const request = {}
    agent.reuseSocket(Object.assign(new EventEmitter(), { ref: () => undefined }) as never, request as never)
    assert.equal(Reflect.get(request, 'reusedSocket'), true)
  })
})
