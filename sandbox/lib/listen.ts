import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bracketed, isEveryAddress, isLocalhost } from './hosts.ts'

/** How often to look for a port that is free on both loopback addresses. */
const ATTEMPTS = 20

/** Several servers that act as one: the same port on each address of `localhost`. */
export class Listener {
  readonly #servers: readonly Server[]
  /** `http://HOST:PORT`, without a slash at its end: the address for browsers. */
  readonly url: string
  /** The same, for programs on this machine. */
  readonly localUrl: string

  /** @internal Use `listen`. */
  constructor(servers: readonly Server[], host: string, phone?: string) {
    this.#servers = servers
    const local = isLocalhost(host) || isEveryAddress(host) ? 'localhost' : bracketed(host)
    const [port] = servers.map(portOf)
    // Browsers leave out port 80
    const urlAt = (name: string): string => new URL(`http://${name}:${port}`).origin
    this.localUrl = urlAt(local)
    this.url = phone === undefined ? this.localUrl : urlAt(bracketed(phone))
  }

  serve(handler: RequestListener): void {
    for (const server of this.#servers) server.on('request', handler)
  }

  /** Stops, and closes every connection. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map(closed))
  }
}

/**
 * Listens, before there is anything to serve.
 *
 * @param port 0 for a free one
 * @param host an address of this machine. `localhost`, `127.0.0.1` and `::1` all mean both loopback addresses, if the
 *   machine has them
 * @param phone another address of this machine, which browsers use
 * @throws a system Error, such as EADDRINUSE
 */
export async function listen(port: number, host: string, phone?: string): Promise<Listener> {
  const [first, ...others]: [string, ...string[]] = isLocalhost(host) ? ['127.0.0.1', '::1'] : [host]
  for (let attempt = 1; ; attempt += 1) {
    const servers = [await open(port, first)]
    try {
      for (const address of others) servers.push(...(await openIfThere(portOf(servers[0]), address)))
      if (phone !== undefined && !isEveryAddress(host)) servers.push(await open(portOf(servers[0]), phone))
      return new Listener(servers, host, phone)
    } catch (error) {
      await Promise.all(servers.map(closed))
      // A port that is free on one address can be in use on the other
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

/** Listens on both ports, or on neither. @throws Error as `listen` */
export async function listenTwice({
  port,
  walletPort,
  host,
  phone,
}: {
  port: number
  walletPort: number
  host: string
  phone?: string | undefined
}): Promise<Listeners> {
  const sip = await listen(port, host, phone)
  try {
    return { sip, wallet: await listen(walletPort, host, phone) }
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
