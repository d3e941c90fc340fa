import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'

/**
 * The names of this machine at which a sandbox answers.
 * @param host the address that it listens on
 */
export function namesOf(host: string): string[] {
  return ['localhost', '127.0.0.1', '[::1]', bracketed(host), ...ownNames(host)]
}

/** Whether it is `localhost` or one of the addresses that this means. */
export function isLocalhost(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(host)
}

/** Whether only this machine is reached by it. @param host an address, or what stands in a URL */
export function isLoopback(host: string): boolean {
  return isLocalhost(host) || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Whether it means all addresses of this machine. */
export function isEveryAddress(host: string): boolean {
  return ['0.0.0.0', '::'].includes(host)
}

/** What this machine is called by others, once a sandbox listens on all its addresses. */
function ownNames(host: string): string[] {
  if (!isEveryAddress(host)) return []
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map((entry) => entry.address),
  )
  const name = hostname().toLowerCase()
  // A name that no browser sends is left out
  return [...addresses.map(bracketed), name, `${name}.local`].filter((own) => !own.includes('_'))
}

/** An address as it stands in a URL: IPv6 in brackets. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address.toLowerCase()
}

/**
 * The origins by which a sandbox is reached, its own first.
 * @param url its own
 * @param host the address that it listens on
 * @param allowHosts further names, which may be those of a proxy that ends TLS
 */
export function originsOf(url: string, host: string, allowHosts: readonly string[]): [string, ...string[]] {
  const { port } = new URL(url)
  const plain = [...namesOf(host), ...allowHosts].map((name) => `http://${name}:${port || '80'}`)
  const behindProxy = allowHosts.map((name) => `https://${name}`)
  const others = new Set([...plain, ...behindProxy].map((origin) => new URL(origin).origin))
  others.delete(url)
  return [url, ...others]
}
