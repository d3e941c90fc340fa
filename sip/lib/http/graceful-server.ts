import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'

/** Longer than proxies keep idle connections: it is for them to close one, since they may be about to use it. */
const KEEP_ALIVE_MS = 65_000
/** How long idle connections stay open while the server stops: `deploy/nginx.conf` closes its own before. */
const IDLE_MS = 4_000

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
      })
      if (this.#isStopping) res.setHeader('Connection', 'close')
      handler(req, res)
    })
  }

  /** @throws Error of the system, such as EADDRINUSE */
  static async listen(port: number, host: string, handler: RequestListener): Promise<GracefulServer> {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
    const graceful = new GracefulServer(server, handler)
    server.listen(port, host)
    await once(server, 'listening')
    return graceful
  }

  /**
   * Takes no new connections, and waits for the requests under way, and for those that are on their way on connections
   * that are open. A stream of events, which has no end, is ended.
   *
   * @param graceMs after so many milliseconds every connection is cut
   * @returns whether every request was answered
   */
  async stop(graceMs: number): Promise<boolean> {
    this.#isStopping = true
    const server = this.#server
    if (!server.listening) return true
    let isCut = false
    const timers = [
      setTimeout(() => {
        isCut = this.#underWay.size > 0
        server.closeAllConnections()
      }, graceMs),
      setTimeout(() => server.closeIdleConnections(), Math.min(graceMs, IDLE_MS)),
    ]
    const closed = once(server, 'close')
    // An http server's own close would cut connections on which a request may be on its way
    NetServer.prototype.close.call(server)
    for (const res of this.#underWay) {
      if (isEventStream(res)) res.end(() => res.req.socket.destroySoon())
      // The connection of the last response closes with it
      else if (!res.headersSent) res.setHeader('Connection', 'close')
    }
    await closed
    for (const timer of timers) clearTimeout(timer)
    // Ends the timer that looks for slow requests
    server.close(() => undefined)
    return !isCut
  }
}

function isEventStream(res: ServerResponse): boolean {
  return res.headersSent && String(res.getHeader('content-type')).startsWith('text/event-stream')
}
