/** The iframe page of a site whose own server makes the requests (docs/direct.md). */
import qrcode from 'qrcode-generator'
import { isUuid, textOf } from '../lib/messages.ts'
import type { Fields } from '../lib/messages.ts'
import type { Code } from './code.ts'
import { byId, showPaper } from './view.ts'
import type { Channel } from './words.ts'

/**
 * The path of the site's routes, from the address of this page, `{mount}/frame/index.html`, so that the framing page
 * cannot choose it.
 * @param parent the origin of the page around this one
 * @returns undefined if this is a SIP's page, or the framing page has another origin
 */
export function mountOf(parent: string): string | undefined {
  const { protocol, host, pathname } = window.location
  if (parent !== `${protocol}//${host}`) return undefined
  return /^(.*)\/frame\/(?:index\.html)?$/.exec(pathname)?.[1]
}

/**
 * Shows the code for the link that the site sent. On the wallet's device the code is hidden: it would come back to the
 * same device.
 * @returns undefined if it cannot be shown
 */
export function directCode({ uuid, link, timeout }: Fields, channel: Channel): Code | undefined {
  const code = { uuid, link: textOf(link), timeoutS: Number(timeout) }
  if (!isUuid(uuid) || !/^https?:\/\//.test(code.link) || !(code.timeoutS > 0)) return undefined
  if (channel === 'scan') drawQrCode(code.link)
  showPaper(channel === 'scan')
  return { uuid, link: code.link, timeoutS: code.timeoutS }
}

/** Draws the QR code of `link` as inline SVG, which every content security policy allows. */
function drawQrCode(link: string): void {
  const quiet = 4
  // Level M, as in SIPs' codes; the smallest version that fits the link
  const code = qrcode(0, 'M')
  code.addData(link)
  code.make()
  const size = code.getModuleCount()
  let path = ''
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) if (code.isDark(y, x)) path += `M${x + quiet} ${y + quiet}h1v1h-1z`
  }
  byId('drawn').setAttribute('viewBox', `0 0 ${size + 2 * quiet} ${size + 2 * quiet}`)
  byId('modules').setAttribute('d', path)
}
