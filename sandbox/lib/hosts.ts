import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'

/**
 * The host names at which a sandbox responds.
 * @param host the address that the sandbox listens on
 */
export function namesOf(host: string): string[] {
  return ['localhost', '127.0.0.1', '[::1]', bracketed(host), ...ownNames(host)]
}

/** Whether a host is `localhost` or an address that it stands for. */
export function isLocalhost(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(host)
}

/** Whether a host reaches only this machine. @param host an address, or a host in a URL */
export function isLoopback(host: string): boolean {
  return isLocalhost(host) || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Whether a host means all addresses of this machine. */
export function isEveryAddress(host: string): boolean {
  return ['0.0.0.0', '::'].includes(host)
}

/** This machine's names for others, if a sandbox listens on all its addresses. */
function ownNames(host: string): string[] {
  if (!isEveryAddress(host)) return []
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map((entry) => entry.address),
  )
  const name = hostname().toLowerCase()
  // Leaves out a name that no browser sends
  return [...addresses.map(bracketed), name, `${name}.local`].filter((own) => !own.includes('_'))
}

/** An address in a URL: IPv6 in brackets. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address.toLowerCase()
}

/**
 * The origins at which a sandbox can be reached, the main one first.
 * @param url the main origin
 * @param host the address that it listens on
 * @param allowHosts further names, which may belong to a proxy that ends TLS
 */
export function originsOf(url: string, host: string, allowHosts: readonly string[]): [string, ...string[]] {
  const { port } = new URL(url)
  const plain = [...namesOf(host), ...allowHosts].map((name) => `http://${name}:${port || '80'}`)
  const behindProxy = allowHosts.map((name) => `https://${name}`)
  const others = new Set([...plain, ...behindProxy].map((origin) => new URL(origin).origin))
  others.delete(url)
  return [url, ...others]
}
