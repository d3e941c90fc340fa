/** What lets a phone of the local network use a sandbox. */
import { networkInterfaces } from 'node:os'
import encodeQR from 'qr'

/**
 * The address by which others on the network reach this machine: the first private one of IPv4.
 *
 * @throws Error if this machine is in no private network
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

/** Whether it is an address of a private network: RFC 1918, link-local. */
function isPrivate(address: string): boolean {
  return /^(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./.test(address)
}

/** Black on white, in every terminal. */
const [COLOURS, PLAIN] = ['\u001b[30;107m', '\u001b[0m']
/** Two modules above one another in one letter: none, the lower, the upper, both. */
const HALVES = [' ', '▄', '▀', '█']

/** @returns a QR code of the text for a terminal, level L */
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

/** What is said of a page that a phone is to open. */
export function phoneNote(url: string): string {
  return `On your phone, in the same network: ${url}\n\n${qrForTerminal(url)}\n`
}
