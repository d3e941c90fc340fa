/** IPv4 networks that are not the public internet (RFC 6890), as first address and number of bits. */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
]

const V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/

function numberOf(address: string): number {
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0)
}

function isPublicV4(address: string): boolean {
  const number = numberOf(address)
  return !SPECIAL_V4.some(([network, bits]) => {
    const size = 2 ** (32 - bits)
    return Math.floor(number / size) === Math.floor(numberOf(network) / size)
  })
}

/** Whether an address is public. Of IPv6, that is 2000::/3 without ranges that embed an IPv4 address. */
export function isPublicAddress(address: string): boolean {
  if (V4.test(address)) return isPublicV4(address)
  const [first = '', second = ''] = address.toLowerCase().split(':')
  if (!/^[23][0-9a-f]{3}$/.test(first)) return false
  const [isTeredo, is6to4] = [first === '2001' && (second === '' || second === '0'), first === '2002']
  return !isTeredo && !is6to4
}

/**
 * Whether a URL's host is this machine or a private network, judging only by the name.
 *
 * @param hostname as URL normalises it, so that every notation of an address has become one
 */
export function isPrivateHost(hostname: string): boolean {
  if (hostname.startsWith('[')) return !isPublicAddress(hostname.slice(1, -1))
  if (V4.test(hostname)) return !isPublicAddress(hostname)
  const name = hostname.replace(/\.$/, '')
  return name === 'localhost' || name.endsWith('.localhost')
}
