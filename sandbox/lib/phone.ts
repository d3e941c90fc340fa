/** What lets a phone of the local network use a sandbox. */
import { networkInterfaces } from 'node:os'
import qrcode from 'qrcode-generator'

/**
 * The address by which others on the network reach this machine: the first private one of IPv4.
 *
 * @throws Error if there is none
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

/** Light modules around the code, which scanners want. */
const MARGIN = 2
/** Black on white, in every terminal. */
const [COLOURS, PLAIN] = ['\u001b[30;107m', '\u001b[0m']
/** Two modules above one another in one letter: none, the lower, the upper, both. */
const HALVES = [' ', '▄', '▀', '█']

/** @returns a QR code of the text for a terminal, level L */
export function qrForTerminal(text: string): string {
  const code = qrcode(0, 'L')
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  const isDark = (x: number, y: number): boolean =>
    Math.min(x, y) >= 0 && Math.max(x, y) < count && code.isDark(y, x)
  const lines: string[] = []
  for (let y = -MARGIN; y < count + MARGIN; y += 2) {
    let line = ''
    for (let x = -MARGIN; x < count + MARGIN; x++) {
      line += HALVES[2 * Number(isDark(x, y)) + Number(isDark(x, y + 1))] ?? ''
    }
    lines.push(COLOURS + line + PLAIN)
  }
  return lines.join('\n')
}

/** What is said of a page that a phone is to open. */
export function phoneNote(url: string): string {
  return `On your phone, in the same network: ${url}\n\n${qrForTerminal(url)}\n`
}
