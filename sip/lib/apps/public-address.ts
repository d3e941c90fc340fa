import { BlockList, isIP } from 'node:net'

/** IPv4 networks that are not the public internet (IANA's registry of special addresses, RFC 6890). */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]
/** Of IPv6, only 2000::/3 is public, except for special ranges and those that embed an IPv4 address. */
const GLOBAL_V6 = '2000::/3'
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const special = listOf([...SPECIAL_V4, ...SPECIAL_V6])
const global6 = listOf([GLOBAL_V6])

/** Whether an address is public. An IPv4 address inside an IPv6 one is not. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4')
    case 6:
      return global6.check(address, 'ipv6') && !special.check(address, 'ipv6')
    default:
      return false
  }
}

/** Top-level names that are not in the public DNS (RFC 6761, 6762, 8375, 9476, and ICANN's `internal`). */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|test|home\.arpa|alt)$/

/**
 * Whether a host of a white list is this machine, or a name or address of a private network. These need no proof:
 * nobody can prove them, and no other person's site is there.
 */
export function isPrivateHost(host: string): boolean {
  const address = host.startsWith('[') ? host.slice(1, -1) : host
  if (isIP(address) !== 0) return !isPublicAddress(address)
  return !host.includes('.') || PRIVATE_NAME.test(host)
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
