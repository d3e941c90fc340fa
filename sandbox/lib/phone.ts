/** Support for a phone in the local network. */
import { networkInterfaces } from 'node:os'
import encodeQR from 'qr'

/**
 * This machine's address in the local network: the first private IPv4 address.
 *
 * @throws Error if this machine is not in a private network
 */
export function lanAddress(interfaces = networkInterfaces()): string {
  const all = Object.values(interfaces).flatMap((list) => list ?? [])
  const found = all.find(
    ({ internal, family, address }) => !internal && family === 'IPv4' && isPrivate(address),
  )
  if (!found)
    throw new Error('--phone: this machine has no address in a private network: join one, such as your Wi-Fi')
  return found.address
}

/** Whether an address is private (RFC 1918) or link-local. */
function isPrivate(address: string): boolean {
  return /^(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./.test(address)
}

/** Black on white in any terminal. */
const [COLOURS, PLAIN] = ['\u001b[30;107m', '\u001b[0m']
/** Characters for two modules, one above the other: none, the lower, the upper, both. */
const HALVES = [' ', '▄', '▀', '█']

/** @returns the text's QR code for a terminal, level L */
export function qrForTerminal(text: string): string {
  const modules = encodeQR(text, 'raw', { ecc: 'low', border: 2 })
  const lines: string[] = []
  for (let y = 0; y < modules.length; y += 2) {
    const [upper = [], lower = []] = modules.slice(y, y + 2)
    const letters = upper.map((isDark, x) => HALVES[2 * Number(isDark) + Number(lower[x] ?? false)] ?? '')
    lines.push(COLOURS + letters.join('') + PLAIN)
  }
  return lines.join('\n')
}

/** The message about a page to open on a phone. */
export function phoneNote(url: string): string {
  return `On your phone, in the same network: ${url}\n\n${qrForTerminal(url)}\n`
}
