import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Agent } from 'node:http'
import { globalAgent } from 'node:http'
import type { Socket } from 'node:net'
import { brokeUnanswered, Connections } from '../../lib/connections.ts'
import type { Trip } from '../../lib/connections.ts'

function options(agent: Agent): Record<string, unknown> {
  return Reflect.get(agent, 'options') as Record<string, unknown>
}

describe('the connections of a client', () => {
  const http = new URL('http://127.0.0.1/')
  const https = new URL('https://127.0.0.1/')

  it('are kept alive for less than five seconds', () => {
    const { keepAlive, timeout } = options(new Connections().agentFor({})(http))
    assert.deepEqual([keepAlive, timeout], [true, 4000])
  })

  it('use the environment’s proxy if Node’s own agent does (NODE_USE_ENV_PROXY)', () => {
    const proxyEnv = { HTTP_PROXY: 'http://127.0.0.1:1' }
    const before = options(globalAgent)['proxyEnv']
    try {
      options(globalAgent)['proxyEnv'] = proxyEnv
      assert.equal(options(new Connections().agentFor({})(http))['proxyEnv'], proxyEnv)
      assert.equal(options(new Connections().agentFor({})(https))['proxyEnv'], undefined)
      options(globalAgent)['proxyEnv'] = undefined
      assert.equal(options(new Connections().agentFor({})(http))['proxyEnv'], undefined)
    } finally {
      options(globalAgent)['proxyEnv'] = before
    }
  })

  it('records the connection only in the trip of its request', () => {
    const connections = new Connections()
    const [first, second]: Trip[] = [{}, {}]
    const socket = Object.assign(new EventEmitter(), { ref: () => undefined, bytesRead: 7 })
    const request = {}
    connections.agentFor(first!)(http)
    connections
      .agentFor(second!)(http)
      .reuseSocket(socket as never, request as never)
    assert.equal(Reflect.get(request, 'reusedSocket'), true)
    assert.deepEqual([first, second], [{}, { found: { connection: socket, bytesRead: 7 } }])
  })

  it('are closed while idle, over http and https', () => {
    const connections = new Connections()
    const destroyed: string[] = []
    for (const { protocol } of [http, https]) {
      const { freeSockets } = connections.agentFor({})(new URL(`${protocol}//127.0.0.1/`))
      const socket = { destroy: () => destroyed.push(protocol) } as unknown as Socket
      Object.assign(freeSockets, { 'one:': [socket, socket], 'none:': undefined })
    }
    connections.closeIdle()
    assert.deepEqual(destroyed, ['http:', 'http:', 'https:', 'https:'])
  })

  it('broke unanswered only if a reused one has read nothing since', () => {
    const trip = (bytesRead: number): Trip => ({
      found: { connection: { bytesRead: 7 }, bytesRead },
    })
    assert.deepEqual([trip(7), trip(6), {}].map(brokeUnanswered), [true, false, false])
  })
})
