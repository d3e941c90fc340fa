import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { Agent, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { GracefulServer } from '../../../sip/lib/http/graceful-server.ts'
import { freePort } from '../../support/servers.ts'

describe('civic-sip-server: a server that stops', () => {
  let port: number
  let server: GracefulServer
  const arrivals = new EventEmitter()
  beforeEach(async () => {
    port = await freePort()
    const handler = (_req: IncomingMessage, res: ServerResponse): void => void arrivals.emit('request', res)
    server = await GracefulServer.listen(port, '127.0.0.1', handler)
  })
  afterEach(() => server.stop(0))

  async function ask(agent?: Agent): Promise<{ got: Promise<IncomingMessage>; res: ServerResponse }> {
    const arrived = once(arrivals, 'request') as Promise<[ServerResponse]>
    const sent = request({ port, host: '127.0.0.1', ...(agent && { agent }) }).end()
    const got = once(sent, 'response').then(([response]) => response as IncomingMessage)
    got.catch(() => undefined)
    return { got, res: (await arrived)[0] }
  }

  it('finishes its current requests, and takes no more', async () => {
    const agent = new Agent({ keepAlive: true })
    const slow = await ask(agent)
    let isStopped = false
    const stopping = server.stop(60_000).finally(() => (isStopped = true))
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`), TypeError)
    assert.equal(isStopped, false)
    slow.res.end('done')
    assert.equal(await text(await slow.got), 'done')
    assert.equal(await stopping, true, 'a connection that is kept alive does not hold it up')
    agent.destroy()
  })

  it('ends streams of events', async () => {
    const { got, res } = await ask()
    res.setHeader('Content-Type', 'text/event-stream')
    res.write('data: 1\n\n')
    const response = await got
    assert.equal(await server.stop(60_000), true)
    assert.equal(await text(response), 'data: 1\n\n')
  })

  it('cuts a request that takes too long, and says so', async () => {
    const { got } = await ask()
    assert.equal(await server.stop(1), false)
    await assert.rejects(got)
  })
})
