import { isIP } from 'node:net'
import type { RequestLike } from '../origin.ts'

/** What frameworks and Node say of where a request is from. */
interface Connected extends RequestLike {
  /** Express and Fastify: as they trust their proxies. */
  ip?: unknown
  socket?: { remoteAddress?: string | undefined }
}

/** How near wallet and browser are in what a household or an office has. */
export const NEAR = { v4: 24, v6: 56 }

/** The address that a request is from; empty where nobody knows. */
export function addressOf(req: RequestLike): string {
  const { ip, socket } = req as Connected
  const address = typeof ip === 'string' ? ip : (socket?.remoteAddress ?? '')
  // An IPv4 address on a socket for both
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/**
 * The network of an address, in CIDR notation.
 *
 * @param bits of an IPv4 and of an IPv6 network, multiples of 8
 * @returns an empty text for what is no address
 */
export function networkOf(address: string, bits: { v4: number; v6: number }): string {
  const family = isIP(address)
  if (family === 4) {
    const bytes = address.split('.').map((byte, index) => (index < bits.v4 / 8 ? byte : '0'))
    return `${bytes.join('.')}/${bits.v4}`
  }
  if (family === 0) return ''
  const groups = groupsOf(address).map((group, index) => {
    const kept = Math.max(0, Math.min(16, bits.v6 - 16 * index))
    return (group & (0xffff << (16 - kept)) & 0xffff).toString(16)
  })
  const shown = groups.slice(0, Math.ceil(bits.v6 / 16)).join(':')
  return `${shown}::/${bits.v6}`
}

/** The eight groups of an IPv6 address that Node has found to be one. */
function groupsOf(address: string): number[] {
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`)
  const [left = '', right = ''] = hostname.slice(1, -1).split('::')
  const [before, after] = [left, right].map((side) => side.split(':').filter(Boolean)) as [string[], string[]]
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  return [...before, ...zeros, ...after].map((group) => parseInt(group, 16))
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg/, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** A browser and its system in words, such as `Firefox on Windows`, and nothing else of what the header tells. */
export function agentOf(userAgent: unknown): string | undefined {
  if (typeof userAgent !== 'string') return undefined
  const named = [BROWSERS, SYSTEMS].map((table) => table.find(([pattern]) => pattern.test(userAgent))?.[1])
  return named.filter((name) => name !== undefined).join(' on ') || undefined
}

/** An address of a private network (RFC 1918) or link-local (RFC 3927, RFC 4291). */
export function isPrivate(hostname: string): boolean {
  return (
    /^10(?:\.\d{1,3}){3}$/.test(hostname) ||
    /^192\.168(?:\.\d{1,3}){2}$/.test(hostname) ||
    /^172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}$/.test(hostname) ||
    /^169\.254(?:\.\d{1,3}){2}$/.test(hostname) ||
    /^\[fe[89ab][0-9a-f]:/.test(hostname)
  )
}
