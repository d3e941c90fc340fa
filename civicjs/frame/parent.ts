import { fieldsOf } from '../lib/messages.ts'
import type { Fields, ToPage } from '../lib/messages.ts'
import { originOf } from '../lib/origin.ts'
import { merged } from './merged.ts'

/**
 * The site's page around this one. Only the window that frames us is heard, and only the origin that the
 * browser names as its own is spoken to. Which origins may frame us at all is the server's to say
 * (`frame-ancestors`, from the app's domain white list).
 */
export class Parent {
  readonly origin = parentOrigin()

  constructor(received: (message: Fields) => void) {
    window.addEventListener('message', (message) => {
      if (message.source !== window.parent || message.origin !== this.origin) return
      received(fieldsOf(message.data))
    })
  }

  /** The site as people know it: the host, with its port if it has one. */
  get host(): string {
    return this.origin.replace(/^https?:\/\//, '')
  }

  post(message: ToPage): void {
    // The original CivicJS hands this on in its events, and some sites take no token without it
    const said = merged(message, { clientVersion: 'v3' })
    if (this.origin !== '') window.parent.postMessage(said, this.origin)
  }
}

function parentOrigin(): string {
  if (window.parent === window) return ''
  // Firefox and Internet Explorer have no ancestorOrigins; CivicJS sees to it that there is a referrer
  const ancestors = window.location.ancestorOrigins as DOMStringList | undefined
  return ancestors?.[0] ?? originOf(document.referrer)
}
