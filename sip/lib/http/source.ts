import { isIPv6 } from 'node:net'
import type { Request } from 'express'

/**
 * The address to count a request by: an IPv4 address, or an IPv6 network of 56 bits, as a household has.
 *
 * @returns undefined if it is unknown
 */
export function sourceOf({ ip }: Pick<Request, 'ip'>): string | undefined {
  if (ip === undefined) return undefined
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(address)) return address
  const [left = '', right = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [left, right].map((side) => side.split(':').filter(Boolean)) as [string[], string[]]
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  const digits = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('')
  return `${digits.slice(0, 14)}/56`
}
