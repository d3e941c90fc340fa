/** What the iframe page does where the site's own server makes the requests (docs/direct.md). */
import qrcode from 'qrcode-generator'
import { isUuid, textOf } from '../lib/messages.ts'
import type { Fields } from '../lib/messages.ts'
import type { Code } from './code.ts'
import { byId, showPaper } from './view.ts'
import type { Channel } from './words.ts'

/**
 * Where the site has its routes, by the address of this page, `{mount}/frame/index.html`: what a page says that
 * frames us leads to no other place.
 * @param parent the origin of the page around this one
 * @returns undefined where this is a SIP's page, or a page of another origin frames it
 */
export function mountOf(parent: string): string | undefined {
  const { protocol, host, pathname } = window.location
  if (parent !== `${protocol}//${host}`) return undefined
  return /^(.*)\/frame\/(?:index\.html)?$/.exec(pathname)?.[1]
}

/**
 * Shows the code of the link that the site gave. The wallet's own device shows no code: it would lead back there.
 * @returns undefined if it cannot be shown
 */
export function directCode({ uuid, link, timeout }: Fields, channel: Channel): Code | undefined {
  const code = { uuid, link: textOf(link), timeoutS: Number(timeout) }
  if (!isUuid(uuid) || !/^https?:\/\//.test(code.link) || !(code.timeoutS > 0)) return undefined
  if (channel === 'scan') drawQrCode(code.link)
  showPaper(channel === 'scan')
  return { uuid, link: code.link, timeoutS: code.timeoutS }
}

/** Draws the QR code of `link` as SVG, which every content security policy allows. */
function drawQrCode(link: string): void {
  const quiet = 4
  // Level M, as SIPs' codes have it; the smallest version that holds the link
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
