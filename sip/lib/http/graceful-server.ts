import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server, ServerResponse } from 'node:http'

/** A server that can stop without losing a request. */
export class GracefulServer {
  readonly #server: Server
  readonly #underWay = new Set<ServerResponse>()
  #isStopping = false

  private constructor(server: Server, handler: RequestListener) {
    this.#server = server
    server.on('request', (req, res) => {
      this.#underWay.add(res)
      res.once('close', () => {
        this.#underWay.delete(res)
        // A connection that is kept alive would hold the server up
        if (this.#isStopping) setImmediate(() => server.closeIdleConnections())
      })
      if (this.#isStopping) res.setHeader('Connection', 'close')
      handler(req, res)
    })
  }

  /** @throws Error of the system, such as EADDRINUSE */
  static async listen(port: number, host: string, handler: RequestListener): Promise<GracefulServer> {
    const server = createServer()
    const graceful = new GracefulServer(server, handler)
    server.listen(port, host)
    await once(server, 'listening')
    return graceful
  }

  /**
   * Takes no new connections, and waits for the requests under way. A stream of events, which has no end, is ended.
   *
   * @param graceMs after so many milliseconds every connection is cut
   * @returns whether every request was answered
   */
  async stop(graceMs: number): Promise<boolean> {
    this.#isStopping = true
    if (!this.#server.listening) return true
    let isCut = false
    const timer = setTimeout(() => {
      isCut = this.#underWay.size > 0
      this.#server.closeAllConnections()
    }, graceMs)
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const res of this.#underWay) {
      if (isEventStream(res)) res.end()
    }
    await closed
    clearTimeout(timer)
    return !isCut
  }
}

function isEventStream(res: ServerResponse): boolean {
  return res.headersSent && String(res.getHeader('content-type')).startsWith('text/event-stream')
}
