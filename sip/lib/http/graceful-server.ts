import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'

/** Longer than proxies keep idle connections. The proxy should close them, since it may be about to use one. */
const KEEP_ALIVE_MS = 65_000
/** How long idle connections stay open while the server stops; `deploy/nginx.conf` closes its connections earlier. */
const IDLE_MS = 4_000

/** A server that stops without losing a request. */
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

  /** @throws a system Error, such as EADDRINUSE */
  static async listen(port: number, host: string, handler: RequestListener): Promise<GracefulServer> {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
    const graceful = new GracefulServer(server, handler)
    server.listen(port, host)
    await once(server, 'listening')
    return graceful
  }

  /**
   * Accepts no new connections, and waits for the running requests and for those that arrive on open connections. It
   * ends event streams.
   *
   * @param graceMs milliseconds after which every connection is closed
   * @returns whether every request got its response
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
    // The http server's `close` would close connections on which a request may be arriving
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
