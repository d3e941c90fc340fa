/** The iframe page's part if a SIP makes the requests. */
import { fieldsOf, isUuid, textOf } from '../lib/messages.ts'
import type { Fields } from '../lib/messages.ts'
import { postForm } from '../lib/request.ts'
import { walletLink } from './address.ts'
import { defaultTimeoutS } from './code.ts'
import type { Code } from './code.ts'
import { merged } from './merged.ts'
import type { Options } from './options.ts'
import type { Parent } from './parent.ts'
import { showQrCode } from './view.ts'
import type { Channel } from './words.ts'

/** Proves which page framed this one, if it uses CivicJS of 2017 and this page requests the code itself. */
export const ticket = document.documentElement.getAttribute('data-ticket') ?? undefined

export interface Asking {
  options: Options
  channel: Channel
  /** The hash of the verifier, for the server. */
  challenge: string
  parent: Parent
}

export interface Asked {
  /** For a wallet on another device. */
  code: (answer: Fields) => void
  /** For the one on this device. */
  link: (answer: Fields) => void
  failed: (text: string) => void
}

/**
 * Makes a request through the page around this one, so that the server sees that page's origin, or from this page.
 * @returns a function that cancels it
 */
export function askSip({ options, channel, challenge, parent }: Asking, asked: Asked): () => void {
  const { appId, verificationLevel, attributes } = options
  const isMobile = channel === 'link'
  const scope = verificationLevel === '' ? { attributes } : { verificationLevel }
  // Only the site's options for the request: the site must not choose where this page sends it
  const fields = merged(scope, { appId, challenge, channel })
  if (ticket === undefined) {
    parent.post({ event: isMobile ? 'mobile:fetchScopeRequest' : 'qrcode:fetch', data: fields })
    return () => undefined
  }
  const proof = { ticket, embedder: parent.origin }
  const done = (answer: unknown): void => {
    if (isMobile) asked.link(merged(fieldsOf(answer), { parentUrl: document.referrer }))
    else asked.code(fieldsOf(answer))
  }
  const url = `${options.requestsUrl}/qrcode`
  return postForm(url, merged(fields, proof), done, ({ message }) => asked.failed(message))
}

/** Shows the image of a SIP's code. @returns undefined if it cannot be shown */
export function hostedCode(answer: Fields, { isMobile, requestsUrl }: Options): Code | undefined {
  const { uuid, timeout } = answer
  const imageUri = textOf(answer.imageUri)
  if (!isUuid(uuid) || !(imageUri !== '' || isMobile) || !showQrCode(imageUri)) return undefined
  return {
    uuid,
    link: walletLink(`${requestsUrl}/${uuid}`),
    timeoutS: Number(timeout) > 0 ? Number(timeout) : defaultTimeoutS,
  }
}
