import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bracketed, isEveryAddress, isLocalhost } from './hosts.ts'

/** How often a free port is looked for that is free on both loopback addresses. */
const ATTEMPTS = 20

/** Servers that are one to those who call: the same port, on each address that `localhost` can mean. */
export class Listener {
  readonly #servers: readonly Server[]
  /** `http://HOST:PORT`, no slash at its end: where a browser on this machine finds it. */
  readonly url: string

  /** @internal Use `listen`. */
  constructor(servers: readonly Server[], host: string) {
    this.#servers = servers
    const reached = isLocalhost(host) || isEveryAddress(host) ? 'localhost' : bracketed(host)
    // A browser writes no port 80
    this.url = new URL(`http://${reached}:${portOf(servers[0])}`).origin
  }

  serve(handler: RequestListener): void {
    for (const server of this.#servers) server.on('request', handler)
  }

  /** Stops, and cuts every connection. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map(closed))
  }
}

/**
 * Listens, with nothing to serve yet.
 *
 * @param port 0 for a free one
 * @param host an address of this machine. `localhost`, `127.0.0.1` and `::1` are one: each of both addresses, where
 *   the machine has it
 * @throws Error of the system, such as EADDRINUSE
 */
export async function listen(port: number, host: string): Promise<Listener> {
  const [first, ...others]: [string, ...string[]] = isLocalhost(host) ? ['127.0.0.1', '::1'] : [host]
  for (let attempt = 1; ; attempt += 1) {
    const servers = [await open(port, first)]
    try {
      for (const address of others) servers.push(...(await openIfThere(portOf(servers[0]), address)))
      return new Listener(servers, host)
    } catch (error) {
      await Promise.all(servers.map(closed))
      // What is free on one address can be taken on the other
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!isTaken || port !== 0 || attempt === ATTEMPTS) throw error
    }
  }
}

/** The server's and the wallet's. */
export interface Listeners {
  readonly sip: Listener
  readonly wallet: Listener
}

/** Listens at both ports, or at none. @throws Error as `listen` */
export async function listenTwice({
  port,
  walletPort,
  host,
}: {
  port: number
  walletPort: number
  host: string
}): Promise<Listeners> {
  const sip = await listen(port, host)
  try {
    return { sip, wallet: await listen(walletPort, host) }
  } catch (error) {
    await sip.close()
    throw error
  }
}

export async function closeAll({ sip, wallet }: Listeners): Promise<void> {
  await Promise.all([sip.close(), wallet.close()])
}

async function open(port: number, address: string): Promise<Server> {
  const server = createServer()
  server.listen(port, address)
  await once(server, 'listening')
  return server
}

/** A machine without IPv6 has one loopback address. */
async function openIfThere(port: number, address: string): Promise<Server[]> {
  try {
    return [await open(port, address)]
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return []
    throw error
  }
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo).port
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
