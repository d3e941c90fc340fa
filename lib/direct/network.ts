import { BlockList, isIP, isIPv6 } from 'node:net'
import type { RequestLike } from '../origin.ts'

/** What frameworks and Node say about a request's origin. */
interface Connected extends RequestLike {
  /** Express and Fastify, which know which proxies to trust. */
  ip?: unknown
  socket?: { remoteAddress?: string | undefined }
}

/** The network bits that devices in a household or an office share. */
export const NEAR = { v4: 24, v6: 56 }

/** The address that a request is from; empty if unknown. */
export function addressOf(req: RequestLike): string {
  const { ip, socket } = req as Connected
  const address = typeof ip === 'string' ? ip : (socket?.remoteAddress ?? '')
  // An IPv4 address on a dual-stack socket
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/**
 * The network of an address, in CIDR notation.
 *
 * @param bits of an IPv4 and of an IPv6 network, multiples of 8
 * @returns an empty string if it is not an address
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

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`)
  const [left, right = ''] = hostname.slice(1, -1).split('::') as [string, string?]
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

/** A browser and its system, such as `Firefox on Windows`. Nothing else of the header is used. */
export function agentOf(userAgent: unknown): string | undefined {
  if (typeof userAgent !== 'string') return undefined
  const named = [BROWSERS, SYSTEMS].map((table) => table.find(([pattern]) => pattern.test(userAgent))?.[1])
  return named.filter((name) => name !== undefined).join(' on ') || undefined
}

const PRIVATE = new BlockList()
PRIVATE.addSubnet('10.0.0.0', 8)
PRIVATE.addSubnet('172.16.0.0', 12)
PRIVATE.addSubnet('192.168.0.0', 16)
PRIVATE.addSubnet('169.254.0.0', 16)
PRIVATE.addSubnet('fe80::', 10, 'ipv6')

/**
 * Whether an address is in a private network (RFC 1918) or link-local (RFC 3927, RFC 4291). It may be an IPv4 address
 * written as IPv6.
 *
 * @param hostname as URL normalises it: IPv6 in brackets
 */
export function isPrivate(hostname: string): boolean {
  const address = hostname.replace(/[[\]]/g, '')
  return PRIVATE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
