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
  /** `http://HOST:PORT`, no slash at its end: where browsers find it. */
  readonly url: string
  /** The same, where a program on this machine finds it. */
  readonly localUrl: string

  /** @internal Use `listen`. */
  constructor(servers: readonly Server[], host: string, phone?: string) {
    this.#servers = servers
    const local = isLocalhost(host) || isEveryAddress(host) ? 'localhost' : bracketed(host)
    const [port] = servers.map(portOf)
    // A browser writes no port 80
    const urlAt = (name: string): string => new URL(`http://${name}:${port}`).origin
    this.localUrl = urlAt(local)
    this.url = phone === undefined ? this.localUrl : urlAt(bracketed(phone))
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
 * @param phone a further address of this machine, at which browsers are to find it
 * @throws Error of the system, such as EADDRINUSE
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
