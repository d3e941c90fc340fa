import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a ticket says of the iframe page that it was put into. */
export interface Embedding {
  readonly appId: string
  /** The origin of the page around it, by the browser's `Referer`; empty where the browser sent none. */
  readonly origin: string
}

/**
 * The iframe page of 2017 asks for its QR code itself, so that the request's `Origin` is the server's own and says
 * nothing of the page around it. So the server puts a ticket into that page, which only the allowed domains of its
 * app may frame, and which no other page can read; the ticket comes back with the request.
 *
 * A ticket admits nobody by itself: the origin in it is looked up among the app's
 * allowed domains each time.
 */
export class FrameTickets {
  readonly #key: Buffer

  /** @param secret the server's, the same in each of its processes */
  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('frame tickets').digest()
  }

  issue({ appId, origin }: Embedding): string {
    const text = Buffer.from(JSON.stringify([appId, origin])).toString('base64url')
    return `${text}.${this.#sign(text)}`
  }

  /** @returns what a ticket of this server says; undefined for anything else */
  read(ticket: string): Embedding | undefined {
    const [text = '', signature = ''] = ticket.split('.')
    const [expected, actual] = [Buffer.from(this.#sign(text)), Buffer.from(signature)]
    if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return undefined
    const [appId, origin] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string]
    return { appId, origin }
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}
