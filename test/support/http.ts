import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { IncomingMessage, RequestListener, RequestOptions } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/** A server on a free port of 127.0.0.1. */
export interface Listening {
  readonly port: number
  readonly origin: string
  close: () => Promise<void>
}

/** Starts any server and says how to end it, with every connection that is still open. */
export async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>()
  const remember = (socket: { destroy(): void; once(event: 'close', done: () => void): void }): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  server.on('connection', remember)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

export function serve(handler: RequestListener): Promise<Listening> {
  return listen(createServer(handler))
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Sends one request with exactly these headers, as no fetch would, on a new connection. */
export async function send(
  port: number,
  options: RequestOptions & { body?: string | Uint8Array },
): Promise<Reply> {
  const { body, ...rest } = options
  const req = request({ port, host: '127.0.0.1', agent: false, ...rest })
  req.end(body)
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of res) chunks.push(chunk as Buffer)
  return { status: res.statusCode!, headers: res.headers, text: Buffer.concat(chunks).toString() }
}
