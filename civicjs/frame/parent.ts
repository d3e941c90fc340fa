import { fieldsOf, textOf } from '../lib/messages.ts'
import type { Fields, ToPage } from '../lib/messages.ts'
import { originOf } from '../lib/origin.ts'
import { merged } from './merged.ts'

/** What the site's page says. */
export interface Heard {
  /** What it wants to ask for. */
  readonly options: (given: unknown) => void
  /** An answer to a wish for a code, and for a link on a phone. */
  readonly code: (answer: Fields) => void
  readonly link: (answer: Fields) => void
  /** Why there is no code; empty if it does not say. */
  readonly failed: (text: string) => void
}

/**
 * The site's page around this one. Listens only to the framing window, and posts only to the origin that the browser
 * reports for it. The server decides which origins may frame this page (`frame-ancestors`, from the app's white list).
 */
export class Parent {
  readonly origin = parentOrigin()

  constructor(heard: Heard) {
    window.addEventListener('message', (message) => {
      if (message.source !== window.parent || message.origin !== this.origin) return
      hear(fieldsOf(message.data), heard)
    })
  }

  /** The site's name for people: the host, with its port if any. */
  get host(): string {
    return this.origin.replace(/^https?:\/\//, '')
  }

  post(message: ToPage): void {
    // The original CivicJS passes this on in its events, and some sites accept no token without it
    const said = merged(message, { clientVersion: 'v3' })
    if (this.origin !== '') window.parent.postMessage(said, this.origin)
  }
}

function hear(message: Fields, { options, code, link, failed }: Heard): void {
  switch (message.event) {
    case 'qrCode:scopeOptions':
      options(message.options)
      break
    case 'qrCode:response':
      code(fieldsOf(message.qrCodeResponseData))
      break
    case 'mobile:response':
      link(fieldsOf(message.responseData))
      break
    case 'qrCode:error':
    case 'mobile:error':
      failed(textOf(fieldsOf(message.data).message))
      break
  }
}

function parentOrigin(): string {
  if (window.parent === window) return ''
  // Firefox and Internet Explorer have no ancestorOrigins; CivicJS makes sure that there is a referrer
  const ancestors = window.location.ancestorOrigins as DOMStringList | undefined
  return ancestors?.[0] ?? originOf(document.referrer)
}
